// How long t-SNE of the bundled word vectors takes: tsne_bench [words] [steps], 5000 and 1000 if not said.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "core/analysis/tsne.h"
#include "core/base/parallel.h"
#include "core/bundled.h"
#include "core/formats/word_vectors.h"
#include "tests/cpu_seconds.h"

using namespace lw;

namespace {

template <class Work>
void measure(const char* what, Work work) {
    const auto start = std::chrono::steady_clock::now();
    const double cpu = test::cpuSeconds();
    work();
    const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    fmt::print("{:32} {:8.2f} s, CPU {:8.2f} s\n", what, wall, test::cpuSeconds() - cpu);
}

}  // namespace

int main(int argc, char** argv) {
    const int words = argc > 1 ? std::atoi(argv[1]) : 5000, steps = argc > 2 ? std::atoi(argv[2]) : 1000;
    const auto table = readWordVectors(resourcesFolder() / "vectors" / "glove-twitter-25d.bin");
    if (!table || words < 2 || words > table->vectors.rows()) {
        fmt::print(stderr, "{}\n", table ? "That many words are not there." : table.error().message);
        return 1;
    }
    const MatrixD rows = table->vectors.topRows(words).cast<double>();
    fmt::print("{} words, {} threads\n", words, threadCount());
    Result<Nearnesses> near = cancelledError();
    measure("nearest neighbours, perplexity", [&] { near = nearnesses(rows, 30); });
    TsneLayout layout = tsneStart(words, 1);
    measure(fmt::format("{} steps", steps).c_str(), [&] {
        for (int i = 0; i < steps; ++i) tsneStep(*near, layout);
    });
    fmt::print("KL {:.6f} nats\n", divergence(*near, layout.points));
}

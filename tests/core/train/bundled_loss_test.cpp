// What the table of bundled models says of those that were trained here, computed again from the files that are shipped.
#include "core/bundled.h"
#include "core/load.h"
#include "core/train/documents.h"
#include "core/train/evaluation.h"
#include "core/train/packed_text.h"
#include "tests/catch.h"

using namespace lw;
using namespace lw::train;

namespace {

constexpr int context = 256;  // as the trainings in training/ have it

}  // namespace

TEST_CASE("every model that was trained here has the parameters, the loss and the bits per byte of the table") {
    for (const BundledModel& bundled : bundledModels()) {
        if (!bundled.trained) continue;
        CAPTURE(bundled.name);
        const auto loaded = loadModel(std::string(bundled.name));
        if (!loaded) FAIL(loaded.error().message);
        CHECK((*loaded)->model->info().parameters == bundled.trained->parameters);
        std::vector<Sequence> windows;
        std::int64_t bytes = 0;
        for (const char* file : {"validation-tales.txt", "validation-stories.txt"}) {
            const auto documents =
                readDocuments(std::string(LAYERWALK_TEST_DATA) + "/validation/" + file, "<|endoftext|>");
            REQUIRE(documents);
            const auto text = tokenizeDocuments(*documents, *(*loaded)->tokenizer, file);
            REQUIRE(text);
            bytes += text->predictable;
            for (const auto& document : text->documents) {
                for (Sequence& window : evaluationWindows(document, context, context)) windows.push_back(std::move(window));
            }
        }
        CHECK(bytes > 90000);
        const auto result = evaluate(*(*loaded)->model, windows);
        REQUIRE(result);
        CHECK(std::abs(result->loss() - bundled.trained->validationLoss) < 0.01);
        CHECK(std::abs(result->bitsPerByte(bytes) - bundled.trained->bitsPerByte) < 0.01);
    }
}

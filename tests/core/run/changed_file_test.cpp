// A model whose file changes under the open program: every kind of work answers with an error instead of wrong numbers or an end.
#include <unistd.h>

#include <fstream>

#include "core/analysis/attribution.h"
#include "core/analysis/check.h"
#include "core/analysis/logit_lens.h"
#include "core/generate/beam.h"
#include "core/generate/generate.h"
#include "core/generate/run_tree.h"
#include "tests/core/formats/temporary_folder.h"
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

namespace fs = std::filesystem;

namespace {

template <class T>
void refuses(const Result<T>& result, const fs::path& file) {
    REQUIRE_FALSE(result);
    CAPTURE(result.error().message);
    CHECK(result.error().kind == ErrorKind::Unreadable);
    CHECK(result.error().message.starts_with(file.string() + " was shortened from "));
}

}  // namespace

TEST_CASE("A weight file that is shortened while its model is open stops the work, not the program", "[changed]") {
    const TemporaryFolder folder;
    const bool gguf = GENERATE(true, false);
    const fs::path path = gguf ? folder / "model.gguf" : folder / "zoo", file = gguf ? path : path / "model.safetensors";
    if (gguf)
        fs::copy_file(std::string(LAYERWALK_TEST_DATA) + "/stories260K/stories260K-Q8_0.gguf", path);
    else
        fs::copy(zooPath("gpt2"), path);
    fs::permissions(file, fs::perms::owner_all);
    const auto loaded = openModel(path.string());
    const Model& model = *loaded->model;
    const std::vector<TokenId> ids{3, 4, 5};
    const RunResult before = runAll(*loaded, ids);
    const auto root = lw::root(model, ids, CaptureSpec::all(model.info()), 0, 0, false);
    REQUIRE(root);
    REQUIRE(model.intact());

    REQUIRE(::truncate(file.c_str(), 5000) == 0);
    refuses(run(model, ids, CaptureSpec::none()), file);
    refuses(step(model, *root, CaptureSpec::all(model.info()), {}), file);
    GenerateRequest generation;
    generation.count = 3;
    refuses(generate(model, ids, generation), file);
    BeamRequest beam;
    beam.beams = 2;
    beam.count = 2;
    refuses(beamSearch(model, ids, beam), file);
    refuses(logitLens(*before.trace, model, {}), file);
    refuses(attribute(*before.trace, model, Position(2), 3), file);
    Locus place;
    place.site = SiteId::Logits;
    place.position = Position(2);
    place.unit = Unit(3);
    refuses(checkValue(*before.trace, model, place, CheckPath::FromOperands), file);
    refuses(checkValue(*before.trace, model, place, CheckPath::WholeRun), file);
    CHECK_FALSE(loadModel(path.string()));
}

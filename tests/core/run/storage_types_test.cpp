// The same model in nine storage types: logits against those of its weights read as float32 by another program.
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

TEST_CASE("stories260K in every storage type") {
    const std::string folder = std::string(LAYERWALK_TEST_DATA) + "/stories260K/";
    const Reference expected(folder + "expected-logits.safetensors");
    const std::vector<TokenId> ids = expected.ids("input_ids");
    for (const char* type : {"f32", "F16", "BF16", "Q8_0", "Q5_0", "Q5_1", "Q4_0", "Q4_1", "IQ4_NL"}) {
        const std::string file = std::string("stories260K-") + type + ".gguf";
        const auto loaded = openModel(std::string(type) == "f32" ? "stories260K" : folder + file);
        CAPTURE(file);
        const auto whole = runAll(*loaded, ids);
        CHECK(relativeDifference(whole.trace->matrix(SiteId::Logits).data(), expected.floats(file)) < 1e-5);
        // Steps of one token use other kernels than a prompt: still the same numbers.
        const Matrix all = whole.trace->matrix(SiteId::Logits), steps = runAll(*loaded, ids, 1).trace->matrix(SiteId::Logits);
        const double worst = (all - steps).cwiseAbs().maxCoeff() / all.cwiseAbs().maxCoeff();
        INFO("steps against the whole: " << worst);
        CHECK(worst < (std::string(type) == "f32" ? 1e-5 : 1e-4));
    }
}

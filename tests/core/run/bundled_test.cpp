// The bundled models against what other programs say of them.
#include "core/bundled.h"

#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "core/generate/generate.h"
#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;
using nlohmann::json;

namespace {

// Base64 of little-endian float32, as llm-viz stores its arrays.
std::vector<float> decoded(const json& tensor) {
    std::string bytes;
    int bits = 0, count = 0;
    for (const char c : tensor["data"].get<std::string>()) {
        const auto at = std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/").find(c);
        if (at == std::string_view::npos) break;
        bits = (bits << 6) | static_cast<int>(at);
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes.push_back(static_cast<char>((bits >> count) & 255));
        }
    }
    std::vector<float> values(bytes.size() / 4);
    std::memcpy(values.data(), bytes.data(), values.size() * 4);
    return values;
}

}  // namespace

TEST_CASE("gpt-nano-sort: intermediates of three prompts") {
    const auto loaded = openModel("gpt-nano-sort");
    const json partials = json::parse(std::ifstream(std::string(LAYERWALK_TEST_DATA) + "/gpt-nano-sort-t0-partials.json"));
    const std::vector<float> idx = decoded(partials["idx"]);
    for (int b = 0; b < 3; ++b) {
        std::vector<TokenId> ids;
        for (int t = 0; t < 11; ++t) ids.push_back(static_cast<TokenId>(idx[static_cast<std::size_t>(b * 11 + t)]));
        const auto trace = runAll(*loaded, ids).trace;
        const auto part = [&](const char* name) {  // this prompt's share of a [3, …] array
            const std::vector<float> all = decoded(partials[name]);
            const auto n = static_cast<std::ptrdiff_t>(all.size() / 3);
            return std::vector<float>(all.begin() + b * n, all.begin() + (b + 1) * n);
        };
        const auto close = [&](const char* name, const Matrix& got) {
            const std::vector<float> want = part(name);
            CAPTURE(b, name);
            REQUIRE(static_cast<std::size_t>(got.size()) == want.size());
            CHECK(relativeDifference(got.data(), want) < 1e-5);
        };
        const auto heads = [](const Matrix& m) {  // [T, H·Dh] → [H, T, Dh], as minGPT has it
            Matrix out(m.rows() * 3, m.cols() / 3);
            for (int h = 0; h < 3; ++h) out.middleRows(h * m.rows(), m.rows()) = m.middleCols(h * out.cols(), out.cols());
            return out;
        };
        const Layer first(0);
        close("q", heads(trace->matrix(SiteId::Q, first)));
        close("k", heads(trace->matrix(SiteId::K, first)));
        close("v", heads(trace->matrix(SiteId::V, first)));
        Matrix scores(33, 11), pattern(33, 11);
        for (int h = 0; h < 3; ++h) {
            scores.middleRows(h * 11, 11) = trace->scores(first, Head(h));
            pattern.middleRows(h * 11, 11) = trace->pattern(first, Head(h));
        }
        close("att", scores);
        close("attSm", pattern);
        close("y", trace->matrix(SiteId::Z, first));
        close("yProj", trace->matrix(SiteId::AttnOut, first));
        close("attnResid", trace->matrix(SiteId::ResidMid, first));
        close("fc", trace->matrix(SiteId::MlpPre, first));
        close("gelu", trace->matrix(SiteId::MlpPost, first));
        close("mlp", trace->matrix(SiteId::MlpOut, first));
        for (int l = 0; l < 3; ++l) close(("block" + std::to_string(l)).c_str(), trace->matrix(SiteId::ResidPost, Layer(l)));
        close("lm_head", trace->matrix(SiteId::Logits));
    }
}

TEST_CASE("gpt-nano-sort sorts") {
    const auto loaded = openModel("gpt-nano-sort");
    for (const std::string letters : {"CBABBC", "AAAAAA", "CCBBAA", "BCABCA"}) {
        const auto encoding = loaded->tokenizer->encode(letters);
        REQUIRE(encoding);
        GenerateRequest request;
        request.count = 5;
        request.settings.greedy = true;
        // The model was trained to repeat the six letters in order: the first one comes out of the last given letter's position.
        const auto made = generate(*loaded->model, encoding->ids(), request);
        REQUIRE(made);
        std::string sorted = letters;
        std::ranges::sort(sorted);
        std::vector<TokenId> ids;
        for (const Choice& step : made->steps) ids.push_back(step.id);
        CHECK(loaded->tokenizer->decode(ids).value() == sorted.substr(0, 5));
    }
}

TEST_CASE("stories260K: 200 greedy tokens as llama2.c writes them") {
    const auto loaded = openModel("stories260K");
    std::ifstream file(std::string(LAYERWALK_TEST_DATA) + "/stories260K/expected-greedy-200.txt");
    const std::string want(std::istreambuf_iterator<char>(file), {});
    REQUIRE(want.size() > 300);
    const auto prompt = loaded->tokenizer->encode("");
    GenerateRequest request;
    request.count = 199;  // llama2.c counts BOS as a step
    request.settings.greedy = true;
    const auto made = generate(*loaded->model, {1}, request);
    REQUIRE(made);
    std::vector<TokenId> ids{1};
    for (const Choice& step : made->steps) ids.push_back(step.id);
    std::string text = loaded->tokenizer->decode(ids).value();
    if (const auto bos = text.find("<s>"); bos != std::string::npos) text.erase(bos, 3);
    if (!text.empty() && text.front() == ' ') text.erase(0, 1);
    INFO(text);
    CHECK(text.size() > 300);
    CHECK(want.starts_with(text.substr(0, want.size())));
}

TEST_CASE("every bundled model is there, opens without warnings, and runs its sample") {
    REQUIRE(bundledModels().size() >= 2);
    for (const BundledModel& bundled : bundledModels()) {
        const auto loaded = openModel(std::string(bundled.name));
        CAPTURE(bundled.name);
        CHECK(loaded->warnings.empty());
        REQUIRE(loaded->tokenizer);
        const auto sample = loaded->tokenizer->encode(bundled.sample);
        REQUIRE(sample);
        CHECK(sample->tokens.size() >= 6);
        runAll(*loaded, sample->ids());
        CHECK(loaded->fingerprint().size() == 32);
        CHECK_FALSE(bundled.licence.empty());
        CHECK_FALSE(bundled.source.empty());
    }
}

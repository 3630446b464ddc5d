#include "widgets/inspector/row_text.h"

#include "tests/core/models/zoo.h"

using namespace lw;
using namespace lw::test;

TEST_CASE("A row holds the values that the trace gives one by one, and names each") {
    const auto loaded = openModel("stories260K");  // 8 query heads share 4 key and value heads
    const auto ids = loaded->tokenizer->encode("Once upon a time");
    REQUIRE(ids);
    const RunResult run = runAll(*loaded, ids->ids());
    const Trace& trace = *run.trace;
    for (const char* text :
         {"L1 q3 blocks.1.hook_attn_out", "L1 H6 q3 blocks.1.attn.hook_k", "L1 q3 blocks.1.attn.hook_k",
          "L1 q3 blocks.1.attn.hook_q", "L2 H3 q4 blocks.2.attn.hook_pattern", "L2 H3 q2 blocks.2.attn.hook_attn_scores",
          "q2 logits", "q2 hook_embed", "L0 q1 blocks.0.mlp.hook_post", "q1 ln_final.hook_scale"}) {
        CAPTURE(text);
        const Locus place = *parseLocus(text);
        const auto row = rowOf(trace, place);
        REQUIRE(!row.empty());
        for (int i = 0; i < static_cast<int>(row.size()); ++i) {
            const Locus one = placeInRow(trace, place, i);
            const auto value = trace.value(*one.site, one.layer.value_or(Layer(0)), one.head, *one.position, one.key, one.unit);
            CAPTURE(i, print(one));
            REQUIRE(value);
            CHECK(*value == row[static_cast<std::size_t>(i)]);
        }
    }
}

TEST_CASE("A place outside of the run has no row") {
    const auto loaded = openModel("stories260K");
    const auto ids = loaded->tokenizer->encode("Once");
    REQUIRE(ids);
    const RunResult run = runAll(*loaded, ids->ids());
    const Trace& trace = *run.trace;
    CHECK(rowOf(trace, *parseLocus("L9 q0 blocks.9.hook_attn_out")).empty());
    CHECK(rowOf(trace, *parseLocus("q900 logits")).empty());
    CHECK(rowOf(trace, *parseLocus("L1 q0 blocks.1.attn.hook_pattern")).empty());  // of which head?
    CHECK(rowOf(trace, *parseLocus("L1 H99 q0 blocks.1.attn.hook_q")).empty());
}

TEST_CASE("A copied row reads back to the same floats") {
    CHECK(rowText({0.1f, -2, 3e-8f}) == "0.1, -2, 3e-08");
    CHECK(rowText({}).empty());
}

// Scores of heads on a run built by hand, whose patterns are known: keys and queries are chosen so that a head looks where we
// want.
#include <cmath>
#include <set>

#include "core/analysis/head_scores.h"
#include "tests/catch.h"

using namespace lw;

namespace {

// Head h of query q looks (almost) only at looks[h][q]: keys are unit vectors, queries a large multiple of the wanted key.
std::shared_ptr<const Trace> lookingTrace(const std::vector<TokenId>& ids, const std::vector<std::vector<int>>& looks,
                                          float sharpness, int split = 0) {
    const int T = static_cast<int>(ids.size()), H = static_cast<int>(looks.size());
    auto info = std::make_shared<ModelInfo>();
    info->name = "by hand";
    info->width = T * H;
    info->vocabulary = 100;
    BlockInfo block;
    block.attention = {.heads = H, .kvHeads = H, .headWidth = T, .scale = 1};
    info->blocks = {block};
    Matrix q = Matrix::Zero(T, H * T), k = Matrix::Zero(T, H * T);
    for (int h = 0; h < H; ++h) {
        for (int t = 0; t < T; ++t) {
            k(t, h * T + t) = 1;
            if (looks[static_cast<std::size_t>(h)][static_cast<std::size_t>(t)] >= 0)
                q(t, h * T + looks[static_cast<std::size_t>(h)][static_cast<std::size_t>(t)]) = sharpness;
        }
    }
    std::vector<std::shared_ptr<const TraceBlock>> blocks;
    for (const auto& [first, n] : split > 0 ? std::vector<std::pair<int, int>>{{0, split}, {split, T - split}}
                                            : std::vector<std::pair<int, int>>{{0, T}}) {
        auto part = std::make_shared<TraceBlock>();
        part->first = first;
        part->ids.assign(ids.begin() + first, ids.begin() + first + n);
        part->values.resize(1);
        part->values[0][static_cast<std::size_t>(SiteId::Q)] = Tensor(Matrix(q.middleRows(first, n)));
        part->values[0][static_cast<std::size_t>(SiteId::K)] = Tensor(Matrix(k.middleRows(first, n)));
        blocks.push_back(part);
    }
    return std::make_shared<Trace>(info, CaptureSpec::none(), blocks);
}

}  // namespace

TEST_CASE("Heads that look at one place have the score of that place") {
    const std::vector<TokenId> ids{7, 1, 2, 3, 1, 2, 3};
    // previous · first · same token before · key after the same token before (else the first) · everywhere alike
    const std::vector<std::vector<int>> looks{
        {0, 0, 1, 2, 3, 4, 5}, {0, 0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 1, 2, 3}, {0, 0, 0, 0, 2, 3, 4}, {-1, -1, -1, -1, -1, -1, -1}};
    for (const int split : {0, 4}) {
        const auto scores = headScores(*lookingTrace(ids, looks, 60, split));
        REQUIRE(scores);
        REQUIRE(scores->size() == 5);
        const HeadScores &previous = (*scores)[0], &first = (*scores)[1], &same = (*scores)[2], &induction = (*scores)[3],
                         &even = (*scores)[4];
        CHECK(previous.previousToken == Approx(1));
        CHECK(previous.firstToken == Approx(1.0 / 6));  // query 1's previous token is the first
        CHECK(previous.entropy == Approx(0).margin(1e-6));
        CHECK(first.firstToken == Approx(1));
        CHECK(first.induction == Approx(0).margin(1e-6));
        CHECK(same.sameToken == Approx(1));
        CHECK(same.induction == Approx(0).margin(1e-6));
        CHECK(induction.induction == Approx(1));
        CHECK(induction.sameToken == Approx(0).margin(1e-6));
        CHECK(induction.head == Head(3));
        // Query q spreads 1/(q + 1) over its keys.
        const double mean = (1.0 / 2 + 1.0 / 3 + 1.0 / 4 + 1.0 / 5 + 1.0 / 6 + 1.0 / 7) / 6;
        CHECK(even.previousToken == Approx(mean));
        CHECK(even.firstToken == Approx(mean));
        CHECK(even.selfToken == Approx(mean));
        CHECK(even.sameToken == Approx((1.0 / 5 + 1.0 / 6 + 1.0 / 7) / 3));
        CHECK(even.induction == Approx((1.0 / 5 + 1.0 / 6 + 1.0 / 7) / 3));
        CHECK(even.entropy ==
              Approx((std::log(2) + std::log(3) + std::log(4) + std::log(5) + std::log(6) + std::log(7)) / 6).epsilon(1e-6));
    }
}

TEST_CASE("One token has no scores, and a run without q and k says so") {
    const auto one = headScores(*lookingTrace({5}, {{0}}, 1));
    REQUIRE(one);
    CHECK((*one)[0].previousToken == 0);
    CHECK((*one)[0].induction == 0);
    auto info = std::make_shared<ModelInfo>();
    info->blocks.resize(1);
    info->blocks[0].attention = {.heads = 1, .kvHeads = 1, .headWidth = 1};
    auto block = std::make_shared<TraceBlock>();
    block->ids = {1, 2};
    block->values.resize(1);
    const auto missing = headScores(Trace(info, CaptureSpec::none(), {block}));
    REQUIRE(!missing);
    CHECK(missing.error().message.find("blocks.0.attn.hook_pattern") != std::string::npos);
}

TEST_CASE("Repeated random tokens are different, repeated, and inside") {
    ModelInfo info;
    info.vocabulary = 50;
    info.context = 64;
    const auto ids = repeatedRandomTokens(info, 20, 1, 3);
    REQUIRE(ids.size() == 41);
    CHECK(ids[0] == 3);
    CHECK(std::vector<TokenId>(ids.begin() + 1, ids.begin() + 21) == std::vector<TokenId>(ids.begin() + 21, ids.end()));
    const std::set<TokenId> different(ids.begin(), ids.end());
    CHECK(different.size() == 21);
    CHECK((*different.begin() >= 0 && *different.rbegin() < 50));
    CHECK(ids == repeatedRandomTokens(info, 20, 1, 3));
    CHECK(ids != repeatedRandomTokens(info, 20, 2, 3));
    CHECK(repeatedRandomTokens(info, 1000, 1).size() == 64);  // the context
    CHECK(repeatedRandomTokens(info, 1000, 1, 3).size() == 63);
    info.vocabulary = 5;
    CHECK(repeatedRandomTokens(info, 20, 1, 3).size() == 9);  // four ids are left
}

// Configuration: model_type ngram; vocab_size; order (of the longest runs, 1 to 8).
#include "core/models/ngram.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "core/models/config_reader.h"
#include "core/models/stack_builder.h"

namespace lw {

namespace {

struct NgramState : State {
    std::vector<TokenId> last;  // at most order − 1
    int tokens = 0;

    std::unique_ptr<State> clone() const override { return std::make_unique<NgramState>(*this); }
    int length() const override { return tokens; }
    std::int64_t bytes() const override { return static_cast<std::int64_t>(last.size() * sizeof(TokenId)); }
};

double shareOf(const NgramOrder& order, std::uint32_t count, double total) {
    return total > 0 ? (count - order.discount(count)) / total : 0;
}

}  // namespace

Ngram::Ngram(std::shared_ptr<ModelInfo> info, NgramTable table) : Model(std::move(info)), m_table(std::move(table)) {
    const NgramOrder& first = m_table.orders.front();
    const double total = std::accumulate(first.counts.begin(), first.counts.end(), 0.0);
    double given = 0;
    for (const std::uint32_t count : first.counts) given += shareOf(first, count, total);
    m_passedByFirst = 1 - given;
    for (const std::uint32_t count : first.counts) {
        m_first.push_back(shareOf(first, count, total) + m_passedByFirst / static_cast<double>(first.counts.size()));
        m_logFirst.push_back(std::log(m_first.back()));
    }
    for (std::size_t k = 2; k <= m_table.orders.size(); ++k) {
        const NgramOrder& order = m_table.orders[k - 1];
        std::vector<double> passed(order.totals.size(), 1.0);
        for (std::size_t c = 0; c < passed.size(); ++c) {
            for (std::uint32_t e = order.first[c]; e < order.first[c + 1]; ++e)
                passed[c] -= shareOf(order, order.counts[e], order.totals[c]);
        }
        m_passed.push_back(std::move(passed));
    }
}

double Ngram::passedBy(int k, std::uint32_t context) const { return m_passed[static_cast<std::size_t>(k) - 2][context]; }

std::uint32_t Ngram::entryOf(std::span<const TokenId> run) const {
    assert(!run.empty());
    auto entry = static_cast<std::uint32_t>(run.front());
    for (std::size_t k = 2; k <= run.size(); ++k) {
        const NgramOrder& order = m_table.orders[k - 1];
        const auto begin = order.ids.begin() + order.first[entry], end = order.ids.begin() + order.first[entry + 1];
        const auto at = std::lower_bound(begin, end, static_cast<std::uint32_t>(run[k - 1]));
        if (at == end || *at != static_cast<std::uint32_t>(run[k - 1])) return none;
        entry = static_cast<std::uint32_t>(at - order.ids.begin());
    }
    return entry;
}

std::vector<NgramEvidence> Ngram::evidence(std::span<const TokenId> context, TokenId token) const {
    const NgramOrder& unigram = m_table.orders.front();
    const auto w = static_cast<std::uint32_t>(token);
    std::vector<NgramEvidence> all{{0, 1, info().vocabulary, 0, 0}};
    const std::int64_t total = std::accumulate(unigram.counts.begin(), unigram.counts.end(), std::int64_t{0});
    all.push_back({1, unigram.counts[w], total, unigram.discount(unigram.counts[w]), m_passedByFirst});
    const int longest = static_cast<int>(std::min(context.size() + 1, m_table.orders.size()));
    for (int k = 2; k <= longest; ++k) {
        const NgramOrder& order = m_table.orders[static_cast<std::size_t>(k) - 1];
        NgramEvidence here{k, 0, 0, 0, 1};
        const std::uint32_t c = entryOf(context.last(static_cast<std::size_t>(k) - 1));
        if (c != none) {
            here.total = order.totals[c];
            here.passed = passedBy(k, c);
            const auto begin = order.ids.begin() + order.first[c], end = order.ids.begin() + order.first[c + 1];
            const auto at = std::lower_bound(begin, end, w);
            if (at != end && *at == w) here.count = order.counts[static_cast<std::size_t>(at - order.ids.begin())];
            here.discount = order.discount(static_cast<std::uint32_t>(here.count));
        }
        all.push_back(here);
    }
    return all;
}

void Ngram::logitsAfter(std::span<const TokenId> context, float* logits) const {
    const int longest = static_cast<int>(std::min(context.size() + 1, m_table.orders.size()));
    std::vector<std::uint32_t> entries(static_cast<std::size_t>(longest) + 1, none);
    std::vector<double> above(static_cast<std::size_t>(longest) + 1, 1.0);  // what all orders above k have passed on
    double passed = 1;
    for (int k = longest; k >= 2; --k) {
        above[static_cast<std::size_t>(k)] = passed;
        const std::uint32_t c = entryOf(context.last(static_cast<std::size_t>(k) - 1));
        entries[static_cast<std::size_t>(k)] = c;
        if (c != none) passed *= passedBy(k, c);
    }
    const auto V = static_cast<std::size_t>(info().vocabulary);
    const double logPassed = std::log(passed);
    for (std::size_t w = 0; w < V; ++w) logits[w] = static_cast<float>(m_logFirst[w] + logPassed);
    // Where a longer run has something to say, the sum is made anew; most tokens have none.
    std::vector<std::pair<std::uint32_t, double>> said;
    for (int k = 2; k <= longest; ++k) {
        const std::uint32_t c = entries[static_cast<std::size_t>(k)];
        if (c == none) continue;
        const NgramOrder& order = m_table.orders[static_cast<std::size_t>(k) - 1];
        for (std::uint32_t e = order.first[c]; e < order.first[c + 1]; ++e)
            said.emplace_back(order.ids[e],
                              above[static_cast<std::size_t>(k)] * shareOf(order, order.counts[e], order.totals[c]));
    }
    std::ranges::sort(said);
    for (std::size_t i = 0; i < said.size();) {
        const std::uint32_t w = said[i].first;
        double p = passed * m_first[w];
        for (; i < said.size() && said[i].first == w; ++i) p += said[i].second;
        logits[w] = static_cast<float>(std::log(p));
    }
}

std::unique_ptr<State> Ngram::start() const { return std::make_unique<NgramState>(); }

Result<Tensor> Ngram::forward(std::span<const TokenId> ids, State& state, Tap, const Job& job, LogitRows rows) const {
    auto& memory = static_cast<NgramState&>(state);
    const std::size_t T = ids.size(), kept = m_table.orders.size() - 1;
    std::vector<TokenId> text = memory.last;
    text.insert(text.end(), ids.begin(), ids.end());
    const std::size_t before = memory.last.size(), from = rows == LogitRows::Last ? T - 1 : 0;
    Matrix logits(static_cast<Eigen::Index>(T - from), info().vocabulary);
    for (std::size_t t = from; t < T; ++t) {
        if (t % 64 == 0) {
            if (job.cancelled()) return cancelledError();
            job.progress(static_cast<double>(t) / static_cast<double>(T), "tokens");
        }
        const std::size_t end = before + t + 1, length = std::min(end, kept);
        logitsAfter(std::span(text).subspan(end - length, length),
                    logits.data() + static_cast<Eigen::Index>(t - from) * logits.cols());
    }
    memory.last.assign(text.end() - static_cast<std::ptrdiff_t>(std::min(text.size(), kept)), text.end());
    memory.tokens += static_cast<int>(T);
    return Tensor(std::move(logits));
}

Matrix Ngram::readOut(const Matrix& stream) const {
    assert(false && "an n-gram model has no stream");
    return Matrix::Zero(stream.rows(), info().vocabulary);
}

const Weight& Ngram::weight(WeightId, Layer) const {
    static const Weight nothing;
    return nothing;
}

namespace {

Result<Built> build(const BuildRequest& request) {
    ConfigReader config(request.config, request.configWhere);
    config.text("model_type", "ngram");
    auto info = std::make_shared<ModelInfo>();
    info->name = request.name;
    info->architecture = "ngram";
    info->vocabulary = config.integer("vocab_size");
    const int order = config.integer("order", {}, 1, 8);
    info->canGoBeyondContext = true;  // there is no context to go beyond
    info->finalNorm = false;
    info->residualStream = false;
    static constexpr std::array<std::string_view, 2> countingOnly{"least_counts", "discounts"};
    config.harmless(countingOnly);
    config.harmless(harmlessEverywhere());
    if (config.error()) return Unexpected(*config.error());
    const auto* integers = dynamic_cast<const IntegerSource*>(&request.source);
    if (!integers)
        return fail(ErrorKind::Unsupported,
                    fmt::format("{}: the counts of an n-gram model are read from one safetensors file.", request.source.where()));
    auto table = readNgramTable(request.source, *integers, order, info->vocabulary);
    if (!table) return Unexpected(table.error());
    info->parameters = table->entries();
    return Built{std::make_shared<Ngram>(info, *std::move(table)), config.warnings()};
}

}  // namespace

Architecture ngramArchitecture() {
    static constexpr std::array<std::string_view, 1> types{"ngram"};
    return {"ngram", types, {}, "n-gram (interpolated Kneser–Ney)", build, noGguf};
}

}  // namespace lw

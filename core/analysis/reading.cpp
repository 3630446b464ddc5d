#include "core/analysis/reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>
#include <span>

namespace lw {

namespace {

// Tokens at the beginning of `tokens` that `before` has read, if all of `before` is among them; else 0.
std::size_t readAlready(const Reading* before, const std::vector<Token>& tokens) {
    if (!before || !before->state || before->tokens.empty() || before->tokens.size() > tokens.size()) return 0;
    const bool same = std::ranges::equal(before->tokens, std::span(tokens).first(before->tokens.size()),
                                         [](const ReadToken& a, const Token& b) { return a.id == b.id && a.from == b.from; });
    return same ? before->tokens.size() : 0;
}

}  // namespace

double Reading::nats() const {
    double sum = 0;
    for (const ReadToken& token : tokens) sum += token.surprise.value_or(0);
    return sum;
}

std::int64_t Reading::predictedBytes() const {
    std::int64_t bytes = 0;
    for (const ReadToken& token : tokens) bytes += token.surprise ? token.to - token.from : 0;
    return bytes;
}

std::optional<double> Reading::natsPerToken() const {
    const auto count = std::ranges::count_if(tokens, [](const ReadToken& token) { return token.surprise.has_value(); });
    if (count == 0) return {};
    return nats() / static_cast<double>(count);
}

std::optional<double> Reading::bitsPerByte() const {
    if (predictedBytes() == 0) return {};
    return nats() / std::numbers::ln2 / static_cast<double>(predictedBytes());
}

double Reading::secondsPerStep() const {
    if (tokens.empty()) return 0;
    std::vector<double> seconds;
    for (const ReadToken& token : tokens) seconds.push_back(token.seconds);
    const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
    std::ranges::nth_element(seconds, middle);
    return *middle;
}

int Reading::tokenAt(std::int64_t bytes) const {
    int last = -1;
    for (std::size_t i = 0; i < tokens.size() && tokens[i].to <= bytes; ++i) last = static_cast<int>(i);
    return last;
}

Reading::Part Reading::part(std::int64_t from, std::int64_t to) const {
    Part part;
    const auto inside = [&](const ReadToken& token) { return token.to > from && token.to <= to; };
    const auto begin = std::ranges::find_if(tokens, inside), end = std::find_if_not(begin, tokens.end(), inside);
    part.first = static_cast<int>(begin - tokens.begin());
    part.last = static_cast<int>(end - tokens.begin()) - 1;
    if (begin == end || std::any_of(begin, end, [](const ReadToken& token) { return !token.surprise; })) return part;
    part.nats = 0;
    for (auto token = begin; token != end; ++token) *part.nats += *token->surprise;
    return part;
}

Result<Reading> readAlong(const Model& model, const Tokenizer& tokenizer, std::vector<Token> tokens, int topK,
                          const Reading* before, const Job& job) {
    if (tokens.empty()) return fail(ErrorKind::BadInput, "There is nothing to read: the text is empty.");
    Reading reading;
    const int context = model.info().context;
    if (context > 0 && tokens.size() > static_cast<std::size_t>(context)) {
        reading.leftOut = static_cast<std::int64_t>(tokens.size()) - context;
        reading.leftOutTo = tokens[static_cast<std::size_t>(context)].to;
        tokens.resize(static_cast<std::size_t>(context));
    }
    for (const Token& token : tokens) {
        if (token.id < 0 || token.id >= model.info().vocabulary) {
            return fail(ErrorKind::BadInput, fmt::format("The tokenizer gives the id {}, and the model {} has only {}.", token.id,
                                                         model.info().name, model.info().vocabulary));
        }
    }
    const std::size_t done = readAlready(before, tokens);
    if (done > 0) {
        reading.tokens = before->tokens;
        reading.logits = before->logits;
    }
    std::unique_ptr<State> state = done > 0 ? before->state->clone() : model.start();
    for (std::size_t i = done; i < tokens.size(); ++i) {
        job.progress(static_cast<double>(i) / static_cast<double>(tokens.size()), {});
        ReadToken token{.id = tokens[i].id, .from = tokens[i].from, .to = tokens[i].to, .bytes = tokenizer.bytes(tokens[i].id)};
        if (!reading.logits.empty()) token.surprise = surprisal(reading.logits, token.id);
        const auto begin = std::chrono::steady_clock::now();
        const auto logits = model.forward({&token.id, 1}, *state, {}, job, LogitRows::Last);
        token.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        if (!logits) return tl::unexpected(logits.error());
        const Matrix& row = logits->value();
        reading.logits.assign(row.data(), row.data() + row.cols());
        for (const TokenProbability& expected : topTokens(reading.logits, topK))
            token.next.push_back({expected, tokenizer.bytes(expected.id)});
        token.entropy = entropy(reading.logits);
        token.stateBytes = state->bytes();
        reading.tokens.push_back(std::move(token));
    }
    if (const auto intact = model.intact(); !intact) return tl::unexpected(intact.error());
    reading.state = std::move(state);
    return reading;
}

}  // namespace lw

// n-gram language model: how probable a token is after the last few, from how often it followed them. Interpolated Kneser–Ney
// smoothing: every order takes a discount off its counts and hands what it saved on to the order below, so that each token gets
// a share from every order that knows its context:
//
//     p_k(w | c) = max(count(c w) − D, 0) / total(c) + passed(c) · p_{k−1}(w | c without its first token),  p_0 = 1 / V
//
// passed(c) = 1 − Σ_w max(count(c w) − D, 0) / total(c), so rows sum to 1 also where rare entries were left out of the file; it
// is 1 where the context is unknown. Below the highest order a count is the number of different tokens that the run was seen
// after. No vectors and no layers: its state is the last order − 1 tokens, its logits are ln p. Source: Kneser and Ney 1995; Chen
// and Goodman 1998, section 3.5 (three discounts). Golden: tests/data/ngram.
#pragma once

#include "core/models/ngram_table.h"
#include "core/models/registry.h"

namespace lw {

// What one order knows of a token after its context. Its share of the token's probability is
// (count − discount) / total · the passed of all higher orders.
struct NgramEvidence {
    int order = 0;  // 0: every token alike, count 1 of total V
    std::int64_t count = 0, total = 0;
    double discount = 0;
    double passed = 1;  // handed on to the order below; 1 where the context was never seen (total 0)
};

class Ngram final : public Model {
public:
    Ngram(std::shared_ptr<ModelInfo> info, NgramTable table);

    const NgramTable& table() const { return m_table; }

    /// Orders 0 to that of the whole context (its last order − 1 tokens), rising.
    std::vector<NgramEvidence> evidence(std::span<const TokenId> context, TokenId token) const;

    std::unique_ptr<State> start() const override;
    Result<Tensor> forward(std::span<const TokenId> ids, State& state, Tap tap, const Job& job, LogitRows rows) const override;
    /// There is no stream to read out: asserted never to be asked.
    Matrix readOut(const Matrix& stream) const override;
    const Weight& weight(WeightId id, Layer layer) const override;
    std::vector<Parameter> parameters() const override { return {}; }

private:
    static constexpr std::uint32_t none = 0xffffffff;
    /// The entry of this run of tokens in order run.size(), or none.
    std::uint32_t entryOf(std::span<const TokenId> run) const;
    double passedBy(int k, std::uint32_t context) const;
    void logitsAfter(std::span<const TokenId> context, float* logits) const;

    NgramTable m_table;
    std::vector<std::vector<double>> m_passed;  // [order − 2][context]
    double m_passedByFirst = 1;                 // by order 1
    std::vector<double> m_first, m_logFirst;    // p_1 of each token, and its logarithm
};

Architecture ngramArchitecture();

}  // namespace lw

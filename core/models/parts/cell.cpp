#include "core/models/parts/cell.h"

#include <cmath>

#include <fmt/format.h>

#include "core/nn/recurrent_cells.h"

namespace lw {

namespace {

class Cell : public Mixer {
public:
    Cell(PartReader& r, const std::string& prefix, MixerKind kind, int width) : m_kind(kind), m_width(width) {
        const int gates = kind == MixerKind::Lstm ? 4 : kind == MixerKind::Gru ? 3 : 1;
        // As torch.nn's, but for the forget gate, which starts open (Jozefowicz et al. 2015).
        const Init uniform = Init::uniform(-1 / std::sqrt(width), 1 / std::sqrt(width));
        const auto read = [&](WeightId id, const char* name, int cols) {
            const bool bias = cols == 0, opens = id == WeightId::CellInputBias && kind == MixerKind::Lstm;
            const Init forget =
                Init::values([width](std::int64_t, std::int64_t i, Pcg32&) { return i / width == 1 ? 1.0 : 0.0; });
            return r.take(id, fmt::format("{}{}_l{}", prefix, name, r.layer.value), bias ? 1 : gates * width,
                          bias ? gates * width : cols,
                          opens  ? forget
                          : bias ? Init::zeros()
                                 : uniform);
        };
        m_weights.input = read(WeightId::CellInput, "weight_ih", width);
        m_weights.recurrent = read(WeightId::CellRecurrent, "weight_hh", width);
        m_weights.inputBias = read(WeightId::CellInputBias, "bias_ih", 0);
        m_weights.recurrentBias = read(WeightId::CellRecurrentBias, "bias_hh", 0);
    }

    void describe(BlockInfo& block) const override {
        block.mixer.kind = m_kind;
        block.mixer.inner = m_width;
    }

    std::unique_ptr<PartState> start() const override {
        const Matrix zero = Matrix::Zero(1, m_width);
        return std::make_unique<MatrixPartState>(m_kind == MixerKind::Lstm ? std::vector<Matrix>{zero, zero}
                                                                           : std::vector<Matrix>{zero});
    }

    Tensor forward(const Tensor& x, PartState& state, const PartPlace& at) const override {
        std::vector<Matrix>& memory = static_cast<MatrixPartState&>(state).matrices;  // h, and c
        const auto norms = at.tap.stateGradients(at.layer);
        const nn::CellValues v = m_kind == MixerKind::Lstm  ? nn::lstm(x, m_weights, memory[0], memory[1], norms)
                                 : m_kind == MixerKind::Gru ? nn::gru(x, m_weights, memory[0], norms)
                                                            : nn::rnn(x, m_weights, memory[0], norms);
        const auto show = [&](SiteId id, const Tensor& value) {
            if (value.defined()) at.tap.show(id, at.layer, value);
        };
        show(SiteId::CellI, v.i);
        show(SiteId::CellF, v.f);
        show(SiteId::CellG, v.g);
        show(SiteId::CellO, v.o);
        show(SiteId::CellC, v.c);
        show(SiteId::CellR, v.r);
        show(SiteId::CellZ, v.z);
        show(SiteId::CellN, v.n);
        show(SiteId::CellKept, v.kept);
        show(SiteId::CellWritten, v.written);
        show(SiteId::CellH, v.h);
        return v.h;
    }

private:
    MixerKind m_kind;
    int m_width;
    nn::CellWeights m_weights;
};

}  // namespace

std::unique_ptr<Mixer> readCell(PartReader& reader, const std::string& prefix, MixerKind kind, int width) {
    return std::make_unique<Cell>(reader, prefix, kind, width);
}

}  // namespace lw

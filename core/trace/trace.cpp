#include "core/trace/trace.h"

#include <algorithm>
#include <cassert>
#include <limits>

#include "core/tensor/elementwise.h"
#include "core/tensor/row_norm.h"

namespace lw {

namespace {
constexpr float minusInfinity = -std::numeric_limits<float>::infinity();
std::size_t at(SiteId id) { return static_cast<std::size_t>(id); }
}  // namespace

Recorder::Recorder(const CaptureSpec& spec, int layers) : m_spec(spec), m_values(static_cast<std::size_t>(std::max(1, layers))) {}

void Recorder::askForStateGradients() {
    m_stateGradients.clear();
    for (std::size_t l = 0; l < m_values.size(); ++l) m_stateGradients.push_back(std::make_shared<std::vector<double>>());
}

void Recorder::visit(SiteId id, Layer layer, const Tensor& value) {
    m_values.at(static_cast<std::size_t>(layer.value))[at(id)] = value;
}

std::shared_ptr<const TraceBlock> Recorder::finish(int first, std::vector<TokenId> ids, Tensor logits, double seconds) {
    auto block = std::make_shared<TraceBlock>();
    block->first = first;
    block->ids = std::move(ids);
    block->seconds = seconds;
    block->values = std::move(m_values);
    block->values.front()[at(SiteId::Logits)] = std::move(logits);
    m_values.assign(block->values.size(), {});
    return block;
}

Trace::Trace(std::shared_ptr<const ModelInfo> model, CaptureSpec spec, std::vector<std::shared_ptr<const TraceBlock>> blocks)
    : m_model(std::move(model)), m_spec(std::move(spec)), m_blocks(std::move(blocks)) {
    for (std::size_t b = 0; b < m_blocks.size(); ++b) {
        assert(m_blocks[b]->first == length());
        m_ids.insert(m_ids.end(), m_blocks[b]->ids.begin(), m_blocks[b]->ids.end());
        m_blockOf.insert(m_blockOf.end(), m_blocks[b]->ids.size(), static_cast<int>(b));
    }
}

std::int64_t Trace::bytes() const {
    std::int64_t floats = 0;
    for (const auto& block : m_blocks) {
        for (const auto& layer : block->values) {
            for (const Tensor& value : layer) {
                if (value.defined()) floats += value.value().size();
            }
        }
    }
    return floats * 4;
}

double Trace::seconds() const {
    double sum = 0;
    for (const auto& block : m_blocks) sum += block->seconds;
    return sum;
}

Trace::Place Trace::place(Position position) const {
    const int block = m_blockOf.at(static_cast<std::size_t>(position.value));
    return {block, position.value - m_blocks[static_cast<std::size_t>(block)]->first};
}

const Tensor* Trace::stored(SiteId id, Layer layer, int block) const {
    const auto& layers = m_blocks[static_cast<std::size_t>(block)]->values;
    // A place may name a layer although the site has none.
    const auto l = siteOf(id).perLayer ? static_cast<std::size_t>(layer.value) : 0;
    if (layer.value < 0 || l >= layers.size()) return nullptr;
    const Tensor& tensor = layers[l][at(id)];
    return tensor.defined() ? &tensor : nullptr;
}

bool Trace::has(SiteId id, Layer layer) const {
    using enum SiteId;
    if (m_blocks.empty() || !m_model->has(id, layer)) return false;
    if (stored(id, layer, 0)) return true;
    const Layer last(m_model->layers() - 1);
    switch (id) {
        case AttnIn:
        case QInput:
        case KInput:
        case VInput:
            return has(ResidPre, layer);
        case Ln1Normalized:
            return has(ResidPre, layer) && has(Ln1Scale, layer);
        case AttnScores:
        case Pattern:
            return m_model->has(RotQ, layer) ? has(RotQ, layer) && has(RotK, layer) : has(Q, layer) && has(K, layer);
        case ResidMid:
        case MlpIn:
            return has(ResidPre, layer) && has(m_model->block(layer).firstOut(), layer);
        case Ln2Normalized:
            return has(ResidMid, layer) && has(Ln2Scale, layer);
        case MlpPost:
            return has(MlpPre, layer) && (!m_model->has(MlpPreLinear, layer) || has(MlpPreLinear, layer));
        case ResidPost:
            return m_model->block(layer).hasMlp() ? has(ResidMid, layer) && has(MlpOut, layer)
                                                  : has(ResidPre, layer) && has(m_model->block(layer).firstOut(), layer);
        case SsmOut:
            return has(MixerOut, layer);
        case FinalNormalized:
            return has(ResidPost, last) && has(FinalScale);
        default:
            return false;
    }
}

RowVector Trace::row(SiteId id, Layer layer, Position position) const {
    using enum SiteId;
    assert(has(id, layer) && siteOf(id).axes != Axes::HeadQueryKey);
    const Place where = place(position);
    if (const Tensor* tensor = stored(id, layer, where.block)) return tensor->value().row(where.row);
    const auto normalized = [&](const RowVector& stream, SiteId scaleSite) {
        RowVector out(stream.size());
        double mean = 0;
        rowScale(stream.data(), stream.size(), m_model->norm == NormKind::LayerNorm, m_model->normEps, mean);
        normalizeRow(stream.data(), stream.size(), mean, row(scaleSite, layer, position)(0), out.data());
        return out;
    };
    const Layer last(m_model->layers() - 1);
    switch (id) {
        case AttnIn:
            return row(ResidPre, layer, position);
        case MlpIn:
            return row(ResidMid, layer, position);
        case QInput:
        case KInput:
        case VInput: {
            const RowVector stream = row(ResidPre, layer, position);
            return stream.replicate(1, m_model->widthOf(id, layer) / m_model->width);
        }
        case Ln1Normalized:
            return normalized(row(ResidPre, layer, position), Ln1Scale);
        case Ln2Normalized:
            return normalized(row(ResidMid, layer, position), Ln2Scale);
        case FinalNormalized:
            return normalized(row(ResidPost, last, position), FinalScale);
        case ResidMid:
            return row(ResidPre, layer, position) + row(m_model->block(layer).firstOut(), layer, position);
        case ResidPost:
            if (!m_model->block(layer).hasMlp())
                return row(ResidPre, layer, position) + row(m_model->block(layer).firstOut(), layer, position);
            return row(ResidMid, layer, position) + row(MlpOut, layer, position);
        case SsmOut:
            return row(MixerOut, layer, position);
        case MlpPost: {
            RowVector post = row(MlpPre, layer, position);
            const MlpInfo& mlp = m_model->blocks[static_cast<std::size_t>(layer.value)].mlp;
            activate(mlp.activation, post.data(), post.data(), post.size());
            if (mlp.gated) post = post.cwiseProduct(row(MlpPreLinear, layer, position));
            return post;
        }
        default:
            break;
    }
    assert(false && "a derived site without its rule");
    return {};
}

Matrix Trace::matrix(SiteId id, Layer layer) const {
    Matrix out(length(), m_model->widthOf(id, layer));
    if (stored(id, layer, 0)) {
        for (std::size_t b = 0; b < m_blocks.size(); ++b) {
            const Tensor* tensor = stored(id, layer, static_cast<int>(b));
            out.middleRows(m_blocks[b]->first, m_blocks[b]->rows()) = tensor->value();
        }
    } else {
        for (int t = 0; t < length(); ++t) out.row(t) = row(id, layer, Position(t));
    }
    return out;
}

ConstRow Trace::logits(Position position) const {
    const Place where = place(position);
    const Matrix& all = stored(SiteId::Logits, Layer(0), where.block)->value();
    return {all.row(where.row).data(), all.cols()};
}

RowVector Trace::scoresRow(Layer layer, Head head, Position query) const {
    assert(has(SiteId::AttnScores, layer));
    const AttentionInfo& a = m_model->blocks[static_cast<std::size_t>(layer.value)].attention;
    const Place where = place(query);
    const Tensor* q = stored(a.rotary ? SiteId::RotQ : SiteId::Q, layer, where.block);
    const float* qRow = q->value().row(where.row).data() + head.value * a.headWidth;
    const int kv = a.kvHead(head.value) * a.headWidth;
    const int from = a.window > 0 ? std::max(0, query.value - a.window + 1) : 0;
    RowVector scores = RowVector::Constant(length(), minusInfinity);
    for (const auto& block : m_blocks) {
        const Matrix& keys =
            block->values[static_cast<std::size_t>(layer.value)][at(a.rotary ? SiteId::RotK : SiteId::K)].value();
        const int first = std::max(from, block->first), last = std::min(query.value + 1, block->first + block->rows());
        if (first >= last) continue;
        dots(qRow, keys.row(first - block->first).data() + kv, keys.cols(), last - first, a.headWidth, scores.data() + first);
        scores.segment(first, last - first) *= a.scale;
    }
    return scores;
}

RowVector Trace::patternRow(Layer layer, Head head, Position query) const {
    RowVector weights = scoresRow(layer, head, query);
    softmaxRow(weights.data(), weights.size());
    return weights;
}

Matrix Trace::scores(Layer layer, Head head, int firstQuery, int queries) const {
    const int n = queries < 0 ? length() - firstQuery : queries;
    Matrix out(n, length());
    for (int i = 0; i < n; ++i) out.row(i) = scoresRow(layer, head, Position(firstQuery + i));
    return out;
}

Matrix Trace::pattern(Layer layer, Head head, int firstQuery, int queries) const {
    Matrix out = scores(layer, head, firstQuery, queries);
    for (Eigen::Index i = 0; i < out.rows(); ++i) softmaxRow(out.row(i).data(), out.cols());
    return out;
}

std::optional<float> Trace::value(SiteId id, Layer layer, std::optional<Head> head, Position position,
                                  std::optional<Position> key, std::optional<Unit> unit) const {
    const auto inside = [this](Position p) { return p.value >= 0 && p.value < length(); };
    if (!has(id, layer) || !inside(position)) return std::nullopt;
    const Axes axes = siteOf(id).axes;
    if (axes == Axes::HeadQueryKey) {
        const int heads = m_model->headsOf(id, layer);
        if (!head || head->value < 0 || head->value >= heads || !key || !inside(*key)) return std::nullopt;
        return (id == SiteId::Pattern ? patternRow(layer, *head, position) : scoresRow(layer, *head, position))(key->value);
    }
    std::int64_t column = 0, width = m_model->widthOf(id, layer);
    if (axes == Axes::PositionHeadUnit || axes == Axes::PositionHeadChannel) {
        if (!head || head->value < 0) return std::nullopt;
        const int heads = m_model->headsOf(id, layer);
        int h = head->value;
        if (const AttentionInfo& a = m_model->block(layer).attention; a.heads > 0 && heads == a.kvHeads && h < a.heads)
            h = a.kvHead(h);
        if (h >= heads) return std::nullopt;
        width /= heads;
        column = h * width;
    }
    if (width == 1) return row(id, layer, position)(column);
    if (!unit || unit->value < 0 || unit->value >= width) return std::nullopt;
    return row(id, layer, position)(column + unit->value);
}

}  // namespace lw

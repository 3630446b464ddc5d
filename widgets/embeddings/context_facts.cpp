#include "widgets/embeddings/context_facts.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lw {

namespace {

struct StatePlace {
    std::string name;
    SiteId site;
    Layer layer;
};

std::vector<StatePlace> statePlaces(const Trace& trace) {
    std::vector<StatePlace> places;
    const ModelInfo& info = trace.model();
    if (trace.has(SiteId::Embed)) places.push_back({"embed", SiteId::Embed, Layer(0)});
    if (info.hasPosEmbed && trace.has(SiteId::ResidPre)) places.push_back({"+ pos", SiteId::ResidPre, Layer(0)});
    for (int l = 0; l < info.layers(); ++l) {
        for (const SiteId site : {SiteId::ResidPost, SiteId::CellH}) {
            if (!trace.has(site, Layer(l))) continue;
            places.push_back({std::to_string(l), site, Layer(l)});
            break;
        }
    }
    return places;
}

double cosine(const RowVectorD& a, const RowVectorD& b) {
    const double lengths = a.norm() * b.norm();
    return lengths > 0 ? std::clamp(a.dot(b) / lengths, -1.0, 1.0) : 0;
}

}  // namespace

bool hasStates(const Trace& trace) {
    const auto places = statePlaces(trace);
    return !places.empty() && places.back().site != SiteId::Embed;
}

Result<ContextFacts> contextFacts(const Trace& a, Position positionA, const Trace& b, Position positionB) {
    if (!hasStates(a) || !hasStates(b))
        return fail(ErrorKind::BadInput, "This run holds no states of layers that could be compared.");
    ContextFacts facts;
    facts.a = positionA;
    facts.b = positionB;
    std::vector<RowVectorD> ways[2];
    Eigen::Index width = 0;
    for (const StatePlace& place : statePlaces(a)) {
        const RowVectorD x = a.row(place.site, place.layer, positionA).cast<double>();
        const Matrix all = b.matrix(place.site, place.layer);
        const RowVectorD y = all.row(positionB.value).cast<double>();
        ContextState state{.name = place.name, .place = {.site = place.site}};
        if (siteOf(place.site).perLayer) state.place.layer = place.layer;
        state.cosine = cosine(x, y);
        state.itself = cosine(x, x);
        state.lengthA = x.norm();
        state.lengthB = y.norm();
        double sum = 0;
        for (Eigen::Index i = 0; i < all.rows(); ++i)
            if (i != positionB.value) sum += cosine(x, all.row(i).cast<double>());
        state.others = all.rows() > 1 ? sum / static_cast<double>(all.rows() - 1) : std::numeric_limits<double>::quiet_NaN();
        facts.states.push_back(std::move(state));
        ways[0].push_back(x);
        ways[1].push_back(y);
        width = std::max(width, x.size());
    }
    const auto n = static_cast<Eigen::Index>(facts.states.size());
    MatrixD rows = MatrixD::Zero(2 * n, width);  // cells may be of other widths than the embedding: the rest is zero
    for (Eigen::Index i = 0; i < n; ++i) {
        for (int way = 0; way < 2; ++way) {
            const RowVectorD& x = ways[way][static_cast<std::size_t>(i)];
            rows.row(way * n + i).head(x.size()) = x;
        }
    }
    auto pca = principalComponents(rows, 2);
    if (!pca) return tl::unexpected(pca.error());
    facts.pca = std::move(*pca);
    MatrixD points = MatrixD::Zero(2 * n, 2);
    const MatrixD projected = facts.pca.project(rows);
    points.leftCols(projected.cols()) = projected;
    facts.pathA = points.topRows(n);
    facts.pathB = points.bottomRows(n);
    return facts;
}

int sameToken(const Trace& a, Position position, const Trace& b) {
    const TokenId id = a.ids()[static_cast<std::size_t>(position.value)];
    for (int i = b.length() - 1; i >= 0; --i)
        if (b.ids()[static_cast<std::size_t>(i)] == id) return i;
    return -1;
}

int lastPieceOf(const Tokenizer& tokenizer, std::span<const TokenId> ids, const std::string& word) {
    std::string text;
    std::vector<std::size_t> ends;
    for (const TokenId id : ids) {
        if (!tokenizer.isSpecial(id)) text += tokenizer.bytes(id);
        ends.push_back(text.size());
    }
    const std::size_t at = word.empty() ? std::string::npos : text.rfind(word);
    if (at == std::string::npos) return -1;
    for (std::size_t i = 0; i < ends.size(); ++i)
        if (ends[i] >= at + word.size()) return static_cast<int>(i);
    return -1;
}

}  // namespace lw

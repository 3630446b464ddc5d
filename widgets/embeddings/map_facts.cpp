#include "widgets/embeddings/map_facts.h"

#include <algorithm>
#include <chrono>
#include <set>

namespace lw {

namespace {

constexpr double perplexityWanted = 30;

}  // namespace

Result<TableMapPtr> tableMap(const TokenTable& table, const Job& job) {
    auto map = std::make_shared<TableMap>();
    map->table = table;
    map->index = std::make_shared<const WordIndex>(table);
    for (TokenId id = 0; id < table.rows.rows(); ++id)
        if (table.isWord(id)) map->words.push_back(id);
    auto pca = principalComponents(table.rows, 2, job);
    if (!pca) return tl::unexpected(pca.error());
    map->pca = std::move(*pca);
    auto points = project(map->pca, table.rows, job);
    if (!points) return tl::unexpected(points.error());
    map->points = MatrixD::Zero(table.rows.rows(), 2);
    map->points.leftCols(points->cols()) = *points;
    if (table.model) {
        if (auto same = table.model->intact(); !same) return tl::unexpected(same.error());
    }
    return TableMapPtr(map);
}

Result<WordLayout> beginLayout(const TableMap& map, const MatchedLists& lists, int count, std::uint64_t seed, const Job& job) {
    WordLayout layout;
    std::set<TokenId> seen;
    const auto add = [&](TokenId id) {
        if (static_cast<int>(layout.ids.size()) < count && seen.insert(id).second) layout.ids.push_back(id);
    };
    for (const ListedWord& word : lists.found) add(word.id);
    for (const TokenId id : map.words) add(id);
    if (map.words.size() < 3) {  // a table of letters, or of ids without text: all its rows
        for (TokenId id = 0; id < map.table.rows.rows(); ++id) add(id);
    }
    if (layout.ids.size() < 3)
        return fail(ErrorKind::BadInput, "The table has fewer than three rows: there is nothing to lay out.");
    MatrixD rows(static_cast<Eigen::Index>(layout.ids.size()), map.table.rows.cols());
    for (std::size_t i = 0; i < layout.ids.size(); ++i)
        rows.row(static_cast<Eigen::Index>(i)) = map.table.rows.row(layout.ids[i]).cast<double>();
    auto near = nearnesses(rows, perplexityWanted, job);
    if (!near) return tl::unexpected(near.error());
    for (const double p : near->perplexities) layout.perplexity += p / near->points;
    layout.near = std::make_shared<const Nearnesses>(std::move(*near));
    layout.layout = tsneStart(layout.near->points, seed);
    layout.divergence = divergence(*layout.near, layout.layout.points);
    return layout;
}

Result<WordLayout> carryOn(WordLayout layout, double seconds, const Job& job) {
    const auto begin = std::chrono::steady_clock::now();
    do {
        if (job.cancelled()) return cancelledError();
        tsneStep(*layout.near, layout.layout);
    } while (layout.layout.steps < settledAfter &&
             std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() < seconds);
    const auto measured = layout.layout.steps < settledAfter ? fastDivergence : divergence;
    layout.divergence = measured(*layout.near, layout.layout.points);
    return layout;
}

std::vector<Term> parseTerms(const std::string& text) {
    std::vector<Term> terms;
    double sign = 1;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t from = text.find_first_not_of(" \t", at);
        if (from == std::string::npos) break;
        const std::size_t to = std::min(text.find_first_of(" \t", from), text.size());
        const std::string word = text.substr(from, to - from);
        at = to;
        if (word == "+") {
            sign = 1;
        } else if (word == "-" || word == "−" || word == "–") {
            sign = -1;
        } else {
            terms.push_back({sign, word});
            sign = 1;
        }
    }
    return terms;
}

Result<Arithmetic> arithmetic(const TableMap& map, const std::string& text, int count, const Job& job) {
    Arithmetic result;
    result.terms = parseTerms(text);
    if (result.terms.empty()) return result;
    RowVector sum = RowVector::Zero(map.table.rows.cols());
    for (Term& term : result.terms) {
        const auto id = map.index->find(term.word);
        if (!id) {
            result.problem = term.word;
            return result;
        }
        term.id = *id;
        const RowVector row = map.table.rows.row(*id);
        const float length = row.norm();
        if (length > 0) sum += static_cast<float>(term.sign) / length * row;
    }
    auto near = nearestRows(map.table.rows, sum, count, Nearness::Cosine, {}, job);
    if (!near) return tl::unexpected(near.error());
    for (const NearRow& row : *near) {
        const bool input = std::ranges::count(result.terms, row.id, &Term::id) > 0;
        result.ranking.push_back({row, map.table.piece(row.id), input});
    }
    return result;
}

}  // namespace lw

#include "widgets/compare/compare_columns.h"

#include <algorithm>

namespace lw {

CompareColumns::CompareColumns(std::span<const Token> columns, int first, int count, double left, double width)
    : m_columns(columns), m_first(first), m_count(count), m_left(left), m_width(width) {}

// The border before this byte; inside a column bytes share its width evenly.
double CompareColumns::at(std::int64_t byte) const {
    for (std::size_t c = 0; c < m_columns.size(); ++c) {
        const Token& token = m_columns[c];
        if (token.to <= byte) continue;
        const double part =
            byte <= token.from ? 0 : static_cast<double>(byte - token.from) / static_cast<double>(token.to - token.from);
        return left(static_cast<int>(c)) + part * m_width;
    }
    return left(static_cast<int>(m_columns.size()));
}

CompareColumns::Span CompareColumns::of(std::int64_t from, std::int64_t to) const {
    Span span;
    if (from == to) {
        const auto inFront = std::ranges::find_if(m_columns, [](const Token& t) { return t.from == t.to; });
        if (from != 0 || inFront != m_columns.begin() || m_columns.empty()) return span;
        span = {left(0), left(1), false};
    } else {
        span = {at(from), at(to), false};
    }
    span.from = std::max(span.from, m_left);
    span.to = std::min(span.to, right());
    span.visible = span.to - span.from > 0.5;
    return span;
}

int CompareColumns::columnOf(std::span<const Token> columns, std::int64_t from, std::int64_t to) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
        const bool inFront = columns[c].from == columns[c].to;
        if (from == to ? inFront && from == columns[c].from : !inFront && columns[c].from < to && to <= columns[c].to)
            return static_cast<int>(c);
    }
    return -1;
}

}  // namespace lw

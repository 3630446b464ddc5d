#include "widgets/compare/compare_columns.h"

#include <algorithm>

namespace lw {

CompareColumns::CompareColumns(std::span<const Token> columns, int first, int count, double left, double width)
    : m_columns(columns), m_first(first), m_count(count), m_left(left), m_width(width) {}

// The border before this byte; inside a column bytes share its width evenly.
double CompareColumns::at(std::int64_t byte) const {
    const auto token = std::ranges::upper_bound(m_columns, byte, {}, &Token::to);
    if (token == m_columns.end()) return left(static_cast<int>(m_columns.size()));
    const auto inside = static_cast<double>(std::max<std::int64_t>(0, byte - token->from));
    const auto length = static_cast<double>(std::max<std::int64_t>(1, token->to - token->from));
    return left(static_cast<int>(token - m_columns.begin())) + inside / length * m_width;
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
    if (from == to) {
        const bool has = from == 0 && !columns.empty() && columns[0].from == columns[0].to;
        return has ? 0 : -1;
    }
    const auto column = std::ranges::lower_bound(columns, to, {}, &Token::to);
    return column != columns.end() && column->from < to ? static_cast<int>(column - columns.begin()) : -1;
}

}  // namespace lw

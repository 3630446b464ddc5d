// Where the tokens of a reading stand over the columns of another tokenizer: aligned by the bytes of the text. Qt-free.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/text/tokenizer.h"

namespace lw {

class CompareColumns {
public:
    /// Columns `first` … `first + count − 1` of `columns`, each `width` wide, from x = `left` on.
    CompareColumns(std::span<const Token> columns, int first, int count, double left, double width);

    struct Span {
        double from = 0, to = 0;
        bool visible = false;
    };
    /// Where a token that covers these bytes stands. One put in front (from == to) stands in the column of one put in front, or
    /// nowhere. Cut to what is shown.
    Span of(std::int64_t from, std::int64_t to) const;
    double left(int column) const { return m_left + (column - m_first) * m_width; }
    double right() const { return left(m_first + m_count); }

    /// The column whose token holds the last of the bytes [from, to); −1 if none does.
    static int columnOf(std::span<const Token> columns, std::int64_t from, std::int64_t to);

private:
    double at(std::int64_t byte) const;
    std::span<const Token> m_columns;
    int m_first, m_count;
    double m_left, m_width;
};

}  // namespace lw

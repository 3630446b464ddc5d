// The error sentences of the cursor.
#include "core/formats/byte_cursor.h"

#include <fmt/format.h>

namespace lw {

bool ByteCursor::need(std::uint64_t length, std::string_view what) {
    if (!ok()) return false;
    if (length <= left()) return true;
    failWith(fmt::format("is cut short or broken: {} at byte {} needs {} bytes, but only {} follow", what, m_at, length, left()));
    return false;
}

Unexpected ByteCursor::error() const {
    return fail(ErrorKind::BadFormat, fmt::format("{} {}.", m_file, m_problem), std::string(m_file));
}

}  // namespace lw

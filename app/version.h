// The program's version: the project() line of the top CMakeLists.txt.
#pragma once

namespace lw {
inline constexpr const char* programVersion = LAYERWALK_VERSION;
}  // namespace lw

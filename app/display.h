// Is there a display? Qt aborts where there is none; the program says so in a sentence instead.
#pragma once

#include <optional>
#include <string>

namespace lw {

/// Why no window can be opened, or nothing. Looks at QT_QPA_PLATFORM, WAYLAND_DISPLAY and DISPLAY, and tries to reach the X
/// server.
std::optional<std::string> noDisplay(int argc, const char* const* argv);

}  // namespace lw

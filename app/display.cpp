#include "app/display.h"

#include <dlfcn.h>
#include <sys/stat.h>

#include <cstdlib>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

namespace lw {

namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

// Through libxcb, which Qt's own plugin uses too: the only test that also knows about authorisation. True if it cannot be asked.
// A connection that was made stays open: a virtual server resets itself when its only client leaves, and Qt would come too early.
bool reachesXServer() {
    void* library = dlopen("libxcb.so.1", RTLD_LAZY | RTLD_LOCAL);
    if (!library) return true;
    using Connect = void* (*)(const char*, int*);
    using HasError = int (*)(void*);
    const auto connect = reinterpret_cast<Connect>(dlsym(library, "xcb_connect"));
    const auto hasError = reinterpret_cast<HasError>(dlsym(library, "xcb_connection_has_error"));
    if (!connect || !hasError) return true;
    void* connection = connect(nullptr, nullptr);
    return connection && hasError(connection) == 0;
}

bool waylandSocketIsThere() {
    std::string path = environment("WAYLAND_DISPLAY");
    if (path.empty()) return false;
    if (path.front() != '/') path = environment("XDG_RUNTIME_DIR") + "/" + path;
    struct stat info {};
    return stat(path.c_str(), &info) == 0;
}

}  // namespace

std::optional<std::string> noDisplay(int argc, const char* const* argv) {
    std::string platform = environment("QT_QPA_PLATFORM");
    for (int i = 1; i + 1 < argc; ++i) {
        if (std::strcmp(argv[i], "-platform") == 0) platform = argv[i + 1];
    }
    if (!platform.empty() && !platform.starts_with("xcb") && !platform.starts_with("wayland")) return std::nullopt;
    if (waylandSocketIsThere() && !platform.starts_with("xcb")) return std::nullopt;
    const std::string display = environment("DISPLAY");
    constexpr const char* hint = "set DISPLAY, run it under xvfb-run, or set QT_QPA_PLATFORM=offscreen for pictures";
    if (display.empty()) return fmt::format("There is no display to open a window on: {}.", hint);
    if (!reachesXServer()) return fmt::format("The display “{}” cannot be reached: {}.", display, hint);
    return std::nullopt;
}

}  // namespace lw

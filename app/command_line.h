// The options of `layerwalk`, read before there is a QApplication, so that --help and --list-views need no display.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/trace/locus.h"

namespace lw {

/// Bytes of a text file that is taken as prompt; of a larger one the tokens are counted.
inline constexpr std::int64_t largestPrompt = 200'000;

enum class StartTheme { Settings, Light, Dark };
enum class StartCompare { None, Beside, Difference };

struct StartOptions {
    std::string model;                // empty: as last time, or the default
    std::optional<std::string> text;  // --text or what is in --text-file
    std::vector<std::string> views;   // 1, 2 or 4 ids
    std::optional<Locus> place;
    int width = 0, height = 0;  // logical pixels; 0 = not given
    double scale = 1;
    StartTheme theme = StartTheme::Settings;
    std::string screenshot, session;
    std::string count;  // a text file whose tokens are to be counted
    int steps = 0;      // greedy, before anything is shown
    StartCompare compare = StartCompare::None;
    std::optional<std::string> compareText;
    std::optional<Locus> comparePlace;
    bool listViews = false, printPlace = false, animate = true, projector = false;

    /// Runs, writes what was asked for and ends: neither reads nor writes what belongs to the person.
    bool automated() const { return !screenshot.empty() || printPlace; }
};

// What is to be done with the command line.
struct CommandLine {
    StartOptions options;
    std::optional<int> exit;  // end at once with this status
    std::string out, error;   // what to print before
};

CommandLine readCommandLine(int argc, const char* const* argv);

}  // namespace lw

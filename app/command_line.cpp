#include "app/command_line.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "app/version.h"
#include "widgets/registry.h"

namespace lw {

namespace {

constexpr int smallestSide = 320, largestSide = 16384;  // logical pixels of --size
constexpr double smallestScale = 0.5, largestScale = 4;
constexpr int mostSteps = 100000;

constexpr const char* footer = R"(Examples:
  layerwalk --model smollm2.gguf --text "The capital of France is" --view logit-lens
  layerwalk --text "Once upon a time" --view attention --place "L3 H5 q7" --size 1440x900 --theme dark --screenshot out.png
  layerwalk --session lesson.walk

A place is written as in the status bar: L layer, H head, q query or position, k key, n unit, s generation step, a site's name.
With --screenshot or --print-place nothing of yours is read or written: no settings, no autosave.)";

std::string viewIds() {
    std::string ids;
    for (const ViewRow& row : viewRows()) ids += (ids.empty() ? "" : ", ") + std::string(row.id);
    return ids;
}

// Each check gives one sentence, or nothing.
std::string readSize(const std::string& size, StartOptions& options) {
    int width = 0, height = 0;
    char x = 0, rest = 0;
    std::istringstream in(size);
    in >> width >> x >> height;
    if (!in || (x != 'x' && x != 'X') || (in >> rest) || width < smallestSide || height < smallestSide || width > largestSide ||
        height > largestSide) {
        return fmt::format("The size “{}” is not of the form 1440x900 with sides from {} to {}.", size, smallestSide,
                           largestSide);
    }
    options.width = width;
    options.height = height;
    return {};
}

std::string readTextFile(const std::string& path, StartOptions& options) {
    if (path == "-") {
        options.text = std::string(std::istreambuf_iterator<char>(std::cin), {});
        return {};
    }
    std::ifstream file(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path)) return fmt::format("The text file “{}” cannot be read.", path);
    options.text = std::string(std::istreambuf_iterator<char>(file), {});
    if (file.bad()) return fmt::format("The text file “{}” cannot be read to its end.", path);
    return {};
}

std::string readPlace(const std::string& text, std::optional<Locus>& into) {
    const auto place = parseLocus(text);
    if (!place) return place.error().message;
    into = *place;
    return {};
}

}  // namespace

CommandLine readCommandLine(int argc, const char* const* argv) {
    CommandLine line;
    StartOptions& o = line.options;
    std::string file, textFile, size, place, theme, compare, comparePlace;
    bool noAnimation = false;

    CLI::App app{"Layerwalk: type a text and walk through every layer of a language model.", "layerwalk"};
    app.footer(footer);
    app.set_version_flag("--version", fmt::format("layerwalk {}", programVersion), "Print the version");
    app.add_option("file", file, "A model (GGUF file or folder), a session (.walk) or a text file to open");
    app.add_option("--model", o.model, "The model: a bundled name, a GGUF file, a folder with config.json, a .safetensors file");
    auto* text = app.add_option("--text", o.text, "The text");
    app.add_option("--text-file", textFile, "A file that holds the text (- is standard input)")->excludes(text);
    app.add_option("--view", o.views, "The view, by its id (several times: two or four side by side)")->take_all();
    app.add_option("--place", place, "The selected place, for instance \"L3 H5 q7\"");
    app.add_option("--steps", o.steps, "Generate this many tokens, the most probable ones");
    app.add_option("--compare", compare, "Compare with a pinned A: beside or difference");
    app.add_option("--compare-text", o.compareText, "The text of A (otherwise the same)");
    app.add_option("--compare-place", comparePlace, "The place in A (otherwise the same)");
    app.add_option("--size", size, "Size of the window in logical pixels, for instance 1440x900");
    app.add_option("--scale", o.scale, "Device pixels a logical pixel, 0.5 to 4");
    app.add_option("--theme", theme, "light or dark");
    app.add_option("--screenshot", o.screenshot, "Write the window to this PNG when everything is drawn, and end");
    app.add_option("--session", o.session, "Open this session (.walk)");
    app.add_flag("--list-views", o.listViews, "Print the views, one a line: id, then title");
    app.add_flag("--print-place", o.printPlace, "Print the selected place when everything is drawn, and end");
    app.add_flag("--projector", o.projector, "Projector type: larger, thicker, pointer spotlight");
    app.add_flag("--no-animation", noAnimation, "Nothing moves by itself");

    const auto stop = [&line](std::string error) {
        line.exit = 1;
        line.error = std::move(error);
        return line;
    };
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& done) {  // --help, --version
        std::ostringstream out, error;
        app.exit(done, out, error);
        line.exit = 0;
        line.out = out.str();
        return line;
    } catch (const CLI::ParseError& problem) {
        return stop(std::string(problem.what()) + " (see layerwalk --help)");
    }

    o.animate = !noAnimation;
    if (o.listViews) {
        line.exit = 0;
        for (const ViewRow& row : viewRows()) line.out += fmt::format("{} {}\n", row.id, row.title);
        return line;
    }
    std::string problem;
    const auto check = [&problem](bool given, auto reads) {
        if (given && problem.empty()) problem = reads();
    };
    check(!size.empty(), [&] { return readSize(size, o); });
    check(!textFile.empty(), [&] { return readTextFile(textFile, o); });
    check(!place.empty(), [&] { return readPlace(place, o.place); });
    check(!comparePlace.empty(), [&] { return readPlace(comparePlace, o.comparePlace); });
    check(!theme.empty(), [&] {
        if (theme != "light" && theme != "dark") return fmt::format("The theme is “light” or “dark”, not “{}”.", theme);
        o.theme = theme == "dark" ? StartTheme::Dark : StartTheme::Light;
        return std::string();
    });
    check(!compare.empty(), [&] {
        if (compare != "beside" && compare != "difference")
            return fmt::format("--compare is “beside” or “difference”, not “{}”.", compare);
        o.compare = compare == "beside" ? StartCompare::Beside : StartCompare::Difference;
        return std::string();
    });
    check(compare.empty() && (o.compareText || o.comparePlace), [&] {
        o.compare = StartCompare::Beside;
        return std::string();
    });
    check(!(o.scale >= smallestScale && o.scale <= largestScale),
          [&] { return fmt::format("The scale {} is not between {} and {}.", o.scale, smallestScale, largestScale); });
    check(o.steps < 0 || o.steps > mostSteps, [&] { return fmt::format("--steps takes 0 to {}, not {}.", mostSteps, o.steps); });
    for (const std::string& id : o.views) {
        check(!findView(QString::fromStdString(id)),
              [&] { return fmt::format("There is no view “{}”; there are {}.", id, viewIds()); });
    }
    check(o.views.size() == 3 || o.views.size() > 4,
          [&] { return fmt::format("One, two or four views can be shown at a time, not {}.", o.views.size()); });
    check(!file.empty(), [&] {
        const bool walk = file.ends_with(".walk");
        std::string& into = walk ? o.session : o.model;
        if (!into.empty()) return fmt::format("“{}” is one {} too many.", file, walk ? "session" : "model");
        if (file.ends_with(".txt") || file.ends_with(".md")) {
            std::error_code none;
            const auto bytes = std::filesystem::file_size(file, none);
            if (none || bytes <= static_cast<std::uintmax_t>(largestPrompt)) return readTextFile(file, o);
            o.count = file;
            return std::string();
        }
        into = file;
        return std::string();
    });
    return problem.empty() ? line : stop(problem);
}

}  // namespace lw

#include "app/export/export_note.h"

#include "app/version.h"

namespace lw {

std::string ExportNote::title() const { return view.empty() ? model : view + " · " + model; }

std::vector<std::pair<std::string, std::string>> ExportNote::lines() const {
    std::vector<std::pair<std::string, std::string>> lines;
    if (!view.empty()) lines.emplace_back("view", view);
    lines.emplace_back("model", model);
    lines.emplace_back("fingerprint", fingerprint);
    lines.emplace_back("text", text);
    lines.emplace_back("place", place);
    lines.emplace_back("program", program);
    return lines;
}

std::string ExportNote::oneLine() const {
    std::string line;
    for (const auto& [name, value] : lines()) {
        if (!line.empty()) line += "; ";
        line += name + ": ";
        for (const char c : value) line += c == '\n' || c == '\r' ? ' ' : c;
    }
    return line;
}

std::map<std::string, std::string> ExportNote::metadata() const {
    const auto all = lines();
    return {all.begin(), all.end()};
}

ExportNote exportNote(const Shown& shown, const LoadedModel& model, const std::string& text, const Locus& place,
                      const std::string& view) {
    return {.view = view,
            .model = shown.modelName,
            .fingerprint = shown.fingerprint.empty() ? model.fingerprint() : shown.fingerprint,
            .text = text,
            .place = print(place),
            .program = std::string("Layerwalk ") + programVersion};
}

}  // namespace lw

// What every exported file says about itself: the model and its fingerprint, the text, the place, the program.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/load.h"
#include "widgets/view.h"

namespace lw {

struct ExportNote {
    std::string view;  // title of the view, or empty for a whole trace
    std::string model, fingerprint, text, place, program;

    std::string title() const;                                       // "Attention · stories260K"
    std::vector<std::pair<std::string, std::string>> lines() const;  // "model" → …
    std::string oneLine() const;                                     // everything, for formats with one comment
    std::map<std::string, std::string> metadata() const;
};

/// `text`: as it was typed. The fingerprint is computed here where it is not known yet (reads every weight once).
ExportNote exportNote(const Shown& shown, const LoadedModel& model, const std::string& text, const Locus& place,
                      const std::string& view);

}  // namespace lw

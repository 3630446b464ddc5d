// What the parts of the state's picture are given, and the words that they share. Qt-free.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"
#include "widgets/state/state_areas.h"
#include "widgets/state/state_facts.h"

namespace lw {

struct StateInput {
    const StateFacts* facts = nullptr;  // never null
    std::span<const std::string> pieces = {};
    Locus place = {};                    // what is selected
    std::optional<Layer> askedFor = {};  // another layer was selected, which carries no state
    std::string note = {};               // said beside the heading ("B alone: …")
    double width = 0, height = 0;        // room
    bool agent = false;                  // an agent's memory is laid beside the step, in place of what stands over the text
    bool controls = true;                // with switches; an export has none
    Say say = sayEnglish;
};

struct StateDrawing {
    Picture picture;
    std::vector<StateArea> areas;
};

inline constexpr const char* openAttentionAction = "view:attention";
inline constexpr const char* agentAction = "agent";

/// The step as pictures, term by term, and the chosen number's row below it. Gives the bottom.
double addStep(StateDrawing& drawing, const StateInput& input, double y);
/// What an agent does with its notebook beside what this layer does, with the numbers of the step. Gives the bottom.
double addAgent(StateDrawing& drawing, const StateInput& input, double y);
/// Everything that stands over the text, on the same columns. Gives the bottom.
double addOverText(StateDrawing& drawing, const StateInput& input, double y);

// Columns of positions, shared by everything that stands over the text.
struct TextColumns {
    double left = 0, width = 0;  // of one column
    int count = 0;
    double x(int position) const { return left + width * position; }
    double centre(int position) const { return left + width * (position + 0.5); }
    double right() const { return left + width * count; }
};
TextColumns textColumns(double width, int tokens);

inline std::string pieceAt(const StateInput& in, int position) {
    return position >= 0 && position < static_cast<int>(in.pieces.size()) ? in.pieces[static_cast<std::size_t>(position)]
                                                                          : std::string("—");
}
/// The site whose numbers the state is made of: hook_S, hook_h of a scan, hook_c or hook_h of a cell.
SiteId stateSite(const MixerInfo& mixer);
/// "row 3, column 7", "channel 3, state 7", "unit 12".
std::string cellWords(const MixerInfo& mixer, int unit, int unit2, const Say& say);

}  // namespace lw

// The picture of the token strip: one chip a token with its text, id and the probability the model gave it.
// Shade = surprise (−ln p) on a fixed scale, so that two texts can be compared.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "widgets/shared/format.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"
#include "widgets/shared/text_width.h"
#include "widgets/tokens/shared_characters.h"

namespace lw {

inline constexpr double surpriseAtFullShade = 16;  // nats

struct StripToken {
    std::string text;  // visible
    TokenId id = -1;
    std::optional<double> logProbability;  // ln p; none for the first token and while it is being computed
    bool generated = false;                // not of the prompt
    bool marked = false;                   // one of the occurrences a person asked for
};

// A token that may come next.
struct StripGhost {
    std::string text;
    TokenId id = -1;
    double probability = 0;
};

struct StripFacts {
    std::vector<StripToken> tokens;
    std::vector<SharedCharacter> characters;
    std::vector<StripGhost> ghosts;
    std::vector<StripToken> beyond;  // tokens that exceed the context: greyed, not run
    int beyondLeftOut = 0;           // as many more, too many for a chip each: those farthest from the text
    bool beyondInFront = false;      // they stand before the text (cut front) instead of after it
    int context = 0;                 // named beside them
    bool shaded = true;
    InformationUnit unit = InformationUnit::Nats;
};

// Where each chip came to lie, for frames and scrolling; by position.
struct StripLayout {
    Picture picture;
    std::vector<Rect> chips;
    Rect firstGhost = {};  // the most probable continuation; empty where there is none
};

StripLayout tokenStrip(const StripFacts& facts, const Measure& measure, const Say& say = sayEnglish);
/// The frames of the selected position (amber) and of the key (blue, dashed), laid over the chips.
void addStripFrames(Picture& picture, const std::vector<Rect>& chips, const Locus& place);
/// Height of the strip's picture.
double tokenStripHeight();

}  // namespace lw

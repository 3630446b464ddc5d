// The upper part of the number inspector: one big number, what it is, and the formula it comes from with its real operands.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/analysis/explain.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/say.h"
#include "widgets/shared/text_width.h"

namespace lw {

struct InspectorRow {
    std::string name, text;
};

struct InspectorFacts {
    Explanation explanation;
    std::optional<Explanation> probability;  // of a logit: what it becomes in the softmax
    std::vector<InspectorRow> more;          // further rows: the tokens' own texts
    bool canGoBack = false;                  // a link was followed to here
    bool allDigits = false;                  // the big number with every digit of its float
};

/// A link's spot carries the action "follow:" + print(place); the big number's "digits", the way back's "back".
Picture explanationPicture(const InspectorFacts& facts, double width, const Measure& measure, const Say& say = sayEnglish);

// A row of values of which none is chosen yet.
struct VectorFacts {
    std::string title, site, inWords;
    std::vector<InspectorRow> more;
    std::vector<float> values;
    std::vector<Locus> places;  // of each value
    bool canGoBack = false;
};

Picture vectorPicture(const VectorFacts& facts, double width, const Measure& measure, const Say& say = sayEnglish);

/// What stands there when the place names no value.
Picture noValuePicture(const std::string& sentence, bool canGoBack, double width, const Measure& measure,
                       const Say& say = sayEnglish);

/// The inspector narrowed to a line, upright along the window's edge.
Picture narrowPicture(const std::string& title, const std::string& number, double height, const Measure& measure);

}  // namespace lw

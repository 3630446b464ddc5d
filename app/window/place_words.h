// The selected place spelled out for the status bar: "L3 H5 q7 k2 · query “sat”, key “cat” · pattern 0.4127". Pure.
#pragma once

#include <string>
#include <vector>

#include "widgets/view.h"

namespace lw {

struct PlaceWords {
    struct Part {
        std::string letter;  // "L": which part of the place; "site" for the site
        std::string text;    // "L3"
    };
    std::vector<Part> parts;  // can be clicked
    std::string words;        // query “sat”, key “cat”
    std::string value;        // "pattern 0.4127"; empty if the place names no number
};

PlaceWords placeWords(const Locus& place, const Shown& shown);

/// "pattern" of "blocks.3.attn.hook_pattern": what people call it.
std::string shortSiteName(SiteId id);

}  // namespace lw

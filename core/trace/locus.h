// Locus: a place in a run. Every part is optional; views set parts of it and follow it.
// One grammar, zero-based, printed = parsed: "s2 L3 H5 q7 k2 n40 blocks.3.attn.hook_pattern" (any parts, in this order when printed).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/index.h"
#include "core/base/result.h"
#include "core/trace/site.h"

namespace lw {

struct Locus {
    std::optional<Step> step = {};     // s
    std::optional<Layer> layer = {};   // L
    std::optional<Head> head = {};     // H
    std::optional<Position> position = {};  // q: query, or the position
    std::optional<Position> key = {};  // k
    std::optional<Unit> unit = {};     // n: channel, neuron, dimension of a head; for Logits the token id
    std::optional<Unit> unit2 = {};    // m: second unit (column of a matrix state)
    std::optional<SiteId> site = {};   // by its name

    friend bool operator==(const Locus&, const Locus&) = default;
    /// This place with the parts that `other` has laid over it.
    Locus with(const Locus& other) const;
};

std::string print(const Locus& locus);
/// Fails: a word that is no part of a place (named).
Result<Locus> parseLocus(std::string_view text);

}  // namespace lw

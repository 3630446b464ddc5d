// The counts of an n-gram model: a tree of contexts. An entry of order k is a run of k tokens; its children are the runs of k + 1
// tokens that begin with it, by rising id. So the entries of an order lie in the order of their tokens, and what may follow a
// context lies together.
//
// As tensors: discounts [order, 3]; orders.1.counts [V]; for k >= 2 orders.k.first [entries of k−1, + 1], orders.k.totals
// [entries of k−1], orders.k.ids and orders.k.counts [entries of k], whole numbers of the narrowest type that holds them.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/index.h"
#include "core/base/result.h"
#include "core/tensor/integer_source.h"
#include "core/tensor/weight_source.h"

namespace lw {

struct NgramOrder {
    std::vector<std::uint32_t> first;   // of order k−1's entry j: its children are [first[j], first[j + 1]). Empty for order 1
    std::vector<std::uint32_t> totals;  // … what the counts of all its children were together before the rare ones were left out
    std::vector<std::uint32_t> ids;     // the last token of each entry. Empty for order 1, whose entry i is token i
    std::vector<std::uint32_t> counts;  // how often the run was seen; below the highest order: after how many different tokens
    std::array<double, 3> discounts{};  // taken off a count of 1, of 2, of 3 and more

    double discount(std::uint32_t count) const {
        return count == 0 ? 0 : discounts[count >= 3 ? 2 : static_cast<std::size_t>(count) - 1];
    }
};

struct NgramTable {
    std::vector<NgramOrder> orders;  // orders[k − 1]

    int order() const { return static_cast<int>(orders.size()); }
    int vocabulary() const { return static_cast<int>(orders.front().counts.size()); }
    /// Entries that have been seen at least once, of all orders.
    std::int64_t entries() const;
};

/// Reads and checks every promise above, and that no context gives away more than it has.
/// Fails: NotFound, Mismatch, BadFormat, with the tensor, what was expected and what was found.
Result<NgramTable> readNgramTable(const WeightSource& source, const IntegerSource& integers, int order, int vocabulary);

}  // namespace lw

// All entries of a vocabulary that begin at one place of a text, found in one walk.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lw {

class PrefixTrie {
public:
    using Entry = std::pair<std::string, std::int32_t>;

    PrefixTrie() = default;
    /// Keys are not empty and differ from each other (asserted); values are not negative.
    explicit PrefixTrie(std::vector<Entry> entries);

    /// found(bytes, value) for every key that `text` begins with, the shortest first.
    template <class Found>
    void prefixes(std::string_view text, Found found) const {
        std::uint32_t node = 0;
        for (std::size_t i = 0; i < text.size() && !m_nodes.empty(); ++i) {
            node = child(node, static_cast<unsigned char>(text[i]));
            if (node == 0) return;
            if (m_nodes[node].value >= 0) found(i + 1, m_nodes[node].value);
        }
    }

    struct Match {
        std::size_t bytes = 0;  // 0: no key
        std::int32_t value = -1;
    };
    Match longest(std::string_view text) const;

private:
    struct Node {
        std::uint32_t firstChild = 0;  // its children stand together, in the order of their bytes
        std::uint16_t children = 0;
        unsigned char byte = 0;
        std::int32_t value = -1;
    };
    std::uint32_t child(std::uint32_t node, unsigned char byte) const;  // 0: none

    std::vector<Node> m_nodes;  // the root first
};

}  // namespace lw

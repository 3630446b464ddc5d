#include "core/text/prefix_trie.h"

#include <algorithm>
#include <cassert>

namespace lw {

PrefixTrie::PrefixTrie(std::vector<Entry> entries) {
    std::ranges::sort(entries);
    m_nodes.emplace_back();
    if (entries.empty()) return;
    struct Part {  // entries [from, to) share the first `depth` bytes, which lead to `node`
        std::size_t from, to, depth;
        std::uint32_t node;
    };
    // Level by level, so that children stand together.
    for (std::vector<Part> level{{0, entries.size(), 0, 0}}, below; !level.empty(); level.swap(below)) {
        below.clear();
        for (auto [from, to, depth, node] : level) {
            if (entries[from].first.size() == depth) {
                assert(depth > 0 && entries[from].second >= 0);
                m_nodes[node].value = entries[from++].second;
            }
            m_nodes[node].firstChild = static_cast<std::uint32_t>(m_nodes.size());
            while (from < to) {
                assert(entries[from].first.size() > depth);
                const char byte = entries[from].first[depth];
                std::size_t end = from + 1;
                while (end < to && entries[end].first[depth] == byte) ++end;
                below.push_back({from, end, depth + 1, static_cast<std::uint32_t>(m_nodes.size())});
                Node next;
                next.byte = static_cast<unsigned char>(byte);
                m_nodes.push_back(next);
                ++m_nodes[node].children;
                from = end;
            }
        }
    }
}

std::uint32_t PrefixTrie::child(std::uint32_t node, unsigned char byte) const {
    const auto begin = m_nodes.begin() + m_nodes[node].firstChild, end = begin + m_nodes[node].children;
    const auto found = std::lower_bound(begin, end, byte, [](const Node& one, unsigned char b) { return one.byte < b; });
    return found != end && found->byte == byte ? static_cast<std::uint32_t>(found - m_nodes.begin()) : 0;
}

PrefixTrie::Match PrefixTrie::longest(std::string_view text) const {
    Match best;
    prefixes(text, [&](std::size_t bytes, std::int32_t value) { best = {bytes, value}; });
    return best;
}

}  // namespace lw

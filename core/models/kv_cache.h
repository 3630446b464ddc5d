// The key/value cache: per layer the keys and values of all tokens so far, in pages that copies share.
// A copy that goes on along the same lane writes into free rows of the shared last page; one that branches off gets its own
// copy of that page only.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "core/models/state.h"
#include "core/nn/attention.h"

namespace lw {

class KvCache : public State {
public:
    static constexpr int pageRows = 128;

    KvCache(int layers, int kvWidth);

    std::unique_ptr<State> clone() const override { return std::make_unique<KvCache>(*this); }
    int length() const override { return m_length; }
    std::int64_t bytes() const override;

    /// Adds this chunk's rows of one layer: keys, values [T, kvWidth]. Call once a layer, then advance(T).
    void append(Layer layer, const Matrix& keys, const Matrix& values);
    void advance(int T) { m_length += T; }
    /// All rows of a layer in order, those just appended included. Valid while this cache lives and is not appended to.
    std::vector<nn::KeyValueRows> rows(Layer layer) const;
    /// Number of pages that this cache shares with `other` (for tests and for the cost of a branch).
    int sharedPages(const KvCache& other) const;

private:
    struct Page {
        explicit Page(int width) : keys(pageRows, width), values(pageRows, width) {}
        Matrix keys, values;
        std::atomic<int> used{0};
    };
    struct LayerPages {
        std::vector<std::shared_ptr<Page>> pages;
        int rows = 0;
    };
    int m_width;
    int m_length = 0;
    std::vector<LayerPages> m_layers;
};

}  // namespace lw

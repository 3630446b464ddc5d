#include "core/models/kv_cache.h"

#include <algorithm>
#include <cassert>

namespace lw {

KvCache::KvCache(int layers, int kvWidth) : m_width(kvWidth), m_layers(static_cast<std::size_t>(layers)) {}

std::int64_t KvCache::bytes() const {
    std::int64_t rows = 0;
    for (const LayerPages& layer : m_layers) rows += layer.rows;
    return rows * m_width * 2 * 4;
}

void KvCache::append(Layer layer, const Matrix& keys, const Matrix& values) {
    assert(keys.cols() == m_width && values.cols() == m_width && keys.rows() == values.rows());
    LayerPages& own = m_layers[static_cast<std::size_t>(layer.value)];
    for (Eigen::Index done = 0; done < keys.rows();) {
        const int offset = own.rows % pageRows;
        if (offset == 0) {
            own.pages.push_back(std::make_shared<Page>(m_width));
        }
        const int n = static_cast<int>(std::min<Eigen::Index>(pageRows - offset, keys.rows() - done));
        int expected = offset;
        if (!own.pages.back()->used.compare_exchange_strong(expected, offset + n)) {
            // Another continuation has taken the free rows: go on in a copy of the page.
            auto copy = std::make_shared<Page>(m_width);
            copy->keys.topRows(offset) = own.pages.back()->keys.topRows(offset);
            copy->values.topRows(offset) = own.pages.back()->values.topRows(offset);
            copy->used = offset + n;
            own.pages.back() = std::move(copy);
        }
        Page& page = *own.pages.back();
        page.keys.middleRows(offset, n) = keys.middleRows(done, n);
        page.values.middleRows(offset, n) = values.middleRows(done, n);
        own.rows += n;
        done += n;
    }
}

std::vector<nn::KeyValueRows> KvCache::rows(Layer layer) const {
    const LayerPages& own = m_layers[static_cast<std::size_t>(layer.value)];
    std::vector<nn::KeyValueRows> list;
    list.reserve(own.pages.size());
    for (std::size_t p = 0; p < own.pages.size(); ++p) {
        const int n = std::min(pageRows, own.rows - static_cast<int>(p) * pageRows);
        list.push_back({own.pages[p]->keys.data(), own.pages[p]->values.data(), n});
    }
    return list;
}

int KvCache::sharedPages(const KvCache& other) const {
    int shared = 0;
    for (std::size_t l = 0; l < std::min(m_layers.size(), other.m_layers.size()); ++l) {
        const auto &a = m_layers[l].pages, &b = other.m_layers[l].pages;
        for (std::size_t p = 0; p < std::min(a.size(), b.size()); ++p) shared += a[p] == b[p];
    }
    return shared;
}

}  // namespace lw

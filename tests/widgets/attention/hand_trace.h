// A trace with hand-made q, k, v: one layer, two heads that share one key/value head, width 2 a head, no rotary.
#pragma once

#include <cmath>
#include <memory>
#include <vector>

#include "core/trace/trace.h"

namespace lw::test {

inline std::shared_ptr<const ModelInfo> handInfo(int window = 0) {
    auto info = std::make_shared<ModelInfo>();
    info->name = "by hand";
    info->architecture = "hand";
    info->width = 4;
    info->vocabulary = 3;
    BlockInfo block;
    block.attention = {.heads = 2, .kvHeads = 1, .headWidth = 2, .scale = 0.5f, .window = window, .rotary = false};
    block.mlp.width = 1;
    info->blocks = {block};
    return info;
}

inline float handQ(int t, int column) { return static_cast<float>(std::sin(1.7 * t + 0.9 * column) * 3); }
inline float handK(int t, int column) { return static_cast<float>(std::cos(0.8 * t - 1.3 * column) * 2); }
inline float handV(int t, int column) { return static_cast<float>(t + 1) * (column == 0 ? 0.25f : -1.0f); }

/// blocks: rows of each block; the last ones are steps of generation.
inline std::shared_ptr<const Trace> handTrace(const std::vector<int>& blocks, int window = 0) {
    auto info = handInfo(window);
    std::vector<std::shared_ptr<const TraceBlock>> parts;
    int first = 0;
    for (const int rows : blocks) {
        auto block = std::make_shared<TraceBlock>();
        block->first = first;
        block->values.resize(1);
        Matrix q(rows, 4), k(rows, 2), v(rows, 2);
        for (int i = 0; i < rows; ++i) {
            block->ids.push_back((first + i) % 3);
            for (int c = 0; c < 4; ++c) q(i, c) = handQ(first + i, c);
            for (int c = 0; c < 2; ++c) k(i, c) = handK(first + i, c), v(i, c) = handV(first + i, c);
        }
        auto& values = block->values.front();
        values[static_cast<std::size_t>(SiteId::Q)] = Tensor(std::move(q));
        values[static_cast<std::size_t>(SiteId::K)] = Tensor(std::move(k));
        values[static_cast<std::size_t>(SiteId::V)] = Tensor(std::move(v));
        parts.push_back(std::move(block));
        first += rows;
    }
    return std::make_shared<const Trace>(info, CaptureSpec::all(*info), std::move(parts));
}

/// softmax(0.5 q·k) of one row, written out in double.
inline std::vector<double> handRow(int head, int query, int window = 0) {
    std::vector<double> e(static_cast<std::size_t>(query) + 1, 0.0);
    double sum = 0, largest = -1e9;
    const int from = window > 0 ? std::max(0, query - window + 1) : 0;
    const auto score = [&](int k) {
        return 0.5 * (double(handQ(query, 2 * head)) * handK(k, 0) + double(handQ(query, 2 * head + 1)) * handK(k, 1));
    };
    for (int k = from; k <= query; ++k) largest = std::max(largest, score(k));
    for (int k = from; k <= query; ++k) sum += e[static_cast<std::size_t>(k)] = std::exp(score(k) - largest);
    for (double& x : e) x /= sum;
    return e;
}

inline std::vector<std::string> handPieces(int length) {
    std::vector<std::string> pieces;
    for (int i = 0; i < length; ++i) pieces.push_back("t" + std::to_string(i));
    return pieces;
}

}  // namespace lw::test

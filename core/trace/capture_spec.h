// Which values a run keeps, and what that costs in memory before it is run.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/trace/model_info.h"

namespace lw {

class CaptureSpec {
public:
    static CaptureSpec none();                       // logits only
    static CaptureSpec all(const ModelInfo& model);  // everything but OnRequest sites
    /// Glob patterns over site names ('blocks.*.attn.hook_pattern'), each item possibly several, comma separated; "all".
    /// Fails: a pattern that matches no site of this model (named).
    static Result<CaptureSpec> parse(std::span<const std::string> patterns, const ModelInfo& model);

    bool wants(SiteId id, Layer layer) const;   // asked for by the person
    bool stores(SiteId id, Layer layer) const;  // must be kept, for itself or to derive something from
    std::vector<SiteRef> wanted() const;        // by layer, in the order of sites

    /// Bytes kept by a run of T tokens, logits of all positions included.
    std::int64_t bytes(const ModelInfo& model, int T) const;
    /// Bytes of the wanted arrays written out (derived ones materialised).
    std::int64_t materialisedBytes(const ModelInfo& model, int T) const;

private:
    void want(SiteId id, Layer layer, const ModelInfo& model);
    std::vector<std::array<bool, siteCount>> m_wants, m_stores;  // by layer
};

/// A quarter of the machine's memory: the default budget of a capture.
std::int64_t defaultCaptureBudget();
/// "1.9 MB", "2.4 GB" (powers of 1000).
std::string printBytes(std::int64_t bytes);

}  // namespace lw

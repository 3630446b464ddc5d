#include "core/trace/capture_spec.h"

#include <fmt/format.h>

#include "core/base/machine_memory.h"

namespace lw {

namespace {

// Stored sites from which a derived one comes; those that the model does not have are left out by the caller.
std::vector<SiteId> sourcesOf(SiteId id, const ModelInfo& model, Layer layer) {
    using enum SiteId;
    const BlockInfo* block = siteOf(id).perLayer ? &model.block(layer) : nullptr;
    switch (id) {
        case AttnIn:
        case QInput:
        case KInput:
        case VInput:
            return {ResidPre};
        case Ln1Normalized:
            return {ResidPre, Ln1Scale};
        case AttnScores:
        case Pattern:
            return block->attention.rotary ? std::vector{RotQ, RotK} : std::vector{Q, K};
        case Result:
            return {Z};
        case MlpIn:
        case ResidMid:
            return {ResidPre, block->firstOut()};
        case Ln2Normalized:
            return {ResidPre, block->firstOut(), Ln2Scale};
        case MlpPost:
            return block->mlp.gated ? std::vector{MlpPre, MlpPreLinear} : std::vector{MlpPre};
        case ResidPost:
            return {ResidPre, block->firstOut(), MlpOut};
        case FinalNormalized:  // of the last block
            return {ResidPre, AttnOut, MixerOut, MlpOut, FinalScale};
        case SsmOut:
            return {MixerOut};
        case SsmABar:
            return {SsmDelta};
        case SsmBBar:
            return {SsmDelta, SsmB};
        case SsmH:
        case MixerS:
        case MixerNormZ:
        case MixerKept:
        case MixerErased:
        case MixerWritten:
        case MixerRead:
        case MixerEffectivePattern:  // the recurrence again, from what it was made of
            return {MixerQ,   MixerK,   MixerV, MixerBeta, MixerLogDecay, MixerRemovalKey, MixerInContextRate,
                    SsmInput, SsmDelta, SsmB,   SsmC};
        default:
            return {};
    }
}

// '*' matches any run of characters, '?' one.
bool matches(std::string_view pattern, std::string_view name) {
    std::size_t p = 0, n = 0, star = std::string_view::npos, mark = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            mark = n;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
            ++p;
            ++n;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            n = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

// Other names that the field has for a site: what a request may call it; it is written under its own.
struct OtherName {
    SiteId site;
    const char* name;
};
constexpr OtherName otherNames[] = {{SiteId::SsmOut, "blocks.{}.mixer.hook_out_proj"},
                                    {SiteId::CellH, "blocks.{}.rnn.hook_read"}};

// A state's pattern may name positions ("….hook_S.*"): then all of them are meant.
bool matchesSite(std::string_view pattern, const Site& site, Layer layer) {
    const std::string name = siteName(site.id, layer);
    if (matches(pattern, name)) return true;
    for (const OtherName& other : otherNames) {
        if (other.site == site.id && matches(pattern, fmt::format(fmt::runtime(other.name), layer.value))) return true;
    }
    if (!isPerPosition(site)) return false;
    const auto dot = pattern.rfind('.');
    const bool numbered =
        dot != std::string_view::npos && pattern.find_first_not_of("0123456789*", dot + 1) == std::string_view::npos;
    return numbered && matches(pattern.substr(0, dot), name);
}

std::int64_t valuesOf(const ModelInfo& model, SiteId id, Layer layer, int T) {
    std::int64_t count = 1;
    for (const std::int64_t n : model.shapeOf(id, layer, T)) count *= n;
    return isPerPosition(siteOf(id)) ? count * T : count;
}

template <class F>
void forEachSite(const ModelInfo& model, F visit) {
    for (const Site& site : allSites()) {
        const int layers = site.perLayer ? model.layers() : 1;
        for (int l = 0; l < layers; ++l) {
            if (model.has(site.id, Layer(l))) visit(site, Layer(l));
        }
    }
}

}  // namespace

CaptureSpec CaptureSpec::none() { return {}; }

CaptureSpec CaptureSpec::all(const ModelInfo& model) {
    CaptureSpec spec;
    forEachSite(model, [&](const Site& site, Layer layer) {
        if (site.kind != SiteKind::OnRequest) spec.want(site.id, layer, model);
    });
    return spec;
}

Result<CaptureSpec> CaptureSpec::parse(std::span<const std::string> patterns, const ModelInfo& model) {
    CaptureSpec spec;
    for (const std::string& item : patterns) {
        std::string_view rest = item;
        while (true) {
            const auto comma = rest.find(',');
            std::string_view pattern = rest.substr(0, comma);
            while (!pattern.empty() && pattern.front() == ' ') pattern.remove_prefix(1);
            while (!pattern.empty() && pattern.back() == ' ') pattern.remove_suffix(1);
            bool any = false;
            forEachSite(model, [&](const Site& site, Layer layer) {
                const bool hit = pattern == "all" ? site.kind != SiteKind::OnRequest : matchesSite(pattern, site, layer);
                if (hit) spec.want(site.id, layer, model);
                any = any || hit;
            });
            if (!any) {
                return fail(
                    ErrorKind::BadInput,
                    fmt::format(
                        "The capture pattern “{}” matches no site of this model ({} layers; “layerwalk-cli sites” lists them).",
                        pattern, model.layers()),
                    std::string(pattern));
            }
            if (comma == std::string_view::npos) break;
            rest.remove_prefix(comma + 1);
        }
    }
    return spec;
}

void CaptureSpec::want(SiteId id, Layer layer, const ModelInfo& model) {
    const auto layers = static_cast<std::size_t>(std::max(1, model.layers()));
    m_wants.resize(layers);
    m_stores.resize(layers);
    const auto l = static_cast<std::size_t>(layer.value), s = static_cast<std::size_t>(id);
    m_wants[l][s] = true;
    const std::vector<SiteId> sources = sourcesOf(id, model, layer);
    if (sources.empty()) m_stores[l][s] = true;
    for (const SiteId source : sources) {
        const bool ofLastBlock = id == SiteId::FinalNormalized && siteOf(source).perLayer;
        const std::size_t from = ofLastBlock ? layers - 1 : l;
        if (model.has(source, Layer(static_cast<int>(from)))) m_stores[from][static_cast<std::size_t>(source)] = true;
    }
}

bool CaptureSpec::wants(SiteId id, Layer layer) const {
    const auto l = static_cast<std::size_t>(layer.value);
    return l < m_wants.size() && m_wants[l][static_cast<std::size_t>(id)];
}

bool CaptureSpec::stores(SiteId id, Layer layer) const {
    const auto l = static_cast<std::size_t>(layer.value);
    return l < m_stores.size() && m_stores[l][static_cast<std::size_t>(id)];
}

std::vector<SiteRef> CaptureSpec::wanted() const {
    std::vector<SiteRef> refs;
    for (std::size_t l = 0; l < m_wants.size(); ++l) {
        for (const Site& site : allSites()) {
            if (m_wants[l][static_cast<std::size_t>(site.id)]) refs.push_back({site.id, Layer(static_cast<int>(l))});
        }
    }
    return refs;
}

std::int64_t CaptureSpec::bytes(const ModelInfo& model, int T) const {
    std::int64_t floats = std::int64_t{1} * T * model.vocabulary;
    forEachSite(model, [&](const Site& site, Layer layer) {
        if (site.id != SiteId::Logits && stores(site.id, layer)) floats += valuesOf(model, site.id, layer, T);
    });
    return floats * 4;
}

std::int64_t CaptureSpec::materialisedBytes(const ModelInfo& model, int T) const {
    std::int64_t floats = 0;
    for (const SiteRef& ref : wanted()) floats += valuesOf(model, ref.id, ref.layer, T);
    return floats * 4;
}

std::int64_t defaultCaptureBudget() { return machineMemory() / 4; }

std::string printBytes(std::int64_t bytes) {
    if (bytes < 1000) return fmt::format("{} bytes", bytes);
    double value = static_cast<double>(bytes);
    const char* unit = "";
    for (const char* next : {"kB", "MB", "GB", "TB", "PB", "EB"}) {
        if (value < 999.95) break;
        value /= 1000;
        unit = next;
    }
    return fmt::format("{:.{}f} {}", value, value < 99.95 ? 1 : 0, unit);
}

}  // namespace lw

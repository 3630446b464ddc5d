#include "core/trace/locus.h"

#include <charconv>

#include <fmt/format.h>

namespace lw {

namespace {

template <class T>
void lay(std::optional<T>& under, const std::optional<T>& over) {
    if (over) under = over;
}

std::optional<int> number(std::string_view digits) {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() || value < 0) return std::nullopt;
    return value;
}

}  // namespace

Locus Locus::with(const Locus& other) const {
    Locus result = *this;
    lay(result.step, other.step);
    lay(result.layer, other.layer);
    lay(result.head, other.head);
    lay(result.position, other.position);
    lay(result.key, other.key);
    lay(result.unit, other.unit);
    lay(result.unit2, other.unit2);
    lay(result.site, other.site);
    return result;
}

std::string print(const Locus& locus) {
    std::string text;
    const auto part = [&text](const char* letter, const auto& index) {
        if (index) text += fmt::format("{}{}{}", text.empty() ? "" : " ", letter, index->value);
    };
    part("s", locus.step);
    part("L", locus.layer);
    part("H", locus.head);
    part("q", locus.position);
    part("k", locus.key);
    part("n", locus.unit);
    part("m", locus.unit2);
    if (locus.site) text += (text.empty() ? "" : " ") + siteName(*locus.site, locus.layer.value_or(Layer(0)));
    return text;
}

Result<Locus> parseLocus(std::string_view text) {
    Locus locus;
    std::optional<Layer> layerOfSite;
    while (!text.empty()) {
        const auto start = text.find_first_not_of(" \t");
        if (start == std::string_view::npos) break;
        text.remove_prefix(start);
        const auto end = std::min(text.find_first_of(" \t"), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(end);
        const auto value = number(word.substr(1));
        if (value && word[0] == 's')
            locus.step = Step(*value);
        else if (value && word[0] == 'L')
            locus.layer = Layer(*value);
        else if (value && word[0] == 'H')
            locus.head = Head(*value);
        else if (value && word[0] == 'q')
            locus.position = Position(*value);
        else if (value && word[0] == 'k')
            locus.key = Position(*value);
        else if (value && word[0] == 'n')
            locus.unit = Unit(*value);
        else if (value && word[0] == 'm')
            locus.unit2 = Unit(*value);
        else if (const auto site = parseSiteName(word)) {
            locus.site = site->id;
            if (siteOf(site->id).perLayer) layerOfSite = site->layer;
        } else {
            return fail(
                ErrorKind::BadInput,
                fmt::format(
                    "“{}” is no part of a place: expected s, L, H, q, k, n or m with a number from 0, or the name of a site.",
                    word),
                std::string(word));
        }
    }
    if (layerOfSite && locus.layer && *locus.layer != *layerOfSite) {
        return fail(ErrorKind::BadInput,
                    fmt::format("The place names layer {} and a site of layer {}.", locus.layer->value, layerOfSite->value));
    }
    if (layerOfSite) locus.layer = layerOfSite;
    return locus;
}

}  // namespace lw

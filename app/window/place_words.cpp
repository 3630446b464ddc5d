#include "app/window/place_words.h"

#include <QCoreApplication>

namespace lw {

namespace {

std::string quoted(const Shown& shown, Position position) {
    const auto i = static_cast<std::size_t>(position.value);
    return "“" + (i < shown.pieces.size() ? shown.pieces[i] : std::to_string(position.value)) + "”";
}

std::string say(const char* text) { return QCoreApplication::translate("Place", text).toStdString(); }

}  // namespace

std::string shortSiteName(SiteId id) {
    const std::string_view name = siteOf(id).name;
    const auto hook = name.rfind("hook_");
    if (hook != std::string_view::npos) return std::string(name.substr(hook + 5));
    const auto dot = name.rfind('.');
    return std::string(dot == std::string_view::npos ? name : name.substr(dot + 1));
}

PlaceWords placeWords(const Locus& place, const Shown& shown) {
    PlaceWords words;
    const auto part = [&](const char* letter, const auto& index) {
        if (index) words.parts.push_back({letter, letter + std::to_string(index->value)});
    };
    part("s", place.step);
    part("L", place.layer);
    part("H", place.head);
    part("q", place.position);
    part("k", place.key);
    part("n", place.unit);
    part("m", place.unit2);
    if (place.site) words.parts.push_back({"site", shortSiteName(*place.site)});

    if (place.position) {
        words.words = say(place.key ? QT_TRANSLATE_NOOP("Place", "query") : QT_TRANSLATE_NOOP("Place", "position")) + " " +
                      quoted(shown, *place.position);
    }
    if (place.key)
        words.words +=
            (words.words.empty() ? "" : ", ") + say(QT_TRANSLATE_NOOP("Place", "key")) + " " + quoted(shown, *place.key);

    const bool stream = place.site == SiteId::ResidPre || place.site == SiteId::ResidMid || place.site == SiteId::ResidPost;
    if (stream && place.unit2) {
        words.words += (words.words.empty() ? "" : ", ") + say(QT_TRANSLATE_NOOP("Place", "lens reads")) + " “" +
                       shown.piece(place.unit2->value) + "”";
        return words;
    }
    if (place.site && place.position && shown.trace->has(*place.site, place.layer.value_or(Layer(0)))) {
        const auto value =
            shown.trace->value(*place.site, place.layer.value_or(Layer(0)), place.head, *place.position, place.key, place.unit);
        if (value) words.value = shortSiteName(*place.site) + " " + printNumber(static_cast<double>(*value));
    }
    return words;
}

}  // namespace lw

// Small tables with words, for tests of this view.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "tests/catch.h"
#include "widgets/embeddings/token_table.h"
#include "widgets/shared/picture.h"

namespace lw::test {

inline TokenTable tableOf(std::vector<std::string> words, Matrix rows) {
    TokenTable table;
    table.key = "vectors:hand";
    table.name = "hand";
    table.rows = Weight::fromMatrix(std::move(rows));
    table.words = std::make_shared<const std::vector<std::string>>(std::move(words));
    return table;
}

inline bool says(const Picture& picture, const std::string& text) {
    return std::ranges::any_of(picture.texts(), [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

inline const Spot* spotOf(const Picture& picture, const std::string& action) {
    const auto at = std::ranges::find(picture.spots, action, &Spot::action);
    return at == picture.spots.end() ? nullptr : &*at;
}

}  // namespace lw::test

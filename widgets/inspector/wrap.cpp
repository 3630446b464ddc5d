#include "widgets/inspector/wrap.h"

namespace lw {

std::vector<FormulaLine> wrapFormula(const FormulaLine& formula, double width, TypeSize size, const Measure& measure) {
    std::vector<FormulaLine> lines{{}};
    double used = 0;
    const auto put = [&](const std::string& text, const std::optional<Locus>& link, double advance) {
        FormulaLine& line = lines.back();
        if (!line.empty() && line.back().link == link)
            line.back().text += text;
        else
            line.push_back({text, link});
        used += advance;
    };
    for (const FormulaPart& part : formula) {
        for (const std::string& word : wordsWithSpaces(part.text)) {
            const double shown = measure(withoutEndSpaces(word), size, false, true);
            if (used > 0 && used + shown > width) {
                lines.emplace_back();
                used = 0;
                put("  ", std::nullopt, measure("  ", size, false, true));
            }
            put(word, part.link, measure(word, size, false, true));
        }
    }
    return lines;
}

}  // namespace lw

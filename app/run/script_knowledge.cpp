#include "app/run/script_knowledge.h"

#include <cmath>
#include <string>

#include "core/analysis/softmax_stats.h"

namespace lw {

namespace {

constexpr int fewestTokens = 8;          // shorter texts say nothing about a script
constexpr double manyByteTokens = 0.25;  // of all tokens
constexpr double verySurprising = 4.0;   // bits a byte; English is near 1 for a model that knows it, 8 is a blind guess
constexpr int longestMeasured = 512;     // tokens of which the surprise is taken

bool isByteFallback(std::string_view entry) { return entry.size() == 6 && entry.starts_with("<0x") && entry.ends_with('>'); }

// Does a piece begin or end inside a character?
bool isPartOfCharacter(std::string_view bytes) {
    std::size_t i = 0;
    while (i < bytes.size()) {
        const auto lead = static_cast<unsigned char>(bytes[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 0;
        if (length == 0 || i + length > bytes.size()) return true;
        for (std::size_t j = 1; j < length; ++j) {
            if ((static_cast<unsigned char>(bytes[i + j]) & 0xc0u) != 0x80u) return true;
        }
        i += length;
    }
    return false;
}

}  // namespace

bool ScriptKnowledge::poor() const {
    if (tokens < fewestTokens) return false;
    return byteTokens >= manyByteTokens * tokens || bitsPerByte.value_or(0) > verySurprising;
}

ScriptKnowledge scriptKnowledge(const Tokenizer& tokenizer, std::span<const TokenId> ids, const Trace* trace) {
    ScriptKnowledge known;
    double nats = 0;
    std::size_t measuredBytes = 0;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const TokenId id = ids[i];
        if (id < 0 || id >= tokenizer.size() || tokenizer.isSpecial(id)) continue;
        const std::string bytes = tokenizer.bytes(id);
        ++known.tokens;
        // A line break has no piece of its own in many vocabularies: that says nothing about a script.
        if ((isByteFallback(tokenizer.entry(id)) && bytes != "\n") || isPartOfCharacter(bytes)) ++known.byteTokens;
        if (trace && i > 0 && i < static_cast<std::size_t>(trace->length()) && i <= longestMeasured) {
            const ConstRow logits = trace->logits(Position(static_cast<int>(i) - 1));
            nats += surprisal({logits.data(), static_cast<std::size_t>(logits.size())}, id);
            measuredBytes += bytes.size();
        }
    }
    if (measuredBytes > 0) known.bitsPerByte = nats / std::log(2.0) / static_cast<double>(measuredBytes);
    return known;
}

}  // namespace lw

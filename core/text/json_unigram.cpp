// tokenizer.json: "model" of type Unigram.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/text/tokenizer_json_parts.h"
#include "core/text/unigram_model.h"

namespace lw::tokenizer_json {

ModelFile readUnigram(const JsonField& model) {
    constexpr double UnknownPenalty = 10;  // below the least probable entry: the library's number
    ModelFile out;
    std::vector<double> scores;
    double least = std::numeric_limits<double>::max();
    const JsonField vocab = model["vocab"];
    if (vocab.size() == 0)
        vocab.problem(ErrorKind::BadFormat, "should be a list of pieces with their log probabilities and is empty");
    for (std::size_t i = 0; i < vocab.size() && !vocab.problems().first; ++i) {
        const JsonField pair = vocab.item(i);
        if (pair.size() != 2) {
            pair.problem(ErrorKind::BadFormat, "should be a piece and its log probability");
            break;
        }
        out.vocabulary.emplace_back(pair.item(0).text(), static_cast<std::int64_t>(i));
        scores.push_back(pair.item(1).number());
        least = std::min(least, scores.back());
    }
    UnigramOptions options;
    options.singlePrecision = false;
    options.unknownScore = least - UnknownPenalty;
    out.byteFallback = model["byte_fallback"].flag(false);
    const std::int64_t unknown = model["unk_id"].integer(-1);
    if (unknown >= static_cast<std::int64_t>(scores.size()))
        model["unk_id"].problem(ErrorKind::Mismatch,
                                fmt::format("is {}, but the vocabulary has {} pieces", unknown, scores.size()));
    options.unknown = static_cast<TokenId>(unknown);
    out.kind = "Unigram";
    out.make = [options, bytes = out.byteFallback, scores = std::move(scores)](const Vocabulary& own, std::string_view where) {
        UnigramOptions complete = options;
        if (bytes) complete.bytes = ByteTokens(own);
        return UnigramModel::make(own, scores, std::vector<bool>(scores.size(), true), complete, where);
    };
    return out;
}

}  // namespace lw::tokenizer_json

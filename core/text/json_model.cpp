// tokenizer.json: "model": which type it is.
#include <fmt/format.h>

#include "core/text/tokenizer_json_parts.h"

namespace lw::tokenizer_json {

std::vector<std::pair<std::string, std::int64_t>> readVocabulary(const JsonField& vocab) {
    std::vector<std::pair<std::string, std::int64_t>> pairs;
    for (const auto& [spelling, id] : vocab.object()) {
        if (spelling.empty()) continue;
        // Of what is wrong the entry is named.
        const std::string path =
            id.is_number_integer() ? vocab.path() : fmt::format("{}[\"{}\"]", vocab.path(), printableBytes(spelling));
        pairs.emplace_back(spelling, JsonField(id, path, vocab.problems()).integer());
    }
    return pairs;
}

ModelFile readModel(const JsonField& model) {
    // Old files name no type.
    const char* likely = !model["merges"].absent() ? "BPE" : model["vocab"].isList() ? "Unigram" : "";
    const std::string type = model["type"].text(likely);
    if (type == "BPE") return readBpe(model);
    if (type == "Unigram") return readUnigram(model);
    if (type == "WordPiece") return readWordPiece(model);
    if (type == "WordLevel") return readWordLevel(model);
    if (type.empty()) {
        model["type"].problem(ErrorKind::BadFormat, "should be text and is missing");
    } else {
        model.problem(ErrorKind::Unsupported,
                      fmt::format("is of the kind {}, which this program cannot tokenize with; it can with "
                                  "BPE, Unigram, WordPiece and WordLevel",
                                  type));
    }
    return {};
}

}  // namespace lw::tokenizer_json

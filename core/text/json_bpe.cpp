// tokenizer.json: "model" of type BPE: its vocabulary and merges.
#include <fmt/format.h>

#include "core/text/bpe_model.h"
#include "core/text/tokenizer_json_parts.h"

namespace lw::tokenizer_json {

BpeFile readBpe(const JsonField& model) {
    BpeFile out;
    const bool looksLikeBpe = !model["merges"].absent();  // old files name no type
    const std::string type = model["type"].text(looksLikeBpe ? "BPE" : "");
    if (type != "BPE") {
        if (type.empty()) {
            model["type"].problem(ErrorKind::BadFormat, "should be text and is missing");
        } else {
            model.problem(ErrorKind::Unsupported,
                          fmt::format("is of the kind {}, which this program cannot tokenize with; it can with BPE", type));
        }
        return out;
    }
    const JsonField vocab = model["vocab"];
    for (const auto& [spelling, id] : vocab.object()) {
        if (spelling.empty()) continue;
        out.vocabulary.emplace_back(spelling, JsonField(id, "model.vocab", model.problems()).integer());
    }
    const JsonField merges = model["merges"];
    out.merges.reserve(merges.size());
    for (std::size_t i = 0; i < merges.size() && !model.problems().first; ++i) {
        const JsonField merge = merges.item(i);
        if (merge.isText()) {
            auto pair = mergeFromLine(merge.text(), i, model.problems().where);
            if (!pair) model.problems().add(pair.error());
            if (pair) out.merges.push_back(std::move(*pair));
        } else if (merge.size() == 2) {
            out.merges.emplace_back(merge.item(0).text(), merge.item(1).text());
        } else {
            merge.problem(ErrorKind::BadFormat, "should be two pieces");
        }
    }
    return out;
}

}  // namespace lw::tokenizer_json

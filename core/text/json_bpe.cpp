// tokenizer.json: "model" of type BPE.
#include <fmt/format.h>

#include "core/text/bpe_model.h"
#include "core/text/tokenizer_json_parts.h"

namespace lw::tokenizer_json {
namespace {

std::vector<MergePair> readMerges(const JsonField& merges) {
    std::vector<MergePair> out;
    out.reserve(merges.size());
    for (std::size_t i = 0; i < merges.size() && !merges.problems().first; ++i) {
        const JsonField merge = merges.item(i);
        if (merge.isText()) {
            auto pair = mergeFromLine(merge.text(), i, merges.problems().where);
            if (!pair) merges.problems().add(pair.error());
            if (pair) out.push_back(std::move(*pair));
        } else if (merge.size() == 2) {
            out.emplace_back(merge.item(0).text(), merge.item(1).text());
        } else {
            merge.problem(ErrorKind::BadFormat, "should be two pieces");
        }
    }
    return out;
}

BpeOptions readOptions(const JsonField& model) {
    BpeOptions options;
    options.unknown = model["unk_token"].text("");
    options.fuseUnknown = model["fuse_unk"].flag(false);
    options.byteFallback = model["byte_fallback"].flag(false);
    options.ignoreMerges = model["ignore_merges"].flag(false);
    options.continuingPrefix = model["continuing_subword_prefix"].text("");
    options.wordEndSuffix = model["end_of_word_suffix"].text("");
    return options;
}

}  // namespace

ModelFile readBpe(const JsonField& model) {
    ModelFile out;
    out.vocabulary = readVocabulary(model["vocab"]);
    const BpeOptions options = readOptions(model);
    if (model["dropout"].number(0) != 0) {
        model["dropout"].problem(ErrorKind::Unsupported, "leaves merges out at random, which gives no definite tokens");
    }
    out.byteFallback = options.byteFallback;
    out.make = [options, merges = readMerges(model["merges"])](const Vocabulary& own, std::string_view where) {
        return BpeModel::make(own, merges, options, where);
    };
    return out;
}

}  // namespace lw::tokenizer_json

// Putting a byte-level BPE tokenizer together from a vocabulary, merges and the expressions that cut words. For the factories.
#pragma once

#include "core/text/bpe_model.h"
#include "core/text/pipeline.h"

namespace lw {

/// `words`: expressions in PCRE2's syntax that cut the text one after the other, what they do not match being pieces too.
/// The parts have no added tokens and nothing in front or behind. Fails: as Regex::compile and BpeModel::make.
Result<PipelineParts> byteLevelParts(Vocabulary vocabulary, const std::vector<MergePair>& merges, const BpeOptions& options,
                                     const std::vector<std::string_view>& words, std::string_view where);

/// Whether every letter of GPT-2's alphabet is an entry: then no text has unknown characters.
bool hasAllBytes(const Vocabulary& vocabulary);

/// Makes `id` a token found in the text as it stands.
void addToken(PipelineParts& parts, TokenId id, bool special);

}  // namespace lw

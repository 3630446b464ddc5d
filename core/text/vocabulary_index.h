// A tokenizer's vocabulary to be searched: every entry with its bytes and what kind of entry it is, looked at once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/job.h"
#include "core/text/tokenizer.h"

namespace lw {

struct VocabularyEntry {
    TokenId id = -1;
    std::string_view bytes;  // in running text; of a special token its spelling
    int characters = 0;      // code points; a byte that belongs to none counts by itself
    bool text = false;       // valid UTF-8: else it is a part of a character, or has one at an end
    bool chinese = false;    // has a Chinese character
    bool word = false;       // begins with a space and goes on with something else than white space
    bool special = false;
};

class VocabularyIndex {
public:
    /// Fails: cancelled. Ids without an entry are left out.
    static Result<VocabularyIndex> make(const Tokenizer& tokenizer, const Job& job = {});

    std::size_t size() const { return m_ids.size(); }
    VocabularyEntry at(std::size_t index) const;  // by rising id

private:
    std::string m_bytes;
    std::vector<TokenId> m_ids;
    std::vector<std::size_t> m_begins;  // in m_bytes, and its end
    std::vector<std::int32_t> m_characters;
    std::vector<std::uint8_t> m_flags;
};

enum class NeedleKind { Text, Bytes, Expression };
enum class VocabularyOrder { Id, MostBytes, MostCharacters };  // the longest first; of equal ones the lower id

struct VocabularyQuery {
    NeedleKind kind = NeedleKind::Text;
    std::string needle = {};  // UTF-8; Bytes: hexadecimal, "e4 bd"; Expression: PCRE2; empty: every entry
    VocabularyOrder order = VocabularyOrder::Id;
    bool chinese = false, words = false, special = false, bytesOnly = false;  // only such entries; several: all at once
    std::shared_ptr<const std::vector<bool>> seen = nullptr;                  // by id: leaves these out
};

/// The indices of all entries that the query asks for, in its order.
/// Fails: BadInput (bytes that are none, an expression that is none, an expression over its limit); cancelled.
Result<std::vector<std::uint32_t>> searchVocabulary(const VocabularyIndex& index, const VocabularyQuery& query,
                                                    const Job& job = {});

/// "e4 bd", "E4BD", "0xe4, 0xbd" and "\xe4\xbd" as bytes. Fails: BadInput.
Result<std::string> bytesFromHex(std::string_view text);

}  // namespace lw

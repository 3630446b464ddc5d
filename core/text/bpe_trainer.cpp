#include "core/text/bpe_trainer.h"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>

#include "core/text/byte_alphabet.h"
#include "core/text/tokenizer.h"
#include "core/text/utf8.h"

namespace lw {
namespace {

constexpr int Bytes = 256;

Result<void> checkSpecial(const std::vector<std::string>& special) {
    for (std::size_t i = 0; i < special.size(); ++i) {
        const std::string& content = special[i];
        if (content.empty()) return fail(ErrorKind::BadInput, "A special token is empty.");
        if (utf8::firstInvalid(content))
            return fail(ErrorKind::BadInput, fmt::format("The special token \"{}\" is not UTF-8.", printableBytes(content)));
        if (std::find(special.begin(), special.begin() + static_cast<std::ptrdiff_t>(i), content) !=
            special.begin() + static_cast<std::ptrdiff_t>(i))
            return fail(ErrorKind::BadInput, fmt::format("The special token \"{}\" is given twice.", content));
        // In the vocabulary pieces are spelled in GPT-2's alphabet: "Ġa" is " a", and could be learned beside a token "Ġa".
        const auto bytes = unspellBytes(content);
        if (bytes && (bytes->size() == 1 || *bytes != content)) {
            return fail(ErrorKind::BadInput,
                        fmt::format("The special token \"{}\" is spelled like a piece of the vocabulary.", content));
        }
    }
    return {};
}

/// The bytes in the order of their letters.
std::array<unsigned char, Bytes> bytesByLetter() {
    std::array<unsigned char, Bytes> bytes{};
    std::size_t count = 0;
    for (char32_t letter = 0; count < bytes.size(); ++letter) {
        if (const auto byte = letterByte(letter)) bytes[count++] = *byte;
    }
    return bytes;
}

}  // namespace

Result<BpeTrainer> BpeTrainer::begin(const WordCounts& words, BpeTrainingOptions options, const Job& job) {
    if (words.words().empty()) return fail(ErrorKind::BadInput, "There is nothing to learn from: the training text is empty.");
    if (auto good = checkSpecial(options.special); !good) return tl::unexpected(good.error());
    const auto specials = static_cast<int>(options.special.size());
    if (options.vocabulary < specials + Bytes) {
        return fail(ErrorKind::BadInput,
                    fmt::format("A vocabulary of {} is smaller than the alphabet: 256 bytes and {} special tokens need {}.",
                                options.vocabulary, specials, specials + Bytes));
    }
    BpeTrainer made(std::move(options));
    made.m_learned.specials = specials;
    made.m_learned.pieces = made.m_options.special;
    std::array<TokenId, Bytes> ids{};
    for (const unsigned char byte : bytesByLetter()) {
        const TokenId id = made.vocabulary();
        ids[byte] = id;
        made.m_learned.pieces.emplace_back(1, static_cast<char>(byte));
        made.m_ids.emplace(made.m_learned.pieces.back(), id);
    }
    made.m_words.reserve(words.words().size());
    for (const WordCounts::Word& word : words.words()) {
        const auto index = static_cast<std::uint32_t>(made.m_words.size());
        if (index % 65536 == 0) {
            if (job.cancelled()) return cancelledError();
            job.progress(static_cast<double>(index) / static_cast<double>(words.words().size()), "counting pairs");
        }
        made.m_words.push_back({made.m_symbols.size(), static_cast<std::uint32_t>(word.bytes.size()), word.count});
        TokenId before = -1;
        for (const char c : word.bytes) {
            const TokenId id = ids[static_cast<unsigned char>(c)];
            made.m_symbols.push_back(id);
            if (before >= 0) {
                Neighbours& pair = made.m_pairs[key(before, id)];
                pair.count += word.count;
                if (pair.words.empty() || pair.words.back() != index) pair.words.push_back(index);
            }
            before = id;
        }
        made.m_tokens += word.count * static_cast<std::int64_t>(word.bytes.size());
    }
    made.m_bytes = made.m_tokens;
    for (const auto& [pair, neighbours] : made.m_pairs)
        made.push({static_cast<TokenId>(pair >> 32), static_cast<TokenId>(pair & 0xFFFFFFFF), neighbours.count});
    return made;
}

bool BpeTrainer::later(const Pair& a, const Pair& b) const {
    if (a.count != b.count) return a.count < b.count;
    const auto piece = [&](TokenId id) -> const std::string& { return m_learned.pieces[static_cast<std::size_t>(id)]; };
    const int left = piece(a.left).compare(piece(b.left));
    return left != 0 ? left < 0 : piece(a.right).compare(piece(b.right)) < 0;
}

void BpeTrainer::push(const Pair& pair) {
    m_queue.push_back(pair);
    std::push_heap(m_queue.begin(), m_queue.end(), [this](const Pair& a, const Pair& b) { return later(a, b); });
}

BpeTrainer::Pair BpeTrainer::pop() {
    std::pop_heap(m_queue.begin(), m_queue.end(), [this](const Pair& a, const Pair& b) { return later(a, b); });
    const Pair top = m_queue.back();
    m_queue.pop_back();
    return top;
}

bool BpeTrainer::settle() {
    while (!m_queue.empty()) {
        const Pair& top = m_queue.front();
        const auto found = m_pairs.find(key(top.left, top.right));
        const std::int64_t count = found == m_pairs.end() ? 0 : found->second.count;
        if (count == top.count) return count >= m_options.leastCount;
        // Since it was pushed the pair has become rarer (or, for a piece that can be made in two ways, more frequent and pushed
        // again).
        Pair old = pop();
        if (count > 0 && count < old.count) {
            old.count = count;
            push(old);
        }
    }
    return false;
}

std::vector<BpeTrainer::Pair> BpeTrainer::nextPairs(std::size_t most) {
    std::vector<Pair> pairs;
    while (pairs.size() < most && settle()) {
        const Pair next = pop();
        const bool again = !pairs.empty() && pairs.back().left == next.left && pairs.back().right == next.right;
        if (!again) pairs.push_back(next);
    }
    for (const Pair& pair : pairs) push(pair);
    return pairs;
}

std::vector<std::int64_t> BpeTrainer::occurrences() const {
    std::vector<std::int64_t> counts(m_learned.pieces.size(), 0);
    for (const Word& word : m_words) {
        for (std::uint32_t i = 0; i < word.length; ++i) counts[static_cast<std::size_t>(m_symbols[word.begin + i])] += word.count;
    }
    return counts;
}

void BpeTrainer::mergeIn(std::uint32_t index, TokenId left, TokenId right, TokenId piece, std::vector<std::uint64_t>& grown) {
    Word& word = m_words[index];
    TokenId* const symbols = m_symbols.data() + word.begin;
    const auto fewer = [&](TokenId a, TokenId b) {
        const auto pair = m_pairs.find(key(a, b));
        assert(pair != m_pairs.end() && pair->second.count >= word.count);
        if ((pair->second.count -= word.count) == 0) m_pairs.erase(pair);
    };
    const auto more = [&](TokenId a, TokenId b) {
        Neighbours& pair = m_pairs[key(a, b)];
        pair.count += word.count;
        if (pair.words.empty() || pair.words.back() != index) pair.words.push_back(index);
        grown.push_back(key(a, b));
    };
    std::uint32_t to = 0;  // the word is written anew into its own place
    for (std::uint32_t from = 0; from < word.length; ++from) {
        if (from + 1 >= word.length || symbols[from] != left || symbols[from + 1] != right) {
            symbols[to++] = symbols[from];
            continue;
        }
        fewer(left, right);
        if (to > 0) {
            fewer(symbols[to - 1], left);
            more(symbols[to - 1], piece);
        }
        if (from + 2 < word.length) {
            fewer(right, symbols[from + 2]);
            more(piece, symbols[from + 2]);
        }
        symbols[to++] = piece;
        ++from;
    }
    m_tokens -= word.count * static_cast<std::int64_t>(word.length - to);
    word.length = to;
}

std::optional<BpeTrainer::Step> BpeTrainer::step() {
    if (vocabulary() >= m_options.vocabulary || !settle()) return std::nullopt;
    Step done;
    done.pair = pop();
    done.rank = static_cast<int>(m_learned.merges.size());
    const auto [left, right] = std::pair(done.pair.left, done.pair.right);
    std::string joined = m_learned.pieces[static_cast<std::size_t>(left)] + m_learned.pieces[static_cast<std::size_t>(right)];
    const auto [place, isNew] = m_ids.emplace(std::move(joined), vocabulary());
    if (isNew) m_learned.pieces.push_back(place->first);
    done.piece = place->second;
    m_learned.merges.emplace_back(left, right);

    const std::vector<std::uint32_t> words = std::move(m_pairs[key(left, right)].words);
    std::vector<std::uint64_t> grown;
    for (const std::uint32_t word : words) mergeIn(word, left, right, done.piece, grown);
    assert(!m_pairs.contains(key(left, right)));
    std::ranges::sort(grown);
    grown.erase(std::unique(grown.begin(), grown.end()), grown.end());
    for (const std::uint64_t pair : grown) {
        const auto found = m_pairs.find(pair);
        if (found != m_pairs.end())
            push({static_cast<TokenId>(pair >> 32), static_cast<TokenId>(pair & 0xFFFFFFFF), found->second.count});
    }
    done.tokens = m_tokens;
    return done;
}

Result<TrainedBpe> trainBpe(const WordCounts& words, BpeTrainingOptions options, const Job& job,
                            const std::function<void(const BpeTrainer&, const BpeTrainer::Step&)>& watch) {
    const int goal = options.vocabulary;
    auto trainer = BpeTrainer::begin(words, std::move(options), job);
    if (!trainer) return tl::unexpected(trainer.error());
    const int first = trainer->vocabulary();
    while (const auto step = trainer->step()) {
        if (watch) watch(*trainer, *step);
        if (job.cancelled()) return cancelledError();
        job.progress(static_cast<double>(trainer->vocabulary() - first) / std::max(1, goal - first), "merging pairs");
    }
    return trainer->learned();
}

}  // namespace lw

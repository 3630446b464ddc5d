#include "core/text/bpe_writer.h"

#include <nlohmann/json.hpp>

#include "core/text/byte_alphabet.h"

namespace lw {

std::string tokenizerJsonOf(const TrainedBpe& learned) {
    const auto spelled = [&](TokenId id) {
        const std::string& piece = learned.pieces[static_cast<std::size_t>(id)];
        return id < learned.specials ? piece : spellBytes(piece);
    };
    std::vector<std::string> entries, merges;
    for (TokenId id = 0; id < static_cast<TokenId>(learned.pieces.size()); ++id) entries.push_back(spelled(id));
    for (const auto& [left, right] : learned.merges) merges.push_back(spelled(left) + " " + spelled(right));
    return byteLevelBpeJson(entries, merges, learned.specials, true);
}

std::string byteLevelBpeJson(const std::vector<std::string>& entries, const std::vector<std::string>& merges, int specials,
                             bool cutsWords) {
    using Json = nlohmann::ordered_json;
    Json added = Json::array(), vocabulary = Json::object();
    for (std::size_t id = 0; id < entries.size(); ++id) {
        vocabulary.get_ref<Json::object_t&>().emplace_back(entries[id], id);  // operator[] would look through all of it
        if (id >= static_cast<std::size_t>(specials)) continue;
        added.push_back({{"id", id},
                         {"content", entries[id]},
                         {"single_word", false},
                         {"lstrip", false},
                         {"rstrip", false},
                         {"normalized", false},
                         {"special", true}});
    }
    const Json byteLevel{{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", cutsWords}};
    const Json file{{"version", "1.0"},
                    {"truncation", nullptr},
                    {"padding", nullptr},
                    {"added_tokens", std::move(added)},
                    {"normalizer", nullptr},
                    {"pre_tokenizer", byteLevel},
                    {"post_processor", nullptr},
                    {"decoder", byteLevel},
                    {"model",
                     {{"type", "BPE"},
                      {"dropout", nullptr},
                      {"unk_token", nullptr},
                      {"continuing_subword_prefix", nullptr},
                      {"end_of_word_suffix", nullptr},
                      {"fuse_unk", false},
                      {"byte_fallback", false},
                      {"ignore_merges", false},
                      {"vocab", std::move(vocabulary)},
                      {"merges", merges}}}};
    return file.dump(1, ' ') + "\n";
}

}  // namespace lw

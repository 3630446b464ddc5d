#include "core/text/bpe_writer.h"

#include <nlohmann/json.hpp>

#include "core/text/byte_alphabet.h"

namespace lw {

std::string tokenizerJsonOf(const TrainedBpe& learned) {
    using Json = nlohmann::ordered_json;
    const auto spelled = [&](TokenId id) {
        const std::string& piece = learned.pieces[static_cast<std::size_t>(id)];
        return id < learned.specials ? piece : spellBytes(piece);
    };
    Json added = Json::array(), merges = Json::array();
    for (TokenId id = 0; id < learned.specials; ++id) {
        added.push_back({{"id", id},
                         {"content", spelled(id)},
                         {"single_word", false},
                         {"lstrip", false},
                         {"rstrip", false},
                         {"normalized", false},
                         {"special", true}});
    }
    Json vocabulary = Json::object();
    for (TokenId id = 0; id < static_cast<TokenId>(learned.pieces.size()); ++id)
        vocabulary.get_ref<Json::object_t&>().emplace_back(spelled(id), id);  // operator[] would look through all of it
    for (const auto& [left, right] : learned.merges) merges.push_back(spelled(left) + " " + spelled(right));

    const Json byteLevel{{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", true}};
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
                      {"merges", std::move(merges)}}}};
    return file.dump(1, ' ') + "\n";
}

}  // namespace lw

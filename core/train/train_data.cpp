#include "core/train/train_data.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/formats/mapped_file.h"
#include "core/load.h"
#include "core/train/documents.h"
#include "core/train/packed_text.h"
#include "core/train/task_data.h"

namespace lw::train {

namespace {

using nlohmann::json;

constexpr std::uint64_t taskPurpose = 3, taskValidationPurpose = 4;

// FNV-1a over numbers.
class Fingerprint {
public:
    void add(std::int64_t number) {
        for (int i = 0; i < 8; ++i) m_hash = (m_hash ^ (static_cast<std::uint64_t>(number) >> (8 * i) & 0xff)) * 0x100000001b3ULL;
    }
    void add(const std::vector<TokenId>& ids) {
        add(static_cast<std::int64_t>(ids.size()));
        for (const TokenId id : ids) add(id);
    }
    std::string text() const { return fmt::format("{:016x}", m_hash); }

private:
    std::uint64_t m_hash = 0xcbf29ce484222325ULL;
};

ValidationSet sampleOf(const ValidationSet& set, std::int64_t tokens) {
    std::int64_t all = 0;
    for (const Sequence& sequence : set.sequences) all += sequence.counted();
    ValidationSet sample{set.name, {}, 0};
    const double share = std::min(1.0, static_cast<double>(tokens) / static_cast<double>(std::max<std::int64_t>(1, all)));
    double due = 0.5;  // sequences that should have been taken so far
    for (const Sequence& sequence : set.sequences) {
        due += share;
        if (static_cast<double>(sample.sequences.size()) + 1 <= due) sample.sequences.push_back(sequence);
    }
    if (sample.sequences.empty()) sample.sequences.push_back(set.sequences.front());
    return sample;
}

struct Text {
    std::filesystem::path path;
    std::vector<std::string> documents;
    std::optional<double> weight;
};

Result<std::vector<Text>> readTexts(const std::vector<TextFile>& files) {
    std::vector<Text> texts;
    for (const TextFile& file : files) {
        auto documents = readDocuments(file.path, file.separator);
        if (!documents) return Unexpected(documents.error());
        if (documents->empty())
            return fail(ErrorKind::BadInput, fmt::format("{}: the text is empty.", file.path.string()), file.path.string());
        texts.push_back({file.path, *std::move(documents), file.weight});
    }
    return texts;
}

// Takes the last documents of a text away, about this share of its bytes and at least one; of a single document its last lines.
Text cutTail(Text& text, double share) {
    Text tail{text.path, {}, {}};
    std::size_t all = 0;
    for (const std::string& document : text.documents) all += document.size();
    const double wanted = static_cast<double>(all) * share;
    if (text.documents.size() == 1) {
        std::string& whole = text.documents.front();
        const auto about = whole.size() - std::min(whole.size(), static_cast<std::size_t>(wanted));
        const auto lineBreak = whole.find('\n', about);
        if (lineBreak == std::string::npos) return tail;
        tail.documents.push_back(whole.substr(lineBreak + 1));
        whole.resize(lineBreak);
        return tail;
    }
    double bytes = 0;
    while (text.documents.size() > 1 && (tail.documents.empty() || bytes < wanted)) {
        bytes += static_cast<double>(text.documents.back().size());
        tail.documents.push_back(std::move(text.documents.back()));
        text.documents.pop_back();
    }
    std::ranges::reverse(tail.documents);
    return tail;
}

struct Tokenized {
    std::string name;
    TokenizedDocuments text;
    std::optional<double> weight;
};

Result<std::vector<Tokenized>> tokenizeAll(const std::vector<Text>& texts, const Tokenizer& tokenizer, const Job& job) {
    std::vector<Tokenized> all;
    for (const Text& text : texts) {
        auto tokenized = tokenizeDocuments(text.documents, tokenizer, text.path.string(), job);
        if (!tokenized) return Unexpected(tokenized.error());
        all.push_back({text.path.filename().string(), *std::move(tokenized), text.weight});
    }
    return all;
}

json describe(const Tokenized& file) {
    json about{
        {"file", file.name}, {"documents", file.text.documents.size()}, {"tokens", file.text.tokens}, {"bytes", file.text.bytes}};
    if (file.weight) about["weight"] = *file.weight;
    return about;
}

Result<TrainData> readTask(const TrainConfig& config) {
    const TaskSettings& task = *config.data.task;
    TrainData data;
    data.source = std::make_unique<TaskSequences>(task, config.seed, taskPurpose);
    TaskSequences examples(task, config.seed, taskValidationPurpose);
    ValidationSet set{task.name, {}, 0};
    Fingerprint fingerprint;
    for (int i = 0; i < task.validation; ++i) {
        set.sequences.push_back(examples.sequence(i));
        fingerprint.add(set.sequences.back().ids);
    }
    data.sample = {set};
    data.validation = {std::move(set)};
    data.tokenizerJson = taskTokenizerJson(task);
    data.vocabulary = static_cast<int>(taskAlphabet(task).size());
    data.longest = longestTaskText(task) - 1;
    data.fingerprint = fingerprint.text();
    data.about = {{"task", task.name}, {"example", taskText(task, randomFor(config.seed, taskPurpose, 0)).text}};
    return data;
}

}  // namespace

Result<TrainData> readTrainData(const TrainConfig& config, const Job& job) {
    if (config.data.task) return readTask(config);
    TrainData data;
    const auto json = MappedFile::open(config.tokenizer);
    if (!json) return Unexpected(json.error());
    auto tokenizer = loadTokenizer(config.tokenizer.string());
    if (!tokenizer) return Unexpected(tokenizer.error());
    data.tokenizer = *tokenizer;
    data.tokenizerJson = std::string((*json)->text());
    data.vocabulary = data.tokenizer->size();
    data.longest = config.context;
    data.end = endToken(*data.tokenizer);

    auto readable = readTexts(config.data.texts);
    if (!readable) return Unexpected(readable.error());
    auto heldOut = readTexts(config.data.validation);
    if (!heldOut) return Unexpected(heldOut.error());
    if (config.data.validationFraction > 0) {
        for (Text& text : *readable) heldOut->push_back(cutTail(text, config.data.validationFraction));
    }
    const auto texts = tokenizeAll(*readable, *data.tokenizer, job);
    if (!texts) return Unexpected(texts.error());
    const auto validation = tokenizeAll(*heldOut, *data.tokenizer, job);
    if (!validation) return Unexpected(validation.error());

    Fingerprint fingerprint;
    std::vector<PackedText> packed;
    data.about = nlohmann::json{{"texts", nlohmann::json::array()}, {"validation", nlohmann::json::array()}};
    for (const Tokenized& text : *texts) {
        std::vector<TokenId> ids = packDocuments(text.text.documents, data.end.value_or(-1));
        fingerprint.add(ids);
        data.about["texts"].push_back(describe(text));
        if (text.weight || packed.empty())
            packed.push_back({std::move(ids), text.weight.value_or(1)});
        else
            packed.front().ids.insert(packed.front().ids.end(), ids.begin(), ids.end());
    }
    for (std::size_t i = 0; i < packed.size(); ++i) {
        if (static_cast<std::int64_t>(packed[i].ids.size()) > config.context) continue;
        const std::string what = packed.size() > 1 ? config.data.texts[i].path.string() : config.where;
        return fail(ErrorKind::BadInput,
                    fmt::format("{}: the training text has {} tokens; one context of {} tokens and the token after it need {}.",
                                what, packed[i].ids.size(), config.context, config.context + 1),
                    "context");
    }
    for (const Tokenized& text : *validation) {
        ValidationSet set{text.name, {}, 0};
        for (const auto& document : text.text.documents) {
            fingerprint.add(document);
            for (Sequence& window : evaluationWindows(document, config.context, config.context))
                set.sequences.push_back(std::move(window));
        }
        if (set.sequences.empty())
            return fail(ErrorKind::BadInput, fmt::format("{}: the validation text has no token to predict.", text.name),
                        text.name);
        set.bytes = text.text.predictable;
        data.about["validation"].push_back(describe(text));
        data.validation.push_back(std::move(set));
    }
    for (const ValidationSet& set : data.validation)
        data.sample.push_back(sampleOf(set, config.validationTokens / static_cast<std::int64_t>(data.validation.size())));
    data.source = std::make_unique<PackedSequences>(std::move(packed), config.context, config.seed);
    data.fingerprint = fingerprint.text();
    return data;
}

}  // namespace lw::train

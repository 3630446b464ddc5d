// What most commands take: a model, and a text in one of its forms.
#pragma once

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/load.h"

namespace lw::cli {

struct TextRequest {
    std::optional<std::string> text, file, ids;
    std::string dash;  // "-": standard input
    bool special = false, noBos = false, beyondContext = false;

    void addTo(CLI::App& command, bool withContext = true);
};

struct Request {
    std::string model;
    bool json = false;
    TextRequest text;

    void addModel(CLI::App& command);
    void addJson(CLI::App& command);
};

struct Usage {  // thrown to main for wrong use that only shows later (ids that are no numbers)
    std::string message;
};

/// The ids of --ids. Throws Usage if they are no numbers.
std::vector<TokenId> parseIds(const std::string& list);
/// The given text, wherever it comes from (not for --ids). Fails: unreadable.
Result<std::string> readText(const TextRequest& request);
/// The ids of the text, whichever form it came in. Fails: unreadable; no tokenizer; not UTF-8.
Result<std::vector<TokenId>> readIds(const TextRequest& request, const Tokenizer* tokenizer, const std::string& modelName);
/// The token that stands for exactly this text. Fails: NotFound (none does, the model has no tokenizer).
Result<TokenId> tokenOfText(const LoadedModel& loaded, const std::string& text);
/// "2GiB", "500MB", "1000000". Throws Usage.
std::int64_t parseMemory(const std::string& text);
/// Opens the model and says its warnings on standard error.
Result<std::shared_ptr<const LoadedModel>> openModel(const std::string& nameOrPath);

}  // namespace lw::cli

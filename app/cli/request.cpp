#include "app/cli/request.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include <fmt/format.h>

#include "app/cli/output.h"

namespace lw::cli {

void TextRequest::addTo(CLI::App& command, bool withContext) {
    auto* group = command.add_option_group("text", "The text: one of these");
    group->add_option("--text", text, "The text itself")->take_last()->allow_extra_args(false);
    group->add_option("--text-file", file, "A UTF-8 file that holds the text")->take_last();
    group->add_option("--ids", ids, "Token ids separated by commas; no tokenizer is involved")->take_last();
    group->add_option("input", dash, "“-” reads the text from standard input")->type_name("[-]");
    group->require_option(0, 1);  // that one is there is seen later, so that an unknown option is named first
    command.add_flag("--special", special, "Parse special tokens written in the text, such as <|endoftext|>");
    command.add_flag("--no-bos", noBos, "Do not put in front what the model's own settings add");
    if (withContext)
        command.add_flag("--beyond-context", beyondContext, "Run past the model's context, where the architecture can");
}

void Request::addModel(CLI::App& command) {
    command.add_option("MODEL", model, "Name of a bundled model, a Hugging Face folder, a .gguf file or a .safetensors file")
        ->required();
}

void Request::addJson(CLI::App& command) { command.add_flag("--json", json, "Print one JSON document"); }

std::vector<TokenId> parseIds(const std::string& list) {
    std::vector<TokenId> ids;
    std::string_view rest = list;
    if (rest.find_first_not_of(' ') == std::string_view::npos) return ids;
    while (true) {
        const auto comma = rest.find(',');
        std::string_view word = rest.substr(0, comma);
        while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
        while (!word.empty() && word.back() == ' ') word.remove_suffix(1);
        std::int32_t id = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
        if (error == std::errc::result_out_of_range) throw Usage{fmt::format("--ids: {} is too large for a token id.", word)};
        if (word.empty() || error != std::errc() || end != word.data() + word.size()) {
            throw Usage{fmt::format("--ids: “{}” is not a list of whole numbers separated by commas.",
                                    list.size() > 60 ? list.substr(0, 60) + "…" : list)};
        }
        ids.push_back(id);
        if (comma == std::string_view::npos) return ids;
        rest.remove_prefix(comma + 1);
    }
}

Result<std::string> readText(const TextRequest& request) {
    if (!request.text && !request.file && request.dash.empty())
        throw Usage{"a text is required: --text, --text-file, --ids, or “-” for standard input."};
    if (request.text) return *request.text;
    if (request.file) {
        std::ifstream in(*request.file, std::ios::binary);
        if (!in)
            return fail(ErrorKind::NotFound, fmt::format("{}: the text file cannot be opened.", *request.file), *request.file);
        std::string content(std::istreambuf_iterator<char>(in), {});
        if (in.bad())
            return fail(ErrorKind::Unreadable, fmt::format("{}: the text file cannot be read.", *request.file), *request.file);
        return content;
    }
    if (request.dash != "-")
        throw Usage{
            fmt::format("“{}” was not expected here; a text is given with --text, --text-file, --ids or “-”.", request.dash)};
    return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

Result<std::vector<TokenId>> readIds(const TextRequest& request, const Tokenizer* tokenizer, const std::string& modelName) {
    if (request.ids) return parseIds(*request.ids);
    auto text = readText(request);
    if (!text) return Unexpected(text.error());
    if (!tokenizer)
        return fail(ErrorKind::NotFound, fmt::format("{} has no tokenizer, so it cannot read a text.", modelName), modelName,
                    "Give token ids with --ids.");
    auto encoding = tokenizer->encode(*text, {.addSpecial = !request.noBos, .parseSpecial = request.special});
    if (!encoding) return Unexpected(encoding.error());
    if (text->empty()) return fail(ErrorKind::BadInput, "There is nothing to run: the text is empty.");
    return encoding->ids();
}

Result<TokenId> tokenOfText(const LoadedModel& loaded, const std::string& text) {
    const Tokenizer* tokenizer = loaded.tokenizer.get();
    if (!tokenizer)
        return fail(ErrorKind::NotFound,
                    fmt::format("{} has no tokenizer, so --token-text cannot be looked up; give --token.", loaded.name));
    for (TokenId id = 0; id < tokenizer->size() && id < loaded.model->info().vocabulary; ++id) {
        if (tokenizer->bytes(id) == text) return id;
    }
    return fail(ErrorKind::NotFound,
                fmt::format("No single token of {} stands for “{}” exactly (a leading space counts).", loaded.name, text));
}

std::int64_t parseMemory(const std::string& text) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    std::string unit(end);
    double factor = 0;
    for (const auto& [name, size] : {std::pair{"", 1.0},
                                     {"B", 1.0},
                                     {"kB", 1e3},
                                     {"MB", 1e6},
                                     {"GB", 1e9},
                                     {"KiB", 1024.0},
                                     {"MiB", 1048576.0},
                                     {"GiB", 1073741824.0}}) {
        if (unit == name) factor = size;
    }
    if (end == text.c_str() || factor == 0 || !(value > 0) || value * factor > 9e18)
        throw Usage{fmt::format("--memory: “{}” is not an amount of memory such as 500MB or 2GiB.", text)};
    return static_cast<std::int64_t>(value * factor);
}

Result<std::shared_ptr<const LoadedModel>> openModel(const std::string& nameOrPath) {
    auto loaded = loadModel(nameOrPath, {}, progressJob());
    if (loaded) {
        for (const std::string& warning : (*loaded)->warnings) note("warning: " + warning);
    }
    return loaded;
}

}  // namespace lw::cli

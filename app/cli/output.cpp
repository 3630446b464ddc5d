#include "app/cli/output.h"

#include <unistd.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

namespace lw::cli {

Json number(float value) {
    if (!std::isfinite(value)) return nullptr;
    char text[64];
    const auto [end, error] = std::to_chars(text, text + sizeof text - 1, value);
    *end = 0;
    return std::strtod(text, nullptr);  // the double whose shortest form is the float's
}

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

void printJson(const Json& document) {
    const std::string text = document.dump(-1, ' ', false, Json::error_handler_t::replace);
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fputc('\n', stdout);
}

void printLine(std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fputc('\n', stdout);
}

void note(std::string_view message) {
    std::fwrite(message.data(), 1, message.size(), stderr);
    std::fputc('\n', stderr);
}

int complain(const Error& error) {
    note(fmt::format("layerwalk-cli: {}{}{}", error.message, error.offer.empty() ? "" : " ", error.offer));
    return Impossible;
}

int wrongUse(std::string_view message, std::string_view hint) {
    note(fmt::format("layerwalk-cli: {}\n{}", message, hint));
    return WrongUse;
}

Job progressJob() {
    Job job;
    if (isatty(STDERR_FILENO)) {
        job.report = [last = -1](double fraction, std::string_view what) mutable {
            const int percent = static_cast<int>(fraction * 100);
            if (percent == last) return;
            last = percent;
            std::fprintf(stderr, "\r%3d %% %.*s\033[K%s", percent, static_cast<int>(what.size()), what.data(),
                         percent >= 100 ? "\r\033[K" : "");
        };
    }
    return job;
}

Json pieceOf(const Tokenizer* tokenizer, TokenId id) {
    if (!tokenizer || id < 0 || id >= tokenizer->size()) return nullptr;
    return printableBytes(tokenizer->bytes(id));
}

std::string pieceText(const Tokenizer* tokenizer, TokenId id) {
    const Json piece = pieceOf(tokenizer, id);
    if (piece.is_null()) return fmt::format("#{}", id);
    std::string text;
    for (const char c : piece.get<std::string>()) {
        if (c == '\n')
            text += "\\n";
        else if (c == '\t')
            text += "\\t";
        else
            text += c;
    }
    return "“" + text + "”";
}

}  // namespace lw::cli

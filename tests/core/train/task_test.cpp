// Synthetic tasks: every answer is right by a second reading of the text, and reading goes by the written tokenizer.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "core/text/tokenizer_json.h"
#include "core/train/task_data.h"
#include "tests/catch.h"

using namespace lw;
using namespace lw::train;

namespace {

TaskSettings settings(const std::string& name) {
    TaskSettings task;
    task.name = name;
    task.length = 12;
    task.minLength = 8;
    task.symbols = 14;
    task.items = 5;
    task.queries = 3;
    return task;
}

// The answer's characters, by the marks.
std::string answerOf(const TaskText& made) {
    REQUIRE(made.text.size() == made.answer.size());
    std::string answer;
    for (std::size_t i = 0; i < made.text.size(); ++i) {
        if (made.answer[i] == '^') answer += made.text[i];
    }
    return answer;
}

std::string before(const std::string& text, char c) { return text.substr(0, text.find(c)); }

// What the answer should be, worked out from the question.
std::string solve(const std::string& name, const TaskSettings& task, const std::string& text) {
    std::string given = before(text, '|');
    if (name == "copy") return given;
    if (name == "reverse") return {given.rbegin(), given.rend()};
    if (name == "selective_copy") {
        std::erase(given, '.');
        return given;
    }
    if (name == "associative_recall") {
        std::map<char, char> memory;
        for (std::size_t i = 0; i + 1 < given.size(); i += 2) memory[given[i]] = given[i + 1];
        std::string answer;
        for (std::size_t i = given.size() + 1; i < text.size(); i += 2) answer += memory.at(text[i]);
        return answer;
    }
    if (name == "induction") {
        const std::string half = text.substr(0, text.size() / 2);
        REQUIRE(half + half == text);
        return half.substr(1);
    }
    if (name == "addition") {
        const auto plus = text.find('+');
        std::string sum = std::to_string(std::stol(text.substr(0, plus)) + std::stol(text.substr(plus + 1)));
        if (task.reversed) std::ranges::reverse(sum);
        return sum + ";";
    }
    const std::string bits = before(text, '=');
    const auto parityOf = [&](std::size_t n) {
        return std::count(bits.begin(), bits.begin() + static_cast<std::ptrdiff_t>(n), '1') % 2 ? '1' : '0';
    };
    std::string answer;
    for (std::size_t n = task.steps ? 1 : bits.size(); n <= bits.size(); ++n) answer += parityOf(n);
    return answer;
}

}  // namespace

TEST_CASE("tasks ask what can be answered, and their texts are as long as promised") {
    for (const std::string name :
         {"copy", "reverse", "selective_copy", "associative_recall", "induction", "addition", "parity"}) {
        TaskSettings task = settings(name);
        std::size_t longest = 0;
        for (int reversed = 0; reversed < 2; ++reversed) {
            task.reversed = reversed;
            if (name == "parity" && reversed == 0) continue;  // longer with its steps
            task.steps = name == "parity";
            for (std::uint64_t i = 0; i < 300; ++i) {
                const TaskText made = taskText(task, randomFor(1, 2, i));
                CAPTURE(name, made.text);
                CHECK(answerOf(made) == solve(name, task, made.text));
                longest = std::max(longest, made.text.size());
            }
        }
        CHECK(longest == static_cast<std::size_t>(longestTaskText(task)));
    }
    TaskSettings once = settings("parity");
    for (std::uint64_t i = 0; i < 300; ++i) {
        const TaskText made = taskText(once, randomFor(1, 2, i));
        CHECK(answerOf(made) == solve("parity", once, made.text));
        CHECK(answerOf(made).size() == 1);
    }
}

TEST_CASE("sequences of a task follow from seed and number, and predict the answer alone") {
    const TaskSettings task = settings("copy");
    TaskSequences one(task, 4, 3), two(task, 4, 3), other(task, 4, 9);
    const Sequence s = one.sequence(17);
    two.sequence(3);
    CHECK(two.sequence(17).ids == s.ids);
    CHECK(other.sequence(17).ids != s.ids);
    const std::string alphabet = taskAlphabet(task);
    const auto bar = std::ranges::find(s.ids, static_cast<TokenId>(alphabet.find('|'))) - s.ids.begin();
    for (std::size_t t = 0; t < s.ids.size(); ++t) {
        const bool asked = static_cast<std::ptrdiff_t>(t) >= bar;
        CHECK((s.targets[t] >= 0) == asked);
        if (asked) CHECK(s.targets[t] == s.ids[t - static_cast<std::size_t>(bar)]);
    }
}

TEST_CASE("every character of a task is a token of the tokenizer written with it") {
    for (const std::string name : {"copy", "selective_copy", "associative_recall", "induction", "addition", "parity"}) {
        const TaskSettings task = settings(name);
        const auto tokenizer = tokenizerFromJson(taskTokenizerJson(task), "tokenizer.json");
        if (!tokenizer) FAIL(tokenizer.error().message);
        const std::string alphabet = taskAlphabet(task);
        CHECK((*tokenizer)->size() == static_cast<int>(alphabet.size()));
        const TaskText made = taskText(task, randomFor(1, 2, 3));
        const auto encoded = (*tokenizer)->encode(made.text);
        REQUIRE(encoded);
        std::vector<TokenId> expected;
        for (const char c : made.text) expected.push_back(static_cast<TokenId>(alphabet.find(c)));
        CHECK(encoded->ids() == expected);
        CHECK((*tokenizer)->decode(expected).value() == made.text);
    }
}

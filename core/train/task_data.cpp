#include "core/train/task_data.h"

#include <algorithm>
#include <cassert>
#include <numeric>

#include "core/text/bpe_writer.h"

namespace lw::train {

namespace {

constexpr std::string_view allLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view allDigits = "0123456789";

char oneOf(std::string_view characters, Pcg32& random) {
    return characters[static_cast<std::size_t>(below(random, static_cast<std::int64_t>(characters.size())))];
}

// n letters of the first `symbols`; different ones if there are enough and they are asked for.
std::string letters(int n, int symbols, bool different, Pcg32& random) {
    std::string all(allLetters.substr(0, static_cast<std::size_t>(symbols)));
    std::string text;
    if (different && n <= symbols) {
        std::vector<char> order(all.begin(), all.end());
        shuffle(order, random);
        return {order.begin(), order.begin() + n};
    }
    for (int i = 0; i < n; ++i) text += oneOf(all, random);
    return text;
}

TaskText asked(const std::string& given, const std::string& answer) {
    return {given + answer, std::string(given.size(), ' ') + std::string(answer.size(), '^')};
}

TaskText selectiveCopy(const TaskSettings& task, int length, Pcg32& random) {
    const std::string items = letters(task.items, task.symbols, false, random);
    std::vector<int> places(static_cast<std::size_t>(length));
    std::iota(places.begin(), places.end(), 0);
    shuffle(places, random);
    std::sort(places.begin(), places.begin() + task.items);
    std::string text(static_cast<std::size_t>(length), '.');
    for (std::size_t i = 0; i < items.size(); ++i) text[static_cast<std::size_t>(places[i])] = items[i];
    return asked(text + "|", items);
}

TaskText associativeRecall(const TaskSettings& task, int pairs, Pcg32& random) {
    const std::string keys = letters(pairs, task.symbols, true, random);
    std::string values;
    TaskText result;
    for (const char key : keys) {
        values += oneOf(allDigits, random);
        result.text += {key, values.back()};
    }
    result.text += '|';
    result.answer = std::string(result.text.size(), ' ');
    std::vector<int> order(keys.size());
    std::iota(order.begin(), order.end(), 0);
    shuffle(order, random);
    for (int q = 0; q < task.queries; ++q) {
        const auto which = static_cast<std::size_t>(order[static_cast<std::size_t>(q)]);
        result.text += {keys[which], values[which]};
        result.answer += " ^";
    }
    return result;
}

std::int64_t someNumber(int mostDigits, Pcg32& random) {
    const auto digits = 1 + below(random, mostDigits);
    std::int64_t end = 1;
    for (std::int64_t i = 0; i < digits; ++i) end *= 10;
    return below(random, end);
}

TaskText addition(const TaskSettings& task, Pcg32& random) {
    const std::int64_t a = someNumber(task.digits, random), b = someNumber(task.digits, random);
    std::string sum = std::to_string(a + b);
    if (task.reversed) std::ranges::reverse(sum);
    return asked(std::to_string(a) + "+" + std::to_string(b) + "=", sum + ";");
}

TaskText parity(int length, bool steps, Pcg32& random) {
    std::string bits, running;
    bool odd = false;
    for (int i = 0; i < length; ++i) {
        bits += oneOf("01", random);
        odd ^= bits.back() == '1';
        running += odd ? '1' : '0';
    }
    return asked(bits + "=", steps ? running : running.substr(running.size() - 1));
}

}  // namespace

std::string taskAlphabet(const TaskSettings& task) {
    const std::string some(allLetters.substr(0, static_cast<std::size_t>(task.symbols)));
    if (task.name == "copy" || task.name == "reverse") return "|" + some;
    if (task.name == "selective_copy") return "|." + some;
    if (task.name == "associative_recall") return "|" + std::string(allDigits) + some;
    if (task.name == "induction") return some;
    if (task.name == "addition") return std::string(allDigits) + "+=;";
    assert(task.name == "parity");
    return "01=";
}

int longestTaskText(const TaskSettings& task) {
    if (task.name == "copy" || task.name == "reverse") return 2 * task.length + 1;
    if (task.name == "selective_copy") return task.length + 1 + task.items;
    if (task.name == "associative_recall") return 2 * task.length + 1 + 2 * task.queries;
    if (task.name == "induction") return 2 * task.length;
    if (task.name == "addition") return 3 * task.digits + 4;
    return task.steps ? 2 * task.length + 1 : task.length + 2;
}

std::string taskTokenizerJson(const TaskSettings& task) {
    std::vector<std::string> letters;
    for (const char letter : taskAlphabet(task)) letters.emplace_back(1, letter);
    return byteLevelBpeJson(letters, {}, 0, false);
}

TaskText taskText(const TaskSettings& task, Pcg32 random) {
    const int length = task.minLength + static_cast<int>(below(random, task.length - task.minLength + 1));
    if (task.name == "selective_copy") return selectiveCopy(task, length, random);
    if (task.name == "associative_recall") return associativeRecall(task, length, random);
    if (task.name == "addition") return addition(task, random);
    if (task.name == "parity") return parity(length, task.steps, random);
    if (task.name == "induction") {
        const std::string once = letters(length, task.symbols, true, random);
        TaskText result = asked(once, once);
        result.answer[once.size()] = ' ';  // that it begins again cannot be known
        return result;
    }
    const std::string given = letters(length, task.symbols, false, random);
    return asked(given + "|", task.name == "copy" ? given : std::string(given.rbegin(), given.rend()));
}

TaskSequences::TaskSequences(TaskSettings task, std::uint64_t seed, std::uint64_t purpose)
    : m_task(std::move(task)), m_alphabet(taskAlphabet(m_task)), m_seed(seed), m_purpose(purpose) {}

Sequence TaskSequences::sequence(std::int64_t number) {
    const TaskText made = taskText(m_task, randomFor(m_seed, m_purpose, static_cast<std::uint64_t>(number)));
    Sequence result;
    for (std::size_t t = 0; t + 1 < made.text.size(); ++t) {
        result.ids.push_back(static_cast<TokenId>(m_alphabet.find(made.text[t])));
        result.targets.push_back(made.answer[t + 1] == '^' ? static_cast<TokenId>(m_alphabet.find(made.text[t + 1])) : -1);
    }
    return result;
}

}  // namespace lw::train

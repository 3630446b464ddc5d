// The tokenizer workshop in the window: learned, paused, stepped, stopped, put on the shelf and saved; a file's tokens counted.
#include <QFile>
#include <QFileDialog>
#include <QTemporaryDir>

#include "core/load.h"
#include "core/text/bpe_writer.h"
#include "tests/gui/program.h"
#include "widgets/tokenizer/tokenizer_view.h"

using namespace lw;

namespace {

const LearningFacts& learning(Program& program) { return program.workspace().workshop()->facts()->learning(); }
const FileCountFacts& counted(Program& program) { return program.workspace().workshop()->facts()->count(); }
Intents& intents(Program& program) { return *program.workspace().intents(); }

const ShelvedTokenizer* shelved(Program& program, const std::string& name) {
    for (const ShelvedTokenizer& one : program.workspace().tokenizers()->shelf()->rows()) {
        if (one.name == name) return &one;
    }
    return nullptr;
}

TokenizerView* view(Program& program) {
    program.showView("tokenizer");
    auto* found = qobject_cast<TokenizerView*>(program.window().stage()->activeView()->view());
    REQUIRE(found);
    return found;
}

QString longText() {
    QString text;
    for (int i = 0; i < 4000; ++i) text += QStringLiteral("the %1th cat sat on mat %2, 床前明月光 ").arg(i).arg(i * 7919);
    return text;
}

void chooseFile(const QString& path) {
    REQUIRE(eventually([&] {
        for (QWidget* widget : QApplication::topLevelWidgets()) {
            auto* dialog = qobject_cast<QFileDialog*>(widget);
            if (!dialog || !dialog->isVisible()) continue;
            Q_EMIT dialog->fileSelected(path);
            dialog->close();
            return true;
        }
        return false;
    }));
}

}  // namespace

TEST_CASE("a vocabulary is learned from a pasted text, goes on the shelf and is saved", "[workshop]") {
    QTemporaryDir folder;
    Program program("the cat 床前");
    TokenizerView* tokenizer = view(program);
    tokenizer->setPage(TokenizerPage::Learn);
    const QString text = longText();
    Q_EMIT intents(program).learnTokenizer(text, 400);
    REQUIRE(eventually([&] { return !learning(program).shelved.empty(); }));
    const LearningFacts& facts = learning(program);
    CHECK(facts.state == LearningState::Finished);
    CHECK(facts.vocabulary == 400);
    CHECK(facts.merges == 144);
    CHECK(facts.shelved == "learned (400)");
    CHECK(facts.bytes == text.toUtf8().size());
    // The same as by the trainer alone.
    auto words = WordCounts::make({});
    REQUIRE(words->add(text.toStdString(), 1, "the text"));
    const auto learned = trainBpe(*words, {.vocabulary = 400});
    REQUIRE(learned);
    CHECK(program.workspace().workshop()->learned()->merges == learned->merges);
    REQUIRE(shelved(program, "learned (400)"));
    const auto made = shelved(program, "learned (400)")->tokenizer;
    REQUIRE(made);
    // The present text as it is cut now is what the tokenizer gives, and the last point of the curve its compression.
    const auto encoded = made->encode("the cat 床前");
    REQUIRE(facts.followed.size() == encoded->tokens.size());
    for (std::size_t i = 0; i < facts.followed.size(); ++i) CHECK(facts.followed[i].id == encoded->tokens[i].id);
    const auto whole = made->encode(text.toStdString());
    CHECK(facts.tokens == static_cast<std::int64_t>(whole->tokens.size()));
    CHECK(facts.curve.back().merges == 144);
    CHECK(facts.curve.back().bytesPerToken ==
          Approx(static_cast<double>(facts.bytes) / static_cast<double>(whole->tokens.size())));

    tokenizer->setPage(TokenizerPage::Beside);
    program.waitUntilComplete();
    CHECK(contains(textsInSight(tokenizer), "learned (400)"));
    tokenizer->setWatched("learned (400)");
    tokenizer->setPage(TokenizerPage::Steps);
    program.waitUntilComplete();
    CHECK(tokenizer->steps() > 0);

    const QString path = folder.filePath("tokenizer.json");
    Q_EMIT intents(program).saveLearned();
    chooseFile(path);
    REQUIRE(eventually([&] { return QFile::exists(path); }));
    const auto read = loadTokenizer(path.toStdString());
    REQUIRE(read);
    CHECK((*read)->encode("the cat 床前 123")->ids() == made->encode("the cat 床前 123")->ids());

    // A second one of the same size stands beside the first.
    Q_EMIT intents(program).learnTokenizer(QStringLiteral("another text, ") + text.left(4000), 400);
    REQUIRE(eventually([&] { return learning(program).shelved == "learned (400) · 2"; }));
}

TEST_CASE("learning pauses between two merges, goes on one by one, and stops with what it has", "[workshop]") {
    Program program;
    view(program)->setPage(TokenizerPage::Learn);
    Q_EMIT intents(program).learnTokenizer(longText(), 20'000);
    Q_EMIT intents(program).pauseLearning(true);
    REQUIRE(eventually([&] { return learning(program).state == LearningState::Paused; }));
    const int merges = learning(program).merges;
    for (int i = 1; i <= 3; ++i) {
        const CountedPair next = learning(program).next.front();
        Q_EMIT intents(program).stepLearning();
        REQUIRE(eventually([&] { return learning(program).merges == merges + i; }));
        // What was announced as next is what was merged.
        CHECK(learning(program).last.front().left == next.left);
        CHECK(learning(program).last.front().right == next.right);
        CHECK(learning(program).last.front().count == next.count);
        CHECK(learning(program).state == LearningState::Paused);
    }
    CHECK(program.window().complete());
    Q_EMIT intents(program).pauseLearning(false);
    REQUIRE(eventually([&] { return learning(program).merges > merges + 3; }));
    Q_EMIT intents(program).stopLearning();
    REQUIRE(eventually([&] { return !learning(program).shelved.empty(); }));
    CHECK((learning(program).state == LearningState::Stopped || learning(program).state == LearningState::Finished));
    REQUIRE(shelved(program, learning(program).shelved));
    CHECK(shelved(program, learning(program).shelved)->tokenizer->size() == learning(program).vocabulary);
}

TEST_CASE("the newest learning wins, and closing the window ends it", "[workshop]") {
    Program program;
    Q_EMIT intents(program).learnTokenizer(longText(), 100'000);
    Q_EMIT intents(program).learnTokenizer("abab abab abab", 259);
    REQUIRE(eventually([&] { return !learning(program).shelved.empty(); }));
    CHECK(learning(program).vocabulary == 259);
    Q_EMIT intents(program).learnTokenizer(longText(), 100'000);
}

TEST_CASE("what cannot be learned from is a sentence in the view", "[workshop]") {
    QTemporaryDir folder;
    Program program;
    TokenizerView* tokenizer = view(program);
    tokenizer->setPage(TokenizerPage::Learn);
    const auto failing = [&](const std::string& part) {
        REQUIRE(eventually([&] { return learning(program).state == LearningState::Failed; }));
        CHECK(contains(textsInSight(tokenizer), part));
    };
    Q_EMIT intents(program).learnTokenizer({}, 300);
    failing("the training text is empty");
    Q_EMIT intents(program).learnTokenizer("abc", 200);
    failing("smaller than the alphabet");
    Q_EMIT intents(program).learnTokenizerFromFile(300);
    chooseFile(written(folder, "odd.txt", QByteArray("abc\xff", 4)));
    failing("byte 3 (0xFF)");
    Q_EMIT intents(program).learnTokenizerFromFile(300);
    chooseFile(written(folder, "good.txt", "abab abab abab"));
    REQUIRE(eventually([&] { return !learning(program).shelved.empty(); }));
    CHECK(contains(textsInSight(tokenizer), "Nothing is left to merge"));
    CHECK(learning(program).from == "good.txt");
}

TEST_CASE("a file's tokens are counted by every tokenizer, and its beginning can be taken as text", "[workshop]") {
    QTemporaryDir folder;
    Program program;
    const QByteArray bytes = longText().toUtf8();
    REQUIRE(bytes.size() > 200'000);
    const QString path = written(folder, "large.txt", bytes);
    program.window().openPath(path);  // too large for a prompt
    REQUIRE(eventually([&] { return !counted(program).running && !counted(program).rows.empty(); }, 60'000));
    program.waitUntilComplete();
    CHECK(program.workspace().text() != QString::fromUtf8(bytes));
    const auto& shelf = program.workspace().tokenizers()->shelf()->rows();
    REQUIRE(counted(program).rows.size() == shelf.size());
    for (std::size_t i = 0; i < shelf.size(); ++i) {
        CAPTURE(shelf[i].name);
        const auto whole = shelf[i].tokenizer->encode(bytes.toStdString(), {.addSpecial = false});
        REQUIRE(whole);
        CHECK(counted(program).rows[i].tokens == static_cast<std::int64_t>(whole->tokens.size()));
    }
    TokenizerView* tokenizer = view(program);
    CHECK(tokenizer->page() == TokenizerPage::Beside);
    CHECK(contains(textsInSight(tokenizer), "large.txt"));
    REQUIRE(clickSpot(tokenizer, [](const Spot& s) { return s.action == "count-text"; }));
    CHECK(bytes.startsWith(program.workspace().text().toUtf8()));
    CHECK(program.workspace().text().size() > 500);
}

TEST_CASE("a file that is no text names the byte; counting can be stopped", "[workshop]") {
    QTemporaryDir folder;
    Program program;
    TokenizerView* tokenizer = view(program);
    QByteArray bytes(5'000'000, 'a');
    for (qsizetype i = 7; i < bytes.size(); i += 8) bytes[i] = ' ';
    bytes[4'900'001] = '\xfe';
    Q_EMIT intents(program).countFile(written(folder, "odd.txt", bytes));
    REQUIRE(eventually([&] { return !counted(program).problem.empty(); }));
    CHECK(contains(textsInSight(tokenizer), "byte 4900001 (0xFE)"));
    Q_EMIT intents(program).countFile(folder.filePath("missing.txt"));
    REQUIRE(eventually([&] { return counted(program).problem.find("missing.txt") != std::string::npos; }));
    bytes[4'900'001] = 'b';
    Q_EMIT intents(program).countFile(written(folder, "long.txt", bytes));
    REQUIRE(eventually([&] { return counted(program).current >= 0; }));
    Q_EMIT intents(program).stopCounting();
    CHECK_FALSE(counted(program).running);
    CHECK(counted(program).stopped);
    program.waitUntilComplete();
    CHECK(contains(textsInSight(tokenizer), "not counted: stopped"));

    // It goes on with what is missing; what was counted is not counted again.
    const QString path = folder.filePath("long.txt");
    Q_EMIT intents(program).countFile(path);
    REQUIRE(eventually([&] { return counted(program).current >= 2; }, 60'000));
    Q_EMIT intents(program).stopCounting();
    const std::vector<FileCountRow> before = counted(program).rows;
    REQUIRE(before.front().tokens);
    REQUIRE(clickSpot(tokenizer, [](const Spot& s) { return s.action == "count-on"; }));
    CHECK(counted(program).running);
    CHECK_FALSE(counted(program).stopped);
    REQUIRE(eventually([&] { return counted(program).current > 2; }, 60'000));
    CHECK(counted(program).rows.front().tokens == before.front().tokens);
    CHECK(counted(program).rows.front().seconds == before.front().seconds);
    // Another file in the middle of it, then the first one again, from its beginning.
    Q_EMIT intents(program).countFile(written(folder, "short.txt", "床前明月光 in English"));
    REQUIRE(eventually([&] { return !counted(program).running; }, 60'000));
    CHECK(counted(program).name == "short.txt");
    for (const FileCountRow& row : counted(program).rows) CHECK(row.tokens);
    Q_EMIT intents(program).countFile(path);
    REQUIRE(eventually([&] { return counted(program).current >= 1; }, 60'000));
    Q_EMIT intents(program).stopCounting();
    // Changed on the disk meanwhile it is another file: nothing of the old count is kept.
    written(folder, "long.txt", "a few words");
    Q_EMIT intents(program).countFile(path);
    REQUIRE(eventually([&] { return !counted(program).running; }, 60'000));
    CHECK(counted(program).problem.empty());
    CHECK(counted(program).bytes == 11);
    for (const FileCountRow& row : counted(program).rows) CHECK(row.tokens <= 11);
}

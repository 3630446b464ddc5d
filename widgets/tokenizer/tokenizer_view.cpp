#include "widgets/tokenizer/tokenizer_view.h"

#include <QCoreApplication>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QMenu>
#include <QMimeData>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>

#include "widgets/shared/picture_painter.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/place_picture.h"
#include "widgets/tokenizer/count_picture.h"
#include "widgets/tokenizer/steps_picture.h"
#include "widgets/tokenizer_shelf.h"
#include "widgets/workshop.h"

namespace lw {

namespace {

constexpr int playMs = 450;
constexpr std::size_t longestText = 6'000;  // bytes that are drawn character by character

std::string say(const char* text) { return QCoreApplication::translate("Tokenizer", text).toStdString(); }

constexpr const char* pageNames[] = {"steps", "beside", "learn", "vocabulary"};

QString nameOf(TokenizerPage page) { return QString::fromLatin1(pageNames[static_cast<std::size_t>(page)]); }

TokenizerPage pageOf(const QString& name) {
    for (std::size_t i = 0; i < std::size(pageNames); ++i) {
        if (name == QLatin1String(pageNames[i])) return static_cast<TokenizerPage>(i);
    }
    return TokenizerPage::Steps;
}

// A file to be counted; what can be opened otherwise (models, sessions, tokenizers) is the window's. Empty: none.
QString countable(const QMimeData& data) {
    for (const QUrl& url : data.urls()) {
        if (!url.isLocalFile()) continue;
        const QFileInfo info(url.toLocalFile());
        const QString suffix = info.suffix().toLower();
        for (const char* other : {"gguf", "safetensors", "bin", "pt", "pth", "walk", "model", "tiktoken"}) {
            if (suffix == QLatin1String(other)) return {};
        }
        if (info.isDir() || info.fileName() == QLatin1String("config.json") || info.fileName() == QLatin1String("tokenizer.json"))
            return {};
        return info.filePath();
    }
    return {};
}

int wordsIn(const std::string& text) {
    int words = 0;
    bool inside = false;
    for (const char c : text) {
        const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        words += !space && !inside;
        inside = !space;
    }
    return words;
}

// The beginning of a text, cut between characters.
std::string beginningOf(const std::string& text) {
    if (text.size() <= longestText) return text;
    std::size_t at = longestText;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0u) == 0x80u) --at;
    return text.substr(0, at);
}

Result<SideBySideInput> cutByAll(const std::string& text, std::vector<ShelvedTokenizer> shelf, const Job& job) {
    SideBySideInput in{.text = text, .graphemes = graphemes(text), .words = wordsIn(text), .rows = {}};
    for (const ShelvedTokenizer& one : shelf) {
        if (job.cancelled()) return cancelledError();
        CutText row{.name = one.name, .what = one.what, .tokenizer = one.tokenizer, .tokens = {}, .problem = one.problem};
        if (one.tokenizer) {
            auto encoded = one.tokenizer->encode(text, {.addSpecial = false});
            if (encoded) {
                row.tokens = std::move(encoded->tokens);
            } else {
                row.problem = encoded.error().message;
            }
        }
        in.rows.push_back(std::move(row));
    }
    return in;
}

}  // namespace

View* makeTokenizerView(ViewServices services, QWidget* parent) { return new TokenizerView(services, parent); }

TokenizerView::TokenizerView(ViewServices services, QWidget* parent) : View(services, parent) {
    const auto widget = [&](const QString& name) {
        auto* w = new PictureWidget(services.selection, services.look, this);
        w->setAccessibleName(name);
        connect(w, &PictureWidget::actionRequested, this, &TokenizerView::act);
        return w;
    };
    m_heading = widget(tr("Tokenizer"));
    m_heading->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_heading->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_picture = widget(tr("The text on its way to tokens"));
    m_learn = new LearnPage(services, this);
    m_vocabulary = new VocabularyPage(services, this);
    setAcceptDrops(true);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 8, 6, 8);
    layout->setSpacing(4);
    layout->addWidget(m_heading);
    layout->addWidget(m_picture, 1);
    layout->addWidget(m_learn, 1);
    layout->addWidget(m_vocabulary, 1);
    setFocusProxy(m_picture);
    m_playing.setInterval(playMs);
    connect(&m_playing, &QTimer::timeout, this, [this] {
        if (m_step < 0 || m_step >= steps()) return play(false);
        setStep(m_step + 1);
    });
    if (services.tokenizers) connect(services.tokenizers, &TokenizerShelf::changed, this, &TokenizerView::read);
    if (services.workshop) connect(services.workshop, &Workshop::countChanged, this, &TokenizerView::readCount);
    connect(m_learn, &LearnPage::stateChanged, this, &View::stateChanged);
    connect(m_vocabulary, &VocabularyPage::stateChanged, this, &View::stateChanged);
    const auto finished = [this] {
        if (complete()) Q_EMIT completed();
    };
    connect(m_learn, &LearnPage::completed, this, finished);
    connect(m_vocabulary, &VocabularyPage::completed, this, finished);
    arrange();
    for (LatestJobBase* job : std::initializer_list<LatestJobBase*>{&m_stepsJob, &m_besideJob}) {
        connect(job, &LatestJobBase::finished, this, finished);
    }
}

bool TokenizerView::complete() const {
    const bool needsShelf = m_page == TokenizerPage::Beside || !m_watched.isEmpty();
    const bool shelved = !needsShelf || !services().tokenizers || services().tokenizers->complete();
    const bool counted = m_page != TokenizerPage::Beside || !services().workshop || !services().workshop->count().running;
    const bool paged = m_page == TokenizerPage::Learn        ? m_learn->complete()
                       : m_page == TokenizerPage::Vocabulary ? m_vocabulary->complete()
                                                             : true;
    return !m_stepsJob.running() && !m_besideJob.running() && shelved && counted && paged;
}

std::shared_ptr<const Tokenizer> TokenizerView::watched() const {
    if (!shown()) return nullptr;
    if (m_watched.isEmpty() || !services().tokenizers) return shown()->tokenizer;
    for (const ShelvedTokenizer& one : services().tokenizers->rows()) {
        if (QString::fromStdString(one.name) == m_watched) return one.tokenizer;
    }
    return nullptr;
}

// Everything that is not known yet of this text, in the background.
void TokenizerView::read() {
    if (!shown()) return draw();
    m_text = beginningOf(shown()->text);
    const auto tokenizer = watched();
    if (!tokenizer) {  // another's steps would be worse than none
        m_stepsJob.cancel();
        m_steps.reset();
        m_readBy.reset();
        m_failure.clear();
    }
    if (m_page == TokenizerPage::Steps && tokenizer && (m_readBy != tokenizer || !m_steps || m_steps->text != m_text)) {
        m_readBy = tokenizer;
        m_stepsJob.start([text = m_text, tokenizer](const Job&) { return tokenSteps(text, tokenizer); },
                         [this](Result<TokenSteps> steps) {
                             m_failure = steps ? std::string() : steps.error().message;
                             m_steps.reset();
                             if (steps) m_steps = std::move(*steps);
                             if (m_step > this->steps()) m_step = -1;
                             draw();
                         });
    }
    if (m_page == TokenizerPage::Learn) m_learn->setText(shown()->text);
    if (m_page == TokenizerPage::Vocabulary) m_vocabulary->setSource(tokenizer, m_watched, shown()->text);
    if (m_page == TokenizerPage::Beside && services().tokenizers) {
        std::vector<ShelvedTokenizer> shelf{{.name = shown()->modelName, .what = {}, .tokenizer = shown()->tokenizer}};
        for (const ShelvedTokenizer& one : services().tokenizers->rows()) shelf.push_back(one);
        m_besideJob.start([text = m_text, shelf](const Job& job) { return cutByAll(text, shelf, job); },
                          [this](Result<SideBySideInput> rows) {
                              if (rows) m_rows = std::move(*rows);
                              draw();
                          });
    }
    draw();
}

void TokenizerView::setStep(int step) {
    const int last = steps();
    m_step = step >= last ? -1 : std::max(0, step);
    draw();
}

void TokenizerView::setPage(TokenizerPage page) {
    if (page == m_page) return;
    m_page = page;
    play(false);
    if (page == TokenizerPage::Beside) Q_EMIT services().intents->wantTokenizers();
    arrange();
    read();
    Q_EMIT stateChanged();
}

void TokenizerView::arrange() {
    m_picture->setVisible(m_page == TokenizerPage::Steps || m_page == TokenizerPage::Beside);
    m_learn->setVisible(m_page == TokenizerPage::Learn);
    m_vocabulary->setVisible(m_page == TokenizerPage::Vocabulary);
    setFocusProxy(m_page == TokenizerPage::Learn        ? static_cast<QWidget*>(m_learn)
                  : m_page == TokenizerPage::Vocabulary ? static_cast<QWidget*>(m_vocabulary)
                                                        : m_picture);
}

// A file that is newly counted is shown wherever one is in this view.
void TokenizerView::readCount() {
    const FileCountFacts& facts = services().workshop->count();
    if (facts.path != m_counted && facts.path != m_closed) {
        m_counted = facts.path;
        if (isVisible()) setPage(TokenizerPage::Beside);
    }
    if (facts.running && facts.bytes == 0) m_closed.clear();  // begun anew
    if (m_page == TokenizerPage::Beside) draw();
    if (!facts.running && complete()) Q_EMIT completed();
}

void TokenizerView::setWatched(const QString& name) {
    if (name == m_watched) return;
    m_watched = name;
    m_step = -1;
    m_word = -1;
    read();
    Q_EMIT stateChanged();
}

void TokenizerView::play(bool on) {
    if (on && m_step < 0) m_step = 0;
    if (on) {
        m_playing.start();
    } else {
        m_playing.stop();
    }
    draw();
}

Picture TokenizerView::headingPart(double width, bool controls) const {
    Picture picture;
    const int last = steps(), now = m_step < 0 ? last : m_step;
    std::vector<Pill> pills;
    if (m_page == TokenizerPage::Steps && last > 0) {
        pills = {
            {"⇤", "first", false, say(QT_TRANSLATE_NOOP("Tokenizer", "before the first step"))},
            {"←", "back", false, say(QT_TRANSLATE_NOOP("Tokenizer", "one step back"))},
            {m_playing.isActive() ? say(QT_TRANSLATE_NOOP("Tokenizer", "pause")) : say(QT_TRANSLATE_NOOP("Tokenizer", "play")),
             "play", m_playing.isActive(), say(QT_TRANSLATE_NOOP("Tokenizer", "play or pause"))},
            {"→", "forward", false, say(QT_TRANSLATE_NOOP("Tokenizer", "one step forward"))},
            {"⇥", "last", false, say(QT_TRANSLATE_NOOP("Tokenizer", "after the last step"))}};
    }
    if (m_page == TokenizerPage::Steps || m_page == TokenizerPage::Vocabulary)
        pills.push_back({m_watched.isEmpty() ? say(QT_TRANSLATE_NOOP("Tokenizer", "Which ▾")) : m_watched.toStdString() + " ▾",
                         "which", false, say(QT_TRANSLATE_NOOP("Tokenizer", "whose steps and whose vocabulary are shown"))});
    if (m_page == TokenizerPage::Beside)
        pills.push_back({say(QT_TRANSLATE_NOOP("Tokenizer", "Open …")), "open", false,
                         say(QT_TRANSLATE_NOOP("Tokenizer", "another tokenizer: tokenizer.json, .model, .tiktoken, .gguf"))});
    pills.push_back({say(QT_TRANSLATE_NOOP("Tokenizer", "step by step")), "steps", m_page == TokenizerPage::Steps});
    pills.push_back({say(QT_TRANSLATE_NOOP("Tokenizer", "side by side")), "beside", m_page == TokenizerPage::Beside});
    pills.push_back({say(QT_TRANSLATE_NOOP("Tokenizer", "learn")), "learn", m_page == TokenizerPage::Learn,
                     say(QT_TRANSLATE_NOOP("Tokenizer", "learn a vocabulary of your own"))});
    pills.push_back({say(QT_TRANSLATE_NOOP("Tokenizer", "vocabulary")), "vocabulary", m_page == TokenizerPage::Vocabulary,
                     say(QT_TRANSLATE_NOOP("Tokenizer", "browse the vocabulary"))});
    const double right = controls ? pillsWidth(pills) + 10 : 0;
    // The step comes first: it is what changes, and it is never cut.
    std::string title = say(QT_TRANSLATE_NOOP("Tokenizer", "Tokenizer")), about;
    if (m_page == TokenizerPage::Beside) {
        about = say(QT_TRANSLATE_NOOP("Tokenizer", "a box is a token, its number the id"));
    } else if (m_page == TokenizerPage::Learn) {
        about = say(QT_TRANSLATE_NOOP("Tokenizer", "byte pairs become pieces"));
    } else if (m_page == TokenizerPage::Vocabulary) {
        about = watched() ? watched()->kind() : std::string();
    } else if (m_steps) {
        about = m_steps->tokenizer->kind();
        if (!m_watched.isEmpty()) about = m_watched.toStdString() + " · " + about;
        if (last > 0)
            title = fill(say(QT_TRANSLATE_NOOP("Tokenizer", "Step %1 of %2")), {std::to_string(now), std::to_string(last)});
        if (last > 0 && textWidth(title, TypeSize::Title, true) > width - right)
            title = std::to_string(now) + " / " + std::to_string(last);
    }
    addHeading(picture, 0, 0, width - right, title, about);
    if (controls) addPills(picture, width - pillsWidth(pills), 1, pills);
    picture.width = width;
    picture.height = headingHeight;
    return picture;
}

Picture TokenizerView::mainPart(double width) const {
    if (m_page == TokenizerPage::Learn) return m_learn->exportPicture(width);
    if (m_page == TokenizerPage::Vocabulary) return m_vocabulary->exportPicture(width);
    const Picture picture = textPart(width);
    if (!shown() || m_text.size() == shown()->text.size()) return picture;
    Picture noted;
    noted.width = width;
    noted.label({.rect = {0, 0, width, 18},
                 .text = fill(say(QT_TRANSLATE_NOOP("Tokenizer", "The first %1 of the text’s %2 bytes:")),
                              {std::to_string(m_text.size()), std::to_string(shown()->text.size())}),
                 .size = TypeSize::Label,
                 .colour = Ink::Muted});
    placePicture(noted, picture, 0, 22);
    return noted;
}

Picture TokenizerView::textPart(double width) const {
    if (m_page == TokenizerPage::Beside && m_rows) {
        const Measure measure = services().look ? fontMeasure(*services().look) : Measure(textWidth);
        return sideBySidePicture(*m_rows, width, measure, say);
    }
    if (m_page == TokenizerPage::Steps && m_steps)
        return stepsPicture({&*m_steps, m_step < 0 ? m_steps->count() : m_step, m_word, {}}, width, say);
    Picture note;
    note.width = width;
    note.height = 60;
    std::string sentence = m_failure;
    if (sentence.empty() && shown() && !m_watched.isEmpty() && !watched())
        sentence = fill(say(QT_TRANSLATE_NOOP("Tokenizer", "The tokenizer “%1” is not here (yet): choose another.")),
                        {m_watched.toStdString()});
    else if (sentence.empty() && shown() && !shown()->tokenizer)
        sentence =
            say(QT_TRANSLATE_NOOP("Tokenizer", "This model has no tokenizer: it is given ids. Side by side shows others."));
    note.label({.rect = {0, 10, width, 20}, .text = sentence, .colour = Ink::Muted});
    return note;
}

void TokenizerView::draw() {
    m_heading->setFixedHeight(static_cast<int>(headingHeight * (services().look ? services().look->scale() : 1.0)));
    m_heading->setPicture(headingPart(m_heading->availableWidth(), true));
    if (m_page == TokenizerPage::Learn) return m_learn->draw();
    if (m_page == TokenizerPage::Vocabulary) return m_vocabulary->draw();
    const double width = std::max(320.0, m_picture->availableWidth());
    Picture picture;
    if (m_page == TokenizerPage::Beside && services().workshop) {
        placePicture(picture, countPart(width, true), 0, 0);
        placePicture(picture, mainPart(width), 0, picture.height);
    } else {
        picture = mainPart(width);
    }
    m_picture->setPicture(std::move(picture));
}

// The counted file, or how to have one counted.
Picture TokenizerView::countPart(double width, bool controls) const {
    const FileCountFacts& facts = services().workshop->count();
    if (!facts.path.empty() && facts.path == m_counted) return countPicture(facts, width, say, controls);
    Picture hint;
    hint.width = width;
    if (!controls) return hint;
    hint.height = 22;
    hint.label({.rect = {0, 0, width, 18},
                .text = say(QT_TRANSLATE_NOOP("Tokenizer",
                                              "Drop a text file here, of any size: its tokens are counted by every tokenizer.")),
                .size = TypeSize::Label,
                .colour = Ink::Muted});
    return hint;
}

void TokenizerView::act(const QString& action) {
    const int now = m_step < 0 ? steps() : m_step;
    if (action == "first") setStep(0);
    if (action == "back") setStep(now - 1);
    if (action == "forward") setStep(now + 1);
    if (action == "last") setStep(steps());
    if (action == "play") play(!m_playing.isActive());
    for (const char* page : pageNames) {
        if (action == QLatin1String(page)) setPage(pageOf(action));
    }
    if (action == "count-on") Q_EMIT services().intents->countFile(QString::fromStdString(services().workshop->count().path));
    if (action == "count-stop") Q_EMIT services().intents->stopCounting();
    if (action == "count-text")
        Q_EMIT services().intents->setPrompt(QString::fromStdString(services().workshop->count().beginning));
    if (action == "count-close") {
        Q_EMIT services().intents->stopCounting();
        m_closed = std::exchange(m_counted, {});
        draw();
    }
    if (action == "open") Q_EMIT services().intents->openTokenizer();
    if (action == "which") openMenu();
    if (action.startsWith("step:")) {
        play(false);
        setStep(action.mid(5).toInt());
    }
    if (action.startsWith("word:")) {
        m_word = action.mid(5).toInt();
        draw();
    }
}

void TokenizerView::openMenu() {
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("tokenizers"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const auto add = [&](const QString& label, const QString& name) {
        QAction* action = menu->addAction(QString(label).replace('&', QStringLiteral("&&")));
        action->setCheckable(true);
        action->setChecked(name == m_watched);
        connect(action, &QAction::triggered, this, [this, name] { setWatched(name); });
    };
    add(tr("the open model’s"), {});
    if (services().tokenizers) {
        for (const ShelvedTokenizer& one : services().tokenizers->rows()) {
            if (one.tokenizer) add(QString::fromStdString(one.name), QString::fromStdString(one.name));
        }
    }
    menu->popup(m_heading->mapToGlobal(QPoint(m_heading->width() - menu->sizeHint().width(), m_heading->height())));
}

Picture TokenizerView::exportPicture() const {
    const double width = std::max(640.0, m_picture->availableWidth());
    Picture picture = headingPart(width, false);
    double y = headingHeight + 6;
    if (m_page == TokenizerPage::Beside && services().workshop) {
        const Picture counted = countPart(width, false);
        placePicture(picture, counted, 0, y);
        y += counted.height;
    }
    placePicture(picture, mainPart(width), 0, y);
    return picture;
}

QJsonObject TokenizerView::saveState() const {
    QJsonObject state{{"page", nameOf(m_page)},
                      {"watched", m_watched},
                      {"learn", m_learn->saveState()},
                      {"vocabulary", m_vocabulary->saveState()}};
    if (m_step >= 0) state["step"] = m_step;
    return state;
}

void TokenizerView::restoreState(const QJsonObject& state) {
    setWatched(state["watched"].toString());
    m_learn->restoreState(state["learn"].toObject());
    m_vocabulary->restoreState(state["vocabulary"].toObject());
    // Older sessions knew two pages.
    setPage(state["beside"].toBool(false) ? TokenizerPage::Beside : pageOf(state["page"].toString()));
    m_step = state["step"].toInt(-1);
    if (!m_watched.isEmpty()) Q_EMIT services().intents->wantTokenizers();
    draw();
}

void TokenizerView::shownChanged() {
    if (shown()) Q_EMIT services().intents->wantTokenizers();
    read();
}

void TokenizerView::resizeEvent(QResizeEvent* event) {
    View::resizeEvent(event);
    draw();
}

void TokenizerView::dragEnterEvent(QDragEnterEvent* event) {
    if (m_page == TokenizerPage::Beside && services().workshop && !countable(*event->mimeData()).isEmpty())
        event->acceptProposedAction();
    else
        event->ignore();  // the window's
}

void TokenizerView::dropEvent(QDropEvent* event) {
    const QString path = countable(*event->mimeData());
    if (path.isEmpty()) return;
    event->acceptProposedAction();
    Q_EMIT services().intents->countFile(path);
}

}  // namespace lw

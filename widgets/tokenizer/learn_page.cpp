#include "widgets/tokenizer/learn_page.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QSpinBox>
#include <QVBoxLayout>

#include <cmath>

#include "widgets/tokenizer/learn_picture.h"
#include "widgets/tokenizer/workshop_parts.h"
#include "widgets/workshop.h"

namespace lw {

namespace {

constexpr int smallestVocabulary = 257, largestVocabulary = 200'000, firstVocabulary = 2000;
constexpr int editLines = 4;

std::string say(const char* text) { return QCoreApplication::translate("Tokenizer", text).toStdString(); }

}  // namespace

LearnPage::LearnPage(const ViewServices& services, QWidget* parent) : QWidget(parent), m_services(services) {
    const auto widget = [&](const QString& name) {
        auto* w = new PictureWidget(services.selection, services.look, this);
        w->setAccessibleName(name);
        connect(w, &PictureWidget::actionRequested, this, &LearnPage::act);
        return w;
    };
    m_bar = widget(tr("Learning a tokenizer"));
    m_bar->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_bar->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_picture = widget(tr("The vocabulary as it grows"));
    m_size = new QSpinBox(this);
    m_size->setRange(smallestVocabulary, largestVocabulary);
    m_size->setSingleStep(100);
    m_size->setValue(firstVocabulary);
    m_size->setGroupSeparatorShown(true);
    m_size->setAccessibleName(tr("Ids of the vocabulary"));
    m_size->setToolTip(tr("How many ids the vocabulary gets: the 256 bytes and one for each merge"));
    auto* label = new QLabel(tr("ids"), this);
    label->setProperty("muted", true);
    label->setBuddy(m_size);
    m_edit = new QPlainTextEdit(this);
    m_edit->setPlaceholderText(tr("Type or paste the text to learn from"));
    m_edit->setAccessibleName(tr("Text to learn from"));
    m_edit->setTabChangesFocus(true);
    m_edit->setFixedHeight(m_edit->fontMetrics().lineSpacing() * editLines + 16);
    m_edit->hide();
    auto* top = new QHBoxLayout;
    top->setSpacing(6);
    top->addWidget(label, 0, Qt::AlignTop);
    top->addWidget(m_size, 0, Qt::AlignTop);
    top->addSpacing(6);
    top->addWidget(m_bar, 1);
    label->setFixedHeight(m_size->sizeHint().height());
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addLayout(top);
    layout->addWidget(m_edit);
    layout->addWidget(m_picture, 1);
    setFocusProxy(m_bar);
    connect(m_size, &QSpinBox::valueChanged, this, &LearnPage::stateChanged);
    if (services.workshop) connect(services.workshop, &Workshop::learningChanged, this, &LearnPage::factsChanged);
}

bool LearnPage::complete() const { return !m_services.workshop || !m_services.workshop->learning().working(); }

void LearnPage::setText(const std::string& text) {
    m_text = text;
    draw();
}

void LearnPage::factsChanged() {
    if (isVisible()) draw();
    const bool now = complete();
    if (now && !m_wasComplete) Q_EMIT completed();
    m_wasComplete = now;
}

void LearnPage::setOwn(bool own) {
    if (own == m_own) return;
    m_own = own;
    m_edit->setVisible(own);
    draw();
    if (own && isVisible()) m_edit->setFocus();
    Q_EMIT stateChanged();
}

void LearnPage::act(const QString& action) {
    Intents& intents = *m_services.intents;
    if (action == "shown") setOwn(false);
    if (action == "own") setOwn(true);
    if (action == "start")
        Q_EMIT intents.learnTokenizer(m_own ? m_edit->toPlainText() : QString::fromStdString(m_text), m_size->value());
    if (action == "file") Q_EMIT intents.learnTokenizerFromFile(m_size->value());
    if (action == "pause") Q_EMIT intents.pauseLearning(true);
    if (action == "go") Q_EMIT intents.pauseLearning(false);
    if (action == "step") Q_EMIT intents.stepLearning();
    if (action == "stop") Q_EMIT intents.stopLearning();
    if (action == "save") Q_EMIT intents.saveLearned();
}

void LearnPage::draw() {
    const LearningFacts facts = m_services.workshop ? m_services.workshop->learning() : LearningFacts();
    std::vector<PillGroup> groups;
    groups.push_back({say(QT_TRANSLATE_NOOP("Tokenizer", "from")),
                      {{say(QT_TRANSLATE_NOOP("Tokenizer", "the shown text")), "shown", !m_own},
                       {say(QT_TRANSLATE_NOOP("Tokenizer", "my own text")), "own", m_own}}});
    groups.push_back({{},
                      {{say(QT_TRANSLATE_NOOP("Tokenizer", "Start")), "start", false,
                        say(QT_TRANSLATE_NOOP("Tokenizer", "learn from this text; what runs is given up"))},
                       {say(QT_TRANSLATE_NOOP("Tokenizer", "From a file …")), "file", false,
                        say(QT_TRANSLATE_NOOP("Tokenizer", "learn from a text file"))}}});
    std::vector<Pill> running;
    if (facts.working())
        running.push_back({say(QT_TRANSLATE_NOOP("Tokenizer", "Pause")), "pause", false,
                           say(QT_TRANSLATE_NOOP("Tokenizer", "pause between two merges"))});
    if (facts.state == LearningState::Paused) {
        running.push_back({say(QT_TRANSLATE_NOOP("Tokenizer", "Go on")), "go"});
        running.push_back({say(QT_TRANSLATE_NOOP("Tokenizer", "One merge")), "step", false,
                           say(QT_TRANSLATE_NOOP("Tokenizer", "the next merge, and pause again"))});
    }
    if (facts.active())
        running.push_back({say(QT_TRANSLATE_NOOP("Tokenizer", "Stop")), "stop", false,
                           say(QT_TRANSLATE_NOOP("Tokenizer", "stop; what was learned so far stays"))});
    if (!facts.shelved.empty())
        running.push_back({say(QT_TRANSLATE_NOOP("Tokenizer", "Save …")), "save", false,
                           say(QT_TRANSLATE_NOOP("Tokenizer", "as tokenizer.json"))});
    groups.push_back({{}, running});
    Picture bar;
    const double height = addPillRows(bar, 2, std::max(160.0, m_bar->availableWidth()), groups);
    m_bar->setFixedHeight(static_cast<int>(std::ceil((height + 2) * (m_services.look ? m_services.look->scale() : 1.0))));
    m_bar->setPicture(std::move(bar));
    m_picture->setPicture(exportPicture(std::max(320.0, m_picture->availableWidth())));
}

Picture LearnPage::exportPicture(double width) const {
    const LearningFacts facts = m_services.workshop ? m_services.workshop->learning() : LearningFacts();
    Picture picture = learnPicture(facts, width, say);
    if (!facts.shelved.empty()) {
        picture.label({.rect = {0, picture.height, width, 18},
                       .text = fill(say(QT_TRANSLATE_NOOP("Tokenizer",
                                                          "It is on the shelf as “%1”: side by side shows it, step by step can "
                                                          "follow it, its vocabulary can be browsed.")),
                                    {facts.shelved}),
                       .size = TypeSize::Label,
                       .colour = Ink::Muted});
        picture.height += 22;
    }
    return picture;
}

QJsonObject LearnPage::saveState() const { return {{"own", m_own}, {"size", m_size->value()}}; }

void LearnPage::restoreState(const QJsonObject& state) {
    const QSignalBlocker quiet(m_size);
    m_size->setValue(state["size"].toInt(firstVocabulary));
    setOwn(state["own"].toBool(false));
}

void LearnPage::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    draw();
}

}  // namespace lw

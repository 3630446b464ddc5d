#include "widgets/next_token/next_token_view.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

#include "widgets/shared/picture_parts.h"

namespace lw {

namespace {

std::string say(const char* text) { return QCoreApplication::translate("NextToken", text).toStdString(); }

constexpr int binsKept = 400, differencesKept = 100;

std::span<const float> logitsAt(const Trace& trace, int position) {
    const ConstRow row = trace.logits(Position(position));
    return {row.data(), static_cast<std::size_t>(row.size())};
}

// How the token at `position` of the path to `node` was chosen; none in the prompt.
std::optional<Choice> choiceAt(const RunNodePtr& node, int promptLength, int position) {
    const int depth = position - promptLength + 1;  // of the node whose token stands there
    if (!node || depth < 1) return std::nullopt;
    RunNodePtr at = node;
    for (int d = node->depth(); at && d > depth; --d) at = at->parent();
    return at && at->parent() ? std::optional(at->choice()) : std::nullopt;
}

}  // namespace

View* makeNextTokenView(ViewServices services, QWidget* parent) { return new NextTokenView(services, parent); }

NextTokenView::NextTokenView(ViewServices services, QWidget* parent) : View(services, parent), m_job(picturePool()) {
    m_picture = new PictureWidget(services.selection, services.look, this);
    m_picture->setAccessibleName(tr("Distribution of the next token"));
    m_controls = new SamplingControls(services.look, true, this);
    m_roll = new QPushButton(tr("⚄ Roll"), this);
    m_roll->setAccessibleName(tr("Roll the dice for the next token"));
    m_roll->setToolTip(tr("One step by the dice (R)"));
    m_greedy = new QPushButton(tr("Greedy"), this);
    m_greedy->setAccessibleName(tr("Take the most probable token"));
    m_greedy->setToolTip(tr("One step with the most probable token (G)"));
    auto* row = new QHBoxLayout;
    row->setContentsMargins(0, 0, 8, 0);
    row->setSpacing(8);
    row->addWidget(m_controls, 1);
    row->addWidget(m_roll);
    row->addWidget(m_greedy);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 10, 6, 8);
    layout->setSpacing(6);
    layout->addWidget(m_picture, 1);
    layout->addLayout(row);
    setFocusProxy(m_picture);
    connect(m_picture, &PictureWidget::resized, this, &NextTokenView::draw);
    connect(m_picture, &PictureWidget::actionRequested, this, [this](const QString& action) {
        if (action.startsWith("force:")) Q_EMIT this->services().intents->forceToken(action.mid(6).toInt());
        if (action == QLatin1String(rollsAction)) {
            m_thousand = !m_thousand;
            refresh();
            Q_EMIT stateChanged();
        }
    });
    connect(m_controls, &SamplingControls::edited, services.intents, &Intents::setSampling);
    connect(m_roll, &QPushButton::clicked, services.intents, &Intents::roll);
    connect(m_greedy, &QPushButton::clicked, services.intents, &Intents::greedy);
    connect(&m_job, &LatestJobBase::finished, this, [this] {
        if (complete()) Q_EMIT completed();
    });
    m_slow.setSingleShot(true);
    m_slow.setInterval(150);
    connect(&m_slow, &QTimer::timeout, this, [this] { m_picture->setStale(true); });
}

std::optional<NextTokenView::Question> NextTokenView::question() const {
    if (!shown() || !shown()->trace || shown()->trace->length() == 0) return std::nullopt;
    Question q;
    q.trace = shown()->trace;
    q.node = shown()->node;
    q.promptLength = shown()->promptLength;
    q.settings = shown()->sampling;
    q.rolled = m_thousand;
    const int last = q.trace->length() - 1;
    const Locus& place = services().selection->current();
    q.position = std::clamp(place.position.value_or(Position(last)).value, 0, last);
    if (place.site == SiteId::Logits && place.unit) q.also = place.unit->value;
    if (difference() && difference()->shown && difference()->shown->trace && difference()->shown->trace->length() > 0) {
        q.traceA = difference()->shown->trace;
        q.positionA = std::clamp(difference()->place.position.value_or(Position(q.position)).value, 0, q.traceA->length() - 1);
    }
    return q;
}

NextTokenView::Answer NextTokenView::answer(const Question& q) {
    Answer a;
    a.question = q;
    const int length = q.trace->length();
    const auto factsAt = [&](const Trace& trace, int position, int most, bool own) {
        std::optional<TokenId> follows;
        std::optional<Choice> choice;
        if (own && position + 1 < trace.length()) {
            follows = trace.ids()[static_cast<std::size_t>(position + 1)];
            choice = choiceAt(q.node, q.promptLength, position + 1);
        }
        return nextTokenFacts(logitsAt(trace, position), q.settings, Position(position), follows, choice, most, {&q.also, 1});
    };
    a.facts = factsAt(*q.trace, q.position, binsKept, true);
    if (q.rolled) a.rolled = rollMany(logitsAt(*q.trace, q.position), q.settings, 1000, q.settings.seed);
    if (q.traceA)
        a.differences = tokenDifferences(logitsAt(*q.trace, q.position), logitsAt(*q.traceA, q.positionA), differencesKept);
    // at the tip: the draw that brought its token
    if (!q.traceA && q.position == length - 1 && length >= 2) {
        const auto choice = choiceAt(q.node, q.promptLength, q.position);
        if (choice && choice->draw) a.lastRoll = factsAt(*q.trace, q.position - 1, binsKept, true);
    }
    return a;
}

void NextTokenView::refresh() {
    if (shown()) m_controls->setSettings(shown()->sampling);
    const auto q = question();
    m_roll->setEnabled(q.has_value());
    m_greedy->setEnabled(q.has_value());
    if (q == m_asked) {
        draw();
        return;
    }
    m_asked = q;
    if (!q) {
        m_job.cancel();
        m_slow.stop();
        m_answer.reset();
        draw();
        return;
    }
    m_slow.start();
    m_job.start(
        [q = *q](const Job& job) -> Result<Answer> { return job.cancelled() ? Result<Answer>(cancelledError()) : answer(q); },
        [this](Result<Answer> result) {
            m_slow.stop();
            if (result) m_answer = std::move(*result);
            draw();
        });
}

NextTokenInput NextTokenView::input() const {
    const Answer& a = *m_answer;
    NextTokenInput in;
    in.facts = a.facts;
    const auto position = static_cast<std::size_t>(a.question.position);
    in.pieceHere = position < shown()->pieces.size() ? shown()->pieces[position] : std::string();
    in.piece = [shown = shown()](TokenId id) { return shown->piece(id); };
    in.tip = a.question.position == a.question.trace->length() - 1;
    in.lastRoll = a.lastRoll;
    in.rolled = a.rolled;
    in.place = services().selection->current();
    in.unit = shown()->unit;
    return in;
}

Picture NextTokenView::build(double width, double height, bool controls) const {
    NextTokenInput in = input();
    in.controls = controls;
    if (m_answer->differences)
        return nextTokenDifferencePicture(in, *m_answer->differences, difference() ? difference()->name : std::string(), width,
                                          height, say);
    return nextTokenPicture(in, width, height, say);
}

void NextTokenView::draw() {
    const double width = std::max(300.0, m_picture->availableWidth());
    if (m_answer && m_asked && m_answer->question == *m_asked && shown()) {
        m_picture->setPicture(build(width, m_picture->availableHeight(), true));
        m_picture->setStale(false);
    } else if (!m_asked) {
        Picture note;
        note.width = width;
        note.height = 80;
        addHeading(note, 0, 0, width, say(QT_TRANSLATE_NOOP("NextToken", "Next token")), "");
        note.label({.rect = {0, 40, width, 20},
                    .text = say(QT_TRANSLATE_NOOP("NextToken", "Nothing has been traced yet: type a text.")),
                    .colour = Ink::Muted});
        m_picture->setPicture(std::move(note));
    }
}

Picture NextTokenView::exportPicture() const {
    if (!m_answer || !shown()) return m_picture->picture();
    return build(std::max(720.0, m_picture->availableWidth()), std::max(480.0, m_picture->availableHeight()), false);
}

QJsonObject NextTokenView::saveState() const { return {{"rolled", m_thousand}}; }
void NextTokenView::restoreState(const QJsonObject& state) {
    m_thousand = state["rolled"].toBool(false);
    refresh();
}

bool NextTokenView::complete() const { return !m_job.running(); }

void NextTokenView::shownChanged() { refresh(); }
void NextTokenView::placeChanged(const Locus&) { refresh(); }
void NextTokenView::lookChanged() { draw(); }

}  // namespace lw

#include "widgets/residual_stream/residual_stream_view.h"

#include <QCoreApplication>
#include <QLineEdit>
#include <QMenu>
#include <QVBoxLayout>
#include <QWidgetAction>

#include <algorithm>

#include "core/analysis/softmax_stats.h"
#include "widgets/shared/picture_parts.h"

namespace lw {

namespace {

std::string say(const char* text) { return QCoreApplication::translate("ResidualStream", text).toStdString(); }

constexpr int tokensOffered = 12;

std::span<const float> logitsAt(const Trace& trace, int position) {
    const ConstRow row = trace.logits(Position(position));
    return {row.data(), static_cast<std::size_t>(row.size())};
}

}  // namespace

View* makeResidualStreamView(ViewServices services, QWidget* parent) { return new ResidualStreamView(services, parent); }

ResidualStreamView::ResidualStreamView(ViewServices services, QWidget* parent) : View(services, parent), m_job(picturePool()) {
    m_picture = new PictureWidget(services.selection, services.look, this);
    m_picture->setAccessibleName(tr("Residual stream"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 10, 6, 8);
    layout->addWidget(m_picture);
    setFocusProxy(m_picture);
    connect(m_picture, &PictureWidget::resized, this, &ResidualStreamView::draw);
    connect(m_picture, &PictureWidget::actionRequested, this, &ResidualStreamView::act);
    m_slow.setSingleShot(true);
    m_slow.setInterval(150);
    connect(&m_job, &LatestJobBase::finished, this, &ResidualStreamView::tellIfComplete);
    connect(&m_slow, &QTimer::timeout, this, [this] { m_picture->setStale(true); });
}

std::optional<ResidualStreamView::Question> ResidualStreamView::question() const {
    if (!shown() || !shown()->trace || !shown()->model || shown()->trace->length() == 0) return std::nullopt;
    Question q;
    q.trace = shown()->trace;
    const int last = q.trace->length() - 1;
    q.position = std::clamp(services().selection->current().position.value_or(Position(last)).value, 0, last);
    const auto logits = logitsAt(*q.trace, q.position);
    q.token = m_token && *m_token < static_cast<int>(logits.size()) ? *m_token : topTokens(logits, 1).front().id;
    if (difference() && difference()->shown && difference()->shown->trace && difference()->shown->trace->length() > 0) {
        q.traceA = difference()->shown->trace;
        q.positionA = std::clamp(difference()->place.position.value_or(Position(q.position)).value, 0, q.traceA->length() - 1);
    }
    return q;
}

Result<ResidualStreamView::Answer> ResidualStreamView::answer(const Question& q, const Model& model, const Model* modelA,
                                                              const Job& job) {
    Answer a;
    a.question = q;
    auto stream = streamFacts(*q.trace, Position(q.position));
    if (!stream) return tl::unexpected(stream.error());
    a.stream = std::move(*stream);
    auto attribution = attribute(*q.trace, model, Position(q.position), q.token, job);
    if (!attribution) return tl::unexpected(attribution.error());
    a.attribution = std::move(*attribution);
    if (!q.traceA || !modelA) return a;
    const ModelInfo &infoA = q.traceA->model(), &infoB = q.trace->model();
    if (infoA.layers() != infoB.layers() || infoA.width != infoB.width ||
        infoA.has(SiteId::PosEmbed) != infoB.has(SiteId::PosEmbed)) {
        a.failure = say(QT_TRANSLATE_NOOP("ResidualStream",
                                          "A is a model of another size, so its stream cannot be taken off: this is B alone."));
        return a;
    }
    auto streamA = streamFacts(*q.traceA, Position(q.positionA));
    if (!streamA) return tl::unexpected(streamA.error());
    auto cosines = additionCosines(*q.trace, Position(q.position), *q.traceA, Position(q.positionA));
    if (!cosines) return tl::unexpected(cosines.error());
    a.streamA = std::move(*streamA);
    a.cosAB = std::move(*cosines);
    if (infoA.vocabulary == infoB.vocabulary) {
        auto attributionA = attribute(*q.traceA, *modelA, Position(q.positionA), q.token, job);
        if (!attributionA) return tl::unexpected(attributionA.error());
        a.attributionA = std::move(*attributionA);
    }
    return a;
}

void ResidualStreamView::refresh() {
    const auto q = question();
    if (!q) {
        m_job.cancel();
        m_slow.stop();
        m_asked.reset();
        m_answer.reset();
        m_failure.clear();
        draw();
        return;
    }
    if (m_asked == q) {
        draw();
        return;
    }
    m_asked = q;
    m_slow.start();
    m_job.start([q = *q, model = shown()->model, modelA = q->traceA ? difference()->shown->model : nullptr](
                    const Job& job) { return answer(q, *model, modelA.get(), job); },
                [this](Result<Answer> result) {
                    m_slow.stop();
                    m_failure = result ? std::string() : result.error().message;
                    if (result)
                        m_answer = std::move(*result);
                    else
                        m_answer.reset();
                    draw();
                    tellIfComplete();
                });
}

ResidualStreamInput ResidualStreamView::input() const {
    const Answer& a = *m_answer;
    ResidualStreamInput in;
    in.stream = a.stream;
    const auto position = static_cast<std::size_t>(a.question.position);
    in.piece = position < shown()->pieces.size() ? shown()->pieces[position] : std::string();
    in.attribution = a.attribution;
    in.attributedPiece = shown()->piece(a.question.token);
    in.order = m_order;
    in.place = services().selection->current();
    in.streamA = a.streamA;
    in.attributionA = a.attributionA;
    in.cosAB = a.cosAB;
    if (a.streamA && difference()) in.nameA = difference()->name;
    in.failure = a.failure;
    return in;
}

void ResidualStreamView::draw() {
    const double width = std::max(300.0, m_picture->availableWidth()), height = m_picture->availableHeight();
    if (m_answer && m_asked && m_answer->question == *m_asked) {
        m_picture->setPicture(residualStreamPicture(input(), width, height, say));
        m_picture->setStale(false);
        return;
    }
    if (m_asked && m_failure.empty()) return;  // the old picture stays until the new one is there
    Picture note;
    note.width = width;
    note.height = 80;
    addHeading(note, 0, 0, width, say(QT_TRANSLATE_NOOP("ResidualStream", "Residual stream")), "");
    note.label({.rect = {0, 40, width, 20},
                .text = m_failure.empty() ? say(QT_TRANSLATE_NOOP("ResidualStream", "Nothing has been traced yet: type a text."))
                                          : m_failure,
                .colour = Ink::Muted});
    m_picture->setPicture(std::move(note));
    m_picture->setStale(false);
}

void ResidualStreamView::act(const QString& action) {
    if (action == "order:size")
        setOrder(AttributionOrder::BySize);
    else if (action == "order:layer")
        setOrder(AttributionOrder::ByLayer);
    else if (action == "token")
        chooseToken();
}

void ResidualStreamView::setOrder(AttributionOrder order) {
    if (order == m_order) return;
    m_order = order;
    draw();
    Q_EMIT stateChanged();
}

void ResidualStreamView::setToken(std::optional<TokenId> token) {
    if (token == m_token) return;
    m_token = token;
    refresh();
    Q_EMIT stateChanged();
}

void ResidualStreamView::chooseToken() {
    if (!m_answer || !shown()) return;
    const Question& q = m_answer->question;
    QMenu menu(this);
    const auto add = [&](TokenId id, const QString& text, std::optional<TokenId> choice, bool checked) {
        QAction* action = menu.addAction(text);
        action->setCheckable(true);
        action->setChecked(checked);
        action->setData(id);
        connect(action, &QAction::triggered, this, [this, choice] { setToken(choice); });
    };
    const auto top = topTokens(logitsAt(*q.trace, q.position), tokensOffered);
    const auto name = [&](TokenId id) { return QString::fromStdString(shown()->piece(id)); };
    add(top.front().id, tr("always the most probable: %1").arg(name(top.front().id)), std::nullopt, !m_token);
    if (q.position + 1 < q.trace->length()) {
        const TokenId next = q.trace->ids()[static_cast<std::size_t>(q.position + 1)];
        add(next, tr("the one that follows in the text: %1").arg(name(next)), next, m_token == next);
    }
    menu.addSeparator();
    for (const TokenProbability& t : top)
        add(t.id, name(t.id) + "\t" + QString::fromStdString(printProbability(t.probability)), t.id, m_token == t.id);
    menu.addSeparator();
    auto* field = new QLineEdit(&menu);
    field->setPlaceholderText(tr("another: its text or #id"));
    field->setAccessibleName(tr("Token by its text or #id"));
    auto* holder = new QWidgetAction(&menu);
    holder->setDefaultWidget(field);
    menu.addAction(holder);
    connect(field, &QLineEdit::returnPressed, &menu, [&] {
        const QString text = field->text();
        if (text.startsWith('#')) {
            bool ok = false;
            const int id = text.mid(1).toInt(&ok);
            if (ok && id >= 0 && id < shown()->model->info().vocabulary) setToken(id);
        } else if (shown()->tokenizer) {
            const auto encoded = shown()->tokenizer->encode(text.toStdString(), {.addSpecial = false});
            if (encoded && !encoded->tokens.empty()) setToken(encoded->tokens.front().id);
        }
        menu.close();
    });
    for (const Spot& spot : m_picture->picture().spots)
        if (spot.action == "token") {
            menu.exec(m_picture->viewport()->mapToGlobal(m_picture->toWidget(spot.rect.x, spot.rect.bottom() + 2)));
            return;
        }
}

Picture ResidualStreamView::exportPicture() const {
    if (!m_answer) return m_picture->picture();
    ResidualStreamInput in = input();
    in.controls = false;
    return residualStreamPicture(in, std::max(760.0, m_picture->availableWidth()), std::max(520.0, m_picture->availableHeight()),
                                 say);
}

QJsonObject ResidualStreamView::saveState() const {
    QJsonObject state{{"order", m_order == AttributionOrder::BySize ? "size" : "layer"}};
    if (m_token) state["token"] = *m_token;
    return state;
}

void ResidualStreamView::restoreState(const QJsonObject& state) {
    m_order = state["order"].toString() == "layer" ? AttributionOrder::ByLayer : AttributionOrder::BySize;
    m_token = state["token"].isDouble() && state["token"].toInt(-1) >= 0 ? std::optional(state["token"].toInt()) : std::nullopt;
    refresh();
}

bool ResidualStreamView::complete() const { return !m_job.running() && (!m_asked || m_answer || !m_failure.empty()); }

void ResidualStreamView::tellIfComplete() {
    if (complete()) Q_EMIT completed();
}

void ResidualStreamView::shownChanged() { refresh(); }

void ResidualStreamView::placeChanged(const Locus& place) {
    // a token that was pointed at elsewhere is the one to explain
    const bool named = place.site == SiteId::Logits && place.unit && place.unit->value >= 0;
    if (named && (!m_asked || m_asked->token != place.unit->value)) m_token = place.unit->value;
    refresh();
}

void ResidualStreamView::lookChanged() { draw(); }

}  // namespace lw

#include "widgets/state/state_view.h"

#include <QCoreApplication>
#include <QVBoxLayout>

#include <algorithm>

#include "widgets/shared/picture_parts.h"

namespace lw {

namespace {

std::string say(const char* text) { return QCoreApplication::translate("State", text).toStdString(); }

}  // namespace

View* makeStateView(ViewServices services, QWidget* parent) { return new StateView(services, parent); }

StateView::StateView(ViewServices services, QWidget* parent) : View(services, parent), m_job(picturePool()) {
    m_picture = new PictureWidget(services.selection, services.look, this);
    m_picture->setAccessibleName(tr("State of a layer"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 10, 6, 8);
    layout->addWidget(m_picture);
    setFocusProxy(m_picture);
    connect(m_picture, &PictureWidget::resized, this, &StateView::draw);
    connect(m_picture, &PictureWidget::hovered, this, &StateView::hover);
    connect(m_picture, &PictureWidget::clicked, this, &StateView::select);
    connect(m_picture, &PictureWidget::actionRequested, this, &StateView::act);
    connect(&m_job, &LatestJobBase::finished, this, [this] {
        if (complete()) Q_EMIT completed();
    });
    m_slow.setSingleShot(true);
    m_slow.setInterval(150);
    connect(&m_slow, &QTimer::timeout, this, [this] { m_picture->setStale(true); });
}

// The channel of a scan that the selected number belongs to.
std::optional<int> StateView::channelNamed(const MixerInfo& mixer) const {
    const Locus& place = services().selection->current();
    if (!mixer.isScan() || !place.site) return std::nullopt;
    if (place.site == SiteId::MixerEffectivePattern && place.head) return std::clamp(place.head->value, 0, mixer.inner - 1);
    if (!place.unit || place.unit->value < 0) return std::nullopt;
    switch (*place.site) {
        case SiteId::SsmH:
        case SiteId::SsmDelta:
        case SiteId::SsmY:
        case SiteId::SsmInput:
        case SiteId::MixerKept:
        case SiteId::MixerErased:
        case SiteId::MixerWritten:
        case SiteId::MixerRead:
            return std::min(place.unit->value, mixer.inner - 1);
        default:
            return std::nullopt;
    }
}

// Where A was pinned, as far as its place names it; else where B is.
std::optional<StateOfA> StateView::stepOfA(const Pinned& pin, const StatePlace& b) {
    const ModelInfo& info = pin.shown->trace->model();
    const auto layer = nearestWithState(info, pin.place.layer.value_or(b.layer));
    if (!layer || !pin.shown->model) return std::nullopt;
    StateOfA a{pin.shown->trace, pin.shown->model, b};
    a.place.layer = *layer;
    a.place.head = Head(std::clamp(pin.place.head.value_or(b.head).value, 0, std::max(0, info.block(*layer).mixer.heads - 1)));
    a.place.position = Position(std::clamp(pin.place.position.value_or(b.position).value, 0, pin.shown->trace->length() - 1));
    return a;
}

std::optional<StateView::Question> StateView::question() const {
    if (!shown() || !shown()->trace || !shown()->model || shown()->trace->length() == 0) return std::nullopt;
    const Locus& place = services().selection->current();
    const ModelInfo& info = shown()->trace->model();
    const auto layer = nearestWithState(info, place.layer.value_or(Layer(info.layers() - 1)));
    if (!layer) return std::nullopt;
    const MixerInfo& mixer = info.block(*layer).mixer;
    Question q;
    q.trace = shown()->trace;
    const int last = q.trace->length() - 1;
    q.place.layer = *layer;
    q.place.head = Head(std::clamp(place.head.value_or(Head(0)).value, 0, std::max(0, mixer.heads - 1)));
    q.place.position = Position(std::clamp(place.position.value_or(Position(last)).value, 0, last));
    q.place.channel = channelNamed(mixer);
    if (difference() && difference()->shown && difference()->shown->trace && difference()->shown->trace->length() > 0)
        q.a = stepOfA(*difference(), q.place);
    return q;
}

void StateView::refresh() {
    const auto q = question();
    if (q && q == m_asked) return draw();  // another number of the same step
    m_asked = q;
    if (!q) {
        m_job.cancel();
        m_slow.stop();
        m_facts.reset();
        m_factsOf.reset();
        m_failure.clear();
        return draw();
    }
    m_slow.start();
    StateRequest request{q->trace, shown()->model, q->place, std::nullopt, q->a};
    if (m_facts && m_facts->trace == q->trace) request.kept = m_facts;
    m_job.start([request](const Job& job) { return stateFacts(request, job); },
                [this, q = *q](Result<StateFacts> facts) {
                    m_slow.stop();
                    m_failure = facts ? std::string() : facts.error().message;
                    m_facts.reset();
                    m_factsOf = q;
                    if (facts) m_facts = std::move(*facts);
                    draw();
                });
}

StateInput StateView::input(double width, double height) const {
    StateInput in;
    in.facts = &*m_facts;
    in.pieces = shown()->pieces;
    in.place = services().selection->current();
    if (in.place.layer && *in.place.layer != m_facts->place.layer && m_factsOf == m_asked) in.askedFor = in.place.layer;
    if (difference() && m_facts->lessA)
        in.note = fill(say(QT_TRANSLATE_NOOP("State", "The step is B − A (%1); what stands over the text is B’s.")),
                       {difference()->name});
    else if (difference())
        in.note = m_facts->lessAFailure.empty()
                      ? say(QT_TRANSLATE_NOOP("State", "A has no state: this is B alone."))
                      : fill(say(QT_TRANSLATE_NOOP("State", "This is B alone: %1")), {m_facts->lessAFailure});
    in.width = width;
    in.height = height;
    in.agent = m_agent;
    in.say = say;
    return in;
}

void StateView::draw() {
    const double width = std::max(460.0, m_picture->availableWidth());
    const bool mine = m_facts && shown() && m_facts->trace == shown()->trace;
    if (mine) {
        StateDrawing drawn = statePicture(input(width, m_picture->availableHeight()));
        m_areas = std::move(drawn.areas);
        m_picture->setPicture(std::move(drawn.picture));
        m_picture->setStale(false);
        return;
    }
    if (m_asked && m_failure.empty()) return;  // the old picture stays until the new one is there
    m_areas.clear();
    Picture note;
    note.width = width;
    note.height = 80;
    addHeading(note, 0, 0, width, say(QT_TRANSLATE_NOOP("State", "State")), "");
    note.label(
        {.rect = {0, 40, width, 20},
         .text = m_failure.empty() ? say(QT_TRANSLATE_NOOP("State", "Nothing has been traced yet: type a text.")) : m_failure,
         .colour = Ink::Muted});
    m_picture->setPicture(std::move(note));
    m_picture->setStale(false);
}

const StateArea* StateView::areaAt(double x, double y) const {
    for (const StateArea& area : m_areas)
        if (area.rect.contains(x, y)) return &area;
    return nullptr;
}

void StateView::hover(const Spot* spot, double x, double y) {
    if (!spot || !spot->raster || !shown()) return;
    const StateArea* area = areaAt(x, y);
    const auto hit = area ? area->at(x, y) : std::nullopt;
    if (!hit) return;
    const auto piece = [&](int p) {
        const auto i = static_cast<std::size_t>(p);
        return i < shown()->pieces.size() ? shown()->pieces[i] : std::string();
    };
    std::string where;
    switch (area->kind) {
        case StateArea::Kind::State:
            where = cellWords(m_facts->mixer, hit->place.unit->value, hit->column, say);
            break;
        case StateArea::Kind::Vector:
            where = fill(say(QT_TRANSLATE_NOOP("State", "number %1")), {std::to_string(hit->place.unit->value)});
            break;
        case StateArea::Kind::OverText:
            where = fill(say(QT_TRANSLATE_NOOP("State", "unit %1 at %2 “%3”")),
                         {std::to_string(hit->row), std::to_string(hit->column), piece(hit->column)});
            if (area->onlyPosition || area->values.rows() == 1)
                where = fill(say(QT_TRANSLATE_NOOP("State", "at %1 “%2”")), {std::to_string(hit->column), piece(hit->column)});
            break;
        case StateArea::Kind::Heads:
            where = fill(say(QT_TRANSLATE_NOOP("State", "head %1 at %2 “%3”")),
                         {std::to_string(hit->row), std::to_string(hit->column), piece(hit->column)});
            break;
        case StateArea::Kind::Keys:
        case StateArea::Kind::Queries:
            where = fill(say(QT_TRANSLATE_NOOP("State", "%1 “%2” reads %3 “%4”")),
                         {std::to_string(hit->place.position->value), piece(hit->place.position->value),
                          std::to_string(hit->column), piece(hit->column)});
            break;
    }
    services().selection->setHover(hit->place,
                                   QString::fromStdString(area->name + ", " + where + ": " + printNumber(hit->value)));
}

void StateView::select(const Spot& spot, double x, double y) {
    if (!spot.raster) return;
    const StateArea* area = areaAt(x, y);
    if (const auto hit = area ? area->at(x, y) : std::nullopt) services().selection->select(hit->place);
}

void StateView::act(const QString& action) {
    if (action == QLatin1String(openAttentionAction)) Q_EMIT services().intents->openView("attention");
    if (action != QLatin1String(agentAction)) return;
    m_agent = !m_agent;
    draw();
    Q_EMIT stateChanged();
}

void StateView::restoreState(const QJsonObject& state) {
    m_agent = state["agent"].toBool(false);
    draw();
}

Picture StateView::exportPicture() const {
    if (!m_facts || !shown()) return m_picture->picture();
    StateInput in = input(std::max(760.0, m_picture->availableWidth()), std::max(480.0, m_picture->availableHeight()));
    in.controls = false;
    return statePicture(in).picture;
}

bool StateView::complete() const { return !m_job.running() && (!m_asked || m_factsOf == m_asked || !m_failure.empty()); }

void StateView::shownChanged() { refresh(); }
void StateView::placeChanged(const Locus&) { refresh(); }
void StateView::lookChanged() { draw(); }

}  // namespace lw

#include "widgets/embeddings/positions_page.h"

#include <algorithm>

#include "widgets/embeddings/position_picture.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/place_picture.h"

namespace lw {

namespace {

constexpr const char* kindIds[] = {"learned", "sinusoidal", "rotary"};
constexpr int leastPositions = 64;

}  // namespace

PositionsPage::PositionsPage(const ViewServices& services, QWidget* parent) : EmbeddingsPage(services, tr("Positions"), parent) {
    connect(&m_job, &LatestJobBase::finished, this, &PositionsPage::completed);
}

PositionKind PositionsPage::kind() const {
    if (!shown()) return PositionKind::Sinusoidal;
    const std::vector<PositionKind> kinds = positionKinds(*shown()->model);
    return m_wanted && std::ranges::count(kinds, *m_wanted) ? *m_wanted : kinds.front();
}

void PositionsPage::setKind(PositionKind kind) {
    m_wanted = kind;
    refresh();
    Q_EMIT titled();
    Q_EMIT stateChanged();
}

void PositionsPage::refresh() {
    if (position() < 0) return showNote(say(QT_TRANSLATE_NOOP("Embeddings", "Nothing has been traced yet: type a text.")));
    const PositionKind kind = this->kind();
    if (kind == PositionKind::Rotary) return draw();
    const int positions = kind == PositionKind::Sinusoidal ? std::max(leastPositions, shown()->trace->length()) : 0;
    const Question question{shown()->model.get(), kind, positions};
    if (question == m_asked) return draw();
    m_asked = question;
    m_job.start([model = shown()->model, kind, positions](const Job&) { return positionTable(*model, kind, positions); },
                [this](Result<PositionTable> table) {
                    m_failure = table ? std::string() : table.error().message;
                    m_table.reset();
                    if (table) m_table = std::move(*table);
                    draw();
                });
}

std::string PositionsPage::title() const { return say(QT_TRANSLATE_NOOP("Embeddings", "Positions")); }

std::string PositionsPage::about() const {
    if (!shown()) return {};
    const std::vector<PositionKind> kinds = positionKinds(*shown()->model);
    switch (kinds.front()) {
        case PositionKind::Learned:
            return say(QT_TRANSLATE_NOOP("Embeddings", "a learned row for each is added"));
        case PositionKind::Rotary:
            return say(QT_TRANSLATE_NOOP("Embeddings", "queries and keys are turned by them"));
        case PositionKind::Sinusoidal:
            break;
    }
    return say(QT_TRANSLATE_NOOP("Embeddings", "nothing is added or turned: the order of reading is all it has"));
}

void PositionsPage::draw() {
    const double width = roomWidth();
    Picture whole;
    whole.width = width;
    std::vector<Pill> pills;
    const PositionKind kind = this->kind();
    for (const PositionKind one : positionKinds(*shown()->model)) {
        const std::string text = one == PositionKind::Learned  ? say(QT_TRANSLATE_NOOP("Embeddings", "the model’s table"))
                                 : one == PositionKind::Rotary ? say(QT_TRANSLATE_NOOP("Embeddings", "rotary"))
                                                               : say(QT_TRANSLATE_NOOP("Embeddings", "sinusoidal, to compare"));
        pills.push_back({text, kindIds[static_cast<std::size_t>(one)], one == kind});
    }
    addPills(whole, 0, 0, pills);
    const double top = pillHeight + 8;
    PositionInput in{.pieces = shown()->pieces,
                     .position = position(),
                     .width = width,
                     .height = picture()->availableHeight() - top,
                     .say = [this](const char* text) { return say(text); }};
    std::string note = m_failure;
    if (kind == PositionKind::Rotary) {
        note.clear();
        Locus place = services().selection->current();
        const auto facts = rotaryFacts(*shown()->model, *shown()->trace, place);
        if (facts) {
            in.rotary = &*facts;
            placePicture(whole, rotaryPicture(in), 0, top);
        } else {
            note = say(QT_TRANSLATE_NOOP("Embeddings", "Queries and keys were not captured in this run: capture everything."));
        }
    } else if (m_table && m_asked && m_table->kind == kind && m_asked->model == shown()->model.get()) {
        in.table = &*m_table;
        const Trace& trace = *shown()->trace;
        if (kind == PositionKind::Learned && trace.has(SiteId::Embed) && trace.has(SiteId::PosEmbed) &&
            trace.has(SiteId::ResidPre)) {
            const Position at(in.position);
            in.added = AddedRows{trace.row(SiteId::Embed, Layer(0), at), trace.row(SiteId::PosEmbed, Layer(0), at),
                                 trace.row(SiteId::ResidPre, Layer(0), at)};
        }
        placePicture(whole, positionTablePicture(in), 0, top);
    } else if (note.empty() && m_job.running()) {
        return;  // the old picture stays until the new one is there
    }
    if (!note.empty()) {
        whole.label({.rect = {0, top + 6, width, 20}, .text = note, .colour = Ink::Muted});
        whole.height = top + 30;
    }
    picture()->setPicture(std::move(whole));
    picture()->setStale(false);
}

void PositionsPage::act(const QString& action) {
    for (int i = 0; i < 3; ++i)
        if (action == QLatin1String(kindIds[i])) setKind(static_cast<PositionKind>(i));
}

QJsonObject PositionsPage::saveState() const {
    if (!m_wanted) return {};
    return {{"kind", QLatin1String(kindIds[static_cast<std::size_t>(*m_wanted)])}};
}

void PositionsPage::restoreState(const QJsonObject& state) {
    m_wanted.reset();
    for (int i = 0; i < 3; ++i)
        if (state["kind"].toString() == QLatin1String(kindIds[i])) m_wanted = static_cast<PositionKind>(i);
}

}  // namespace lw

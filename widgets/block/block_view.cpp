#include "widgets/block/block_view.h"

#include <QCoreApplication>
#include <QVBoxLayout>

#include <algorithm>

#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"

namespace lw {

namespace {

std::string say(const char* text) { return QCoreApplication::translate("Block", text).toStdString(); }

constexpr int neuronsShown = 12, wordsShown = 4;

}  // namespace

View* makeBlockView(ViewServices services, QWidget* parent) { return new BlockView(services, parent); }

BlockView::BlockView(ViewServices services, QWidget* parent) : View(services, parent), m_job(picturePool()) {
    m_picture = new PictureWidget(services.selection, services.look, this);
    m_picture->setAccessibleName(tr("One block"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 10, 6, 8);
    layout->addWidget(m_picture);
    setFocusProxy(m_picture);
    connect(m_picture, &PictureWidget::resized, this, &BlockView::draw);
    connect(m_picture, &PictureWidget::hovered, this, &BlockView::hover);
    connect(m_picture, &PictureWidget::clicked, this, &BlockView::select);
    connect(&m_job, &LatestJobBase::finished, this, [this] {
        if (complete()) Q_EMIT completed();
    });
    m_slow.setSingleShot(true);
    m_slow.setInterval(150);
    connect(&m_slow, &QTimer::timeout, this, &BlockView::draw);
}

std::optional<BlockView::Question> BlockView::question() const {
    if (!shown() || !shown()->trace || !shown()->model || shown()->trace->length() == 0) return std::nullopt;
    const Locus& place = services().selection->current();
    Question q;
    q.trace = shown()->trace;
    const int last = q.trace->length() - 1, layers = q.trace->model().layers();
    if (layers == 0) return std::nullopt;
    q.position = std::clamp(place.position.value_or(Position(last)).value, 0, last);
    q.layer = std::clamp(place.layer.value_or(Layer(layers - 1)).value, 0, layers - 1);
    if (difference() && difference()->shown && difference()->shown->trace && difference()->shown->trace->length() > 0) {
        q.traceA = difference()->shown->trace;
        q.positionA = std::clamp(difference()->place.position.value_or(Position(q.position)).value, 0, q.traceA->length() - 1);
        q.layerA =
            std::clamp(difference()->place.layer.value_or(Layer(q.layer)).value, 0, std::max(0, q.traceA->model().layers() - 1));
    }
    return q;
}

// What is read from the trace alone is quick and drawn at once.
void BlockView::readFacts() {
    m_facts.reset();
    m_factsA.reset();
    m_failure.clear();
    m_differenceFailure.clear();
    if (!m_asked) return;
    const Head head = services().selection->current().head.value_or(Head(0));
    auto facts = blockFacts(*m_asked->trace, *shown()->model, Layer(m_asked->layer), head, Position(m_asked->position));
    if (!facts) {
        m_failure = facts.error().message;
        return;
    }
    m_facts = std::move(*facts);
    if (!m_asked->traceA) return;
    auto a = blockFacts(*m_asked->traceA, *difference()->shown->model, Layer(m_asked->layerA),
                        difference()->place.head.value_or(head), Position(m_asked->positionA));
    if (!a)
        m_differenceFailure = a.error().message;
    else if (auto fits = blockDifference(*m_facts, *a); !fits)
        m_differenceFailure = fits.error().message;
    else
        m_factsA = std::move(*a);
}

void BlockView::refresh() {
    const auto q = question();
    const bool same = q == m_asked;
    m_asked = q;
    readFacts();  // the head may have changed
    if (!m_asked || !m_failure.empty()) {
        m_job.cancel();
        m_slow.stop();
        m_partsOf.reset();
        m_parts.reset();
        m_partsFailure.clear();
        draw();
        return;
    }
    if (!same) {
        m_partsFailure.clear();
        m_slow.start();
        // neurons and heads of two layers cannot be told apart by B − A: only the same layer is compared inside
        const bool minus = m_factsA && m_asked->layerA == m_asked->layer;
        m_job.start(
            [q = *m_asked, model = shown()->model, minus](const Job& job) {
                return blockParts(*q.trace, *model, Layer(q.layer), Position(q.position), neuronsShown, wordsShown,
                                  minus ? Minus{q.traceA.get(), Position(q.positionA)} : Minus{}, job);
            },
            [this, q = *m_asked](Result<BlockParts> parts) {
                m_slow.stop();
                m_partsFailure = parts ? std::string() : parts.error().message;
                if (parts) {
                    m_parts = std::move(*parts);
                    m_partsOf = q;
                } else {
                    m_parts.reset();
                    m_partsOf.reset();
                }
                draw();
            });
        // within the first moments the old picture stays whole: strips and tables change together
        if (m_partsOf) return;
    }
    draw();
}

BlockInput BlockView::input() const {
    BlockInput in;
    in.facts = *m_facts;
    in.factsA = m_factsA;
    if (difference()) in.nameA = difference()->name;
    in.failure = m_differenceFailure;
    if (m_parts && m_partsOf == m_asked) in.parts = m_parts;
    in.note = m_partsFailure.empty() ? say(QT_TRANSLATE_NOOP("Block", "reading the weights …")) : m_partsFailure;
    in.pieces = shown()->pieces;
    const auto position = static_cast<std::size_t>(m_facts->position.value);
    in.pieceHere = position < in.pieces.size() ? in.pieces[position] : std::string();
    in.piece = [shown = shown()](TokenId id) { return shown->piece(id); };
    const ModelInfo& info = shown()->trace->model();
    in.layers = info.layers();
    in.place = services().selection->current();
    return in;
}

void BlockView::draw() {
    const double width = std::max(300.0, m_picture->availableWidth());
    if (m_facts && shown()) {
        BlockPicture drawn = blockPicture(input(), width, m_picture->availableHeight(), say);
        m_strips = std::move(drawn.strips);
        m_picture->setPicture(std::move(drawn.picture));
        return;
    }
    m_strips.clear();
    Picture note;
    note.width = width;
    note.height = 80;
    addHeading(note, 0, 0, width, say(QT_TRANSLATE_NOOP("Block", "Block")), "");
    note.label(
        {.rect = {0, 40, width, 20},
         .text = m_failure.empty() ? say(QT_TRANSLATE_NOOP("Block", "Nothing has been traced yet: type a text.")) : m_failure,
         .colour = Ink::Muted});
    m_picture->setPicture(std::move(note));
}

const NamedStrip* BlockView::stripAt(double x, double y) const {
    for (const NamedStrip& strip : m_strips)
        if (strip.strip.rect.contains(x, y)) return &strip;
    return nullptr;
}

std::string BlockView::cellWords(const NamedStrip& strip, int index) const {
    return fill(say(QT_TRANSLATE_NOOP("Block", "%1, number %2: %3")),
                {strip.name, std::to_string(index), printNumber(static_cast<double>(strip.values(index)))});
}

void BlockView::hover(const Spot* spot, double x, double y) {
    if (!spot || !spot->raster) return;
    const NamedStrip* strip = stripAt(x, y);
    const auto index = strip ? strip->strip.cellAt(x, y) : std::nullopt;
    if (!index) return;
    Locus place = strip->strip.place;
    if (place.site) place.unit = Unit(*index);
    services().selection->setHover(place, QString::fromStdString(cellWords(*strip, *index)));
}

void BlockView::select(const Spot& spot, double x, double y) {
    if (!spot.raster) return;
    const NamedStrip* strip = stripAt(x, y);
    const auto index = strip ? strip->strip.cellAt(x, y) : std::nullopt;
    if (!index || !strip->strip.place.site) return;
    Locus place = strip->strip.place;
    place.unit = Unit(*index);
    services().selection->select(place);
}

Picture BlockView::exportPicture() const {
    if (!m_facts || !shown()) return m_picture->picture();
    return blockPicture(input(), std::max(760.0, m_picture->availableWidth()), std::max(540.0, m_picture->availableHeight()), say)
        .picture;
}

bool BlockView::complete() const { return !m_job.running(); }

void BlockView::shownChanged() { refresh(); }
void BlockView::placeChanged(const Locus&) { refresh(); }
void BlockView::lookChanged() { draw(); }

}  // namespace lw

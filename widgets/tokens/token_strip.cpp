#include "widgets/tokens/token_strip.h"

#include <QApplication>
#include <QClipboard>
#include <QCoreApplication>
#include <QCursor>
#include <QEvent>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>
#include <QVBoxLayout>
#include <QWheelEvent>

#include <algorithm>
#include <span>

#include "core/analysis/softmax_stats.h"
#include "widgets/shared/picture_painter.h"
#include "widgets/shared/picture_widget.h"

namespace lw {

namespace {

constexpr std::int64_t atOnce = 400'000;  // logits that are read without a background job: a few milliseconds
constexpr int ghosts = 3, neighbours = 12;
constexpr std::size_t mostBeyond = 3000;  // chips of tokens that are not run

}  // namespace

// The chips. Shift+click names the other end, and what another view points at is framed here too.
class TokenStrip::Area : public PictureWidget {
public:
    Area(ViewServices services, const std::vector<Rect>& chips, QWidget* parent)
        : PictureWidget(services.selection, services.look, parent), m_selection(services.selection), m_chips(chips) {
        setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        connect(services.selection, &Selection::hoverChanged, this, [this] { viewport()->update(); });
    }

protected:
    Locus placeOf(const Spot& spot, Qt::KeyboardModifiers modifiers) const override {
        if (!modifiers.testFlag(Qt::ShiftModifier) || !spot.place.position) return spot.place;
        Locus place;
        place.key = spot.place.position;
        return place;
    }

    void paintEvent(QPaintEvent* event) override {
        PictureWidget::paintEvent(event);
        const Locus& hover = m_selection->hover();
        QPainter painter(viewport());
        painter.setRenderHint(QPainter::Antialiasing);
        const auto frame = [&](const auto& position, Ink ink, Qt::PenStyle style) {
            if (!position || position->value < 0 || position->value >= static_cast<int>(m_chips.size())) return;
            const Rect& chip = m_chips[static_cast<std::size_t>(position->value)];
            QColor colour = look().palette.of(ink);
            colour.setAlphaF(0.75f);
            painter.setPen(QPen(colour, 1, style));
            painter.drawRoundedRect(
                QRectF(toWidget(chip.x, chip.y), toWidget(chip.right(), chip.bottom())).adjusted(-1.5, -1.5, 1.5, 1.5), 6, 6);
        };
        frame(hover.position, Ink::SelectedFrame, Qt::SolidLine);
        frame(hover.key, Ink::Accent, Qt::DashLine);
    }

    void wheelEvent(QWheelEvent* event) override {  // a strip has one direction: the wheel turns along it
        QScrollBar* bar = horizontalScrollBar();
        const int delta = event->angleDelta().x() != 0 ? event->angleDelta().x() : event->angleDelta().y();
        bar->setValue(bar->value() - delta);
        event->accept();
    }

private:
    Selection* m_selection;
    const std::vector<Rect>& m_chips;
};

TokenStrip::TokenStrip(ViewServices services, QWidget* parent)
    : QWidget(parent),
      m_services(services),
      m_area(new Area(services, m_layout.chips, this)),
      m_measure(fontMeasure(*services.look)),
      m_job(picturePool()) {
    m_area->setAccessibleName(tr("Tokens"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_area);
    connect(services.selection, &Selection::currentChanged, this, [this](const Locus& place) {
        showFrames();
        if (place.position) showChip(place.position->value);
    });
    connect(m_area, &PictureWidget::actionRequested, this, [this](const QString& action) {
        if (action.startsWith("force:")) Q_EMIT m_services.intents->forceToken(action.mid(6).toInt());
    });
    connect(m_area, &PictureWidget::contextMenuAboutToShow, this, &TokenStrip::addActions);
}

void TokenStrip::setShown(ShownPtr shown) {
    if (shown == m_shown) return;
    const int before = m_shown ? m_shown->trace->length() : 0;
    m_shown = std::move(shown);
    m_job.cancel();
    gather();
    const int length = m_shown ? m_shown->trace->length() : 0;
    if (length > before && before > 0) showChip(length - 1);
}

// The last one with the likeliest that may follow it.
void TokenStrip::showChip(int position) {
    if (position < 0 || position >= static_cast<int>(m_layout.chips.size())) return;
    Rect chip = m_layout.chips[static_cast<std::size_t>(position)];
    const bool last = position + 1 == static_cast<int>(m_layout.chips.size());
    if (last && m_layout.firstGhost.w > 0) chip.w = m_layout.firstGhost.right() - chip.x;
    m_area->ensureVisible(chip);
}

void TokenStrip::setBeyond(std::vector<TokenId> ids, bool inFront) {
    m_beyond = std::move(ids);
    m_facts.beyondInFront = inFront;
    gather();
}

void TokenStrip::setShaded(bool shaded) {
    if (shaded == m_facts.shaded) return;
    m_facts.shaded = shaded;
    layOut();
    Q_EMIT shadedChanged(shaded);
}

void TokenStrip::setStale(bool stale) { m_area->setOutdated(stale); }

const Picture& TokenStrip::picture() const { return m_area->picture(); }

PictureWidget* TokenStrip::pictureWidget() const { return m_area; }

void TokenStrip::gather() {
    m_facts.tokens.clear();
    m_facts.characters.clear();
    m_facts.ghosts.clear();
    m_facts.beyond.clear();
    if (!m_shown) {
        layOut();
        return;
    }
    const Shown& shown = *m_shown;
    m_facts.context = shown.trace->model().context;
    m_facts.unit = shown.unit;
    // Those next to the text that is run have chips; a book's worth of them would only cost time.
    const std::size_t chips = std::min(m_beyond.size(), mostBeyond);
    m_facts.beyondLeftOut = static_cast<int>(m_beyond.size() - chips);
    const auto first = m_facts.beyondInFront ? m_beyond.end() - static_cast<std::ptrdiff_t>(chips) : m_beyond.begin();
    for (const TokenId id : std::span(first, chips))
        m_facts.beyond.push_back({.text = shown.piece(id), .id = id, .logProbability = {}, .generated = false, .marked = false});

    const auto ids = shown.trace->ids();
    std::vector<std::string> bytes;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const std::string text = i < shown.pieces.size() ? shown.pieces[i] : shown.piece(ids[i]);
        m_facts.tokens.push_back({.text = text,
                                  .id = ids[i],
                                  .logProbability = {},
                                  .generated = static_cast<int>(i) >= shown.promptLength,
                                  .marked = m_marked == ids[i]});
        if (shown.tokenizer) bytes.push_back(shown.tokenizer->isSpecial(ids[i]) ? std::string() : shown.tokenizer->bytes(ids[i]));
    }
    m_facts.characters = sharedCharacters(bytes);
    if (!ids.empty() && m_facts.beyond.empty()) {
        const ConstRow logits = shown.trace->logits(Position(shown.trace->length() - 1));
        for (const TokenProbability& next : topTokens(std::span(logits.data(), static_cast<std::size_t>(logits.size())), ghosts))
            m_facts.ghosts.push_back({shown.piece(next.id), next.id, next.probability});
    }

    m_surprise = reuse(shown.trace, m_surprise);
    if (missingWork(m_surprise) <= atOnce) {
        if (auto done = lw::complete(m_surprise, Job{})) m_surprise = std::move(*done);
    } else {
        m_job.start([surprise = m_surprise](const Job& job) { return lw::complete(surprise, job); },
                    [this](Result<TokenSurprise> done) {
                        if (!done || !m_shown || done->trace != m_shown->trace) return;
                        m_surprise = std::move(*done);
                        layOut();
                        Q_EMIT completed();
                    });
    }
    layOut();
}

void TokenStrip::layOut() {
    for (std::size_t i = 0; i < m_facts.tokens.size(); ++i) {
        if (i < m_surprise.logProbability.size()) m_facts.tokens[i].logProbability = m_surprise.logProbability[i];
        m_facts.tokens[i].marked = m_marked == m_facts.tokens[i].id;
    }
    m_layout = tokenStrip(m_facts, m_measure,
                          [](const char* text) { return QCoreApplication::translate("TokenStrip", text).toStdString(); });
    showFrames();
}

void TokenStrip::showFrames() {
    Picture picture = m_layout.picture;
    addStripFrames(picture, m_layout.chips, m_services.selection->current());
    m_area->setPicture(std::move(picture));
}

void TokenStrip::markOccurrences(TokenId id) {
    if (m_marked == id)
        m_marked.reset();
    else
        m_marked = id;
    layOut();
}

void TokenStrip::addActions(QMenu* menu, const Spot* spot) {
    if (spot && spot->place.position && m_shown) {
        const Position position = *spot->place.position;
        const TokenId id = m_shown->trace->ids()[static_cast<std::size_t>(position.value)];
        const QString text = QString::fromStdString(m_facts.tokens[static_cast<std::size_t>(position.value)].text);
        Selection* selection = m_services.selection;
        menu->addAction(tr("Take “%1” as the key (Shift+click)").arg(text), this, [selection, position] {
            Locus place;
            place.key = position;
            selection->select(place);
        });
        menu->addAction(tr("Its embedding row"), this, [this, selection, position] {
            Locus place;
            place.position = position;
            place.unit = Unit(0);
            place.site = SiteId::Embed;
            selection->select(place);
            Q_EMIT embeddingRequested(position);
        });
        const QPoint at = QCursor::pos();
        menu->addAction(tr("Its nearest neighbours …"), this, [this, id, at] { findNeighbours(id, at); });
        const auto count = std::ranges::count(m_shown->trace->ids(), id);
        QAction* occurrences = menu->addAction(tr("Mark its occurrences (%n)", nullptr, static_cast<int>(count)), this,
                                               [this, id] { markOccurrences(id); });
        occurrences->setCheckable(true);
        occurrences->setChecked(m_marked == id);
        menu->addSeparator();
        menu->addAction(tr("Copy its text"), this, [this, id] {
            const auto bytes = m_shown->tokenizer ? m_shown->tokenizer->bytes(id) : std::to_string(id);
            QApplication::clipboard()->setText(QString::fromStdString(bytes));
        });
        menu->addAction(tr("Copy its id"), this, [id] { QApplication::clipboard()->setText(QString::number(id)); });
        menu->addAction(tr("Copy all ids"), this, [this] {
            QStringList all;
            for (const TokenId each : m_shown->trace->ids()) all << QString::number(each);
            QApplication::clipboard()->setText(all.join(' '));
        });
        menu->addSeparator();
    }
    QAction* shade = menu->addAction(tr("Shade by surprise"), this, [this] { setShaded(!m_facts.shaded); });
    shade->setCheckable(true);
    shade->setChecked(m_facts.shaded);
}

// A list of what the embedding table has close by; a click marks the token where the text has it.
void TokenStrip::findNeighbours(TokenId id, QPoint at) {
    m_nearest.start(
        [model = m_shown->model, id](const Job& job) {
            return neighboursOf(model->weight(WeightId::Embed), id, neighbours, Nearness::Cosine, job);
        },
        [this, id, at](Result<std::vector<NearRow>> near) {
            if (!near || !m_shown) return;
            auto* list = new QMenu(this);
            list->setAttribute(Qt::WA_DeleteOnClose);
            list->setObjectName(QStringLiteral("neighbours"));
            const auto quoted = [this](TokenId token) {
                return QString::fromStdString(m_shown->piece(token)).replace('&', QStringLiteral("&&"));
            };
            list->addAction(tr("Nearest to “%1” by the cosine of their embedding rows").arg(quoted(id)))->setEnabled(false);
            for (const NearRow& one : *near) {
                const QString cosine = QString::fromStdString(printNumber(one.cosine, 3));
                list->addAction(tr("“%1” · id %2 · %3").arg(quoted(one.id)).arg(one.id).arg(cosine), this,
                                [this, token = one.id] { markOccurrences(token); });
            }
            list->popup(at);
        });
}

QSize TokenStrip::sizeHint() const {
    const double scale = m_services.look->scale();
    return {600, static_cast<int>(std::ceil(tokenStripHeight() * scale)) + m_area->horizontalScrollBar()->sizeHint().height()};
}

QSize TokenStrip::minimumSizeHint() const { return {200, sizeHint().height()}; }

void TokenStrip::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    switch (event->type()) {
        case QEvent::LanguageChange:
            m_area->setAccessibleName(tr("Tokens"));
            [[fallthrough]];
        case QEvent::FontChange:
        case QEvent::PaletteChange:
            updateGeometry();
            layOut();
            break;
        default:
            break;
    }
}

}  // namespace lw

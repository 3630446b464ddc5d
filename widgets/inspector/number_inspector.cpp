#include "widgets/inspector/number_inspector.h"

#include <QApplication>
#include <QClipboard>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QStackedLayout>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

#include "core/analysis/site_texts.h"
#include "core/analysis/softmax_stats.h"
#include "widgets/inspector/row_text.h"
#include "widgets/shared/picture_painter.h"
#include "widgets/shared/picture_widget.h"

namespace lw {

namespace {

constexpr int nextTokens = 6, narrowWidth = 32;

// The place names what the logit lens reads of a stream state, not one of its channels.
bool readsToken(const Locus& place) {
    return place.unit2 && (place.site == SiteId::ResidPre || place.site == SiteId::ResidMid || place.site == SiteId::ResidPost);
}

std::string translated(const char* text) { return QCoreApplication::translate("Inspector", text).toStdString(); }

}  // namespace

NumberInspector::NumberInspector(ViewServices services, QWidget* parent)
    : QWidget(parent), m_services(services), m_measure(fontMeasure(*services.look)) {
    const auto makePicture = [&](QWidget* on) {
        auto* widget = new PictureWidget(services.selection, services.look, on);
        widget->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        widget->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        connect(widget, &PictureWidget::actionRequested, this, &NumberInspector::act);
        return widget;
    };
    m_scroll = new QScrollArea(this);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setWidgetResizable(true);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    auto* page = new QWidget;
    page->setAutoFillBackground(true);
    page->setBackgroundRole(QPalette::Base);
    m_upper = makePicture(page);
    m_lower = makePicture(page);
    m_line = makePicture(this);
    m_buttons = new QWidget(page);
    m_result = new QLabel(page);
    m_result->setWordWrap(true);
    m_result->setProperty("muted", true);
    m_result->setContentsMargins(14, 0, 14, 8);
    m_result->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_result->hide();
    buildButtons();

    auto* column = new QVBoxLayout(page);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_upper);
    column->addWidget(m_buttons);
    column->addWidget(m_result);
    column->addSpacing(8);
    column->addWidget(m_lower);
    column->addStretch(1);
    m_scroll->setWidget(page);

    m_pages = new QStackedLayout(this);
    m_pages->setContentsMargins(0, 0, 0, 0);
    m_pages->addWidget(m_scroll);
    m_pages->addWidget(m_line);
    retranslate();

    connect(services.selection, &Selection::currentChanged, this, [this] {
        const bool leaves = !m_following && !m_trail.empty();
        if (leaves) m_trail.clear();  // going on from elsewhere: the way back would lead nowhere one has been
        if (leaves || m_shown != m_gathered || m_services.selection->current() != m_gatheredAt) gather();
    });
}

void NumberInspector::buildButtons() {
    const auto button = [this] {
        auto* made = new QPushButton(m_buttons);
        made->setAutoDefault(false);
        made->setProperty("compact", true);
        return made;
    };
    m_check = button();
    m_follow = button();
    m_copy = button();
    m_check->setProperty("menu", true);
    m_copy->setProperty("menu", true);
    m_check->setMenu(new QMenu(m_check));
    m_copy->setMenu(new QMenu(m_copy));
    auto* row = new QHBoxLayout(m_buttons);
    row->setContentsMargins(14, 4, 14, 8);
    row->setSpacing(6);
    row->addWidget(m_check);
    row->addWidget(m_follow);
    row->addWidget(m_copy);
    row->addStretch(1);
    connect(m_follow, &QPushButton::clicked, this, &NumberInspector::followBack);
}

void NumberInspector::retranslate() {
    setAccessibleName(tr("Number inspector"));
    m_upper->setAccessibleName(tr("The number and where it comes from"));
    m_lower->setAccessibleName(tr("Next token"));
    m_line->setAccessibleName(tr("Number inspector, narrowed"));
    m_check->setText(tr("Check"));
    m_check->setAccessibleName(tr("Compute the number again along another path"));
    m_follow->setText(tr("Follow back"));
    m_follow->setAccessibleName(tr("Go to the value it was made from"));
    m_copy->setText(tr("Copy"));
    m_copy->setAccessibleName(tr("Copy or save"));
    m_check->menu()->clear();
    m_check->menu()->addAction(tr("From its operands, in double precision"), this, [this] { ask(false); });
    m_check->menu()->addAction(tr("The whole run again, in double precision"), this, [this] { ask(true); });
    m_copy->menu()->clear();
    const auto addCopy = [this](const QString& text, CopyKind kind) {
        m_copy->menu()->addAction(text, this, [this, kind] { copy(kind); });
    };
    addCopy(tr("Value, all digits"), CopyKind::Value);
    addCopy(tr("Row"), CopyKind::Row);
    m_copy->menu()->addSeparator();
    addCopy(tr("Whole tensor as CSV …"), CopyKind::TensorCsv);
    addCopy(tr("Whole tensor as NPY …"), CopyKind::TensorNpy);
    addCopy(tr("Whole tensor as safetensors …"), CopyKind::TensorSafetensors);
}

void NumberInspector::setShown(ShownPtr shown) {
    if (shown == m_shown) return;
    m_shown = std::move(shown);
    gather();
}

void NumberInspector::setStale(bool stale) {
    m_upper->setOutdated(stale);
    m_lower->setOutdated(stale);
    m_line->setOutdated(stale);
}

void NumberInspector::setNarrow(bool narrow) {
    if (narrow == m_narrow) return;
    m_narrow = narrow;
    m_pages->setCurrentIndex(narrow ? 1 : 0);
    if (narrow)
        setFixedWidth(static_cast<int>(std::ceil(narrowWidth * m_services.look->scale())));
    else {
        setMinimumWidth(0);
        setMaximumWidth(QWIDGETSIZE_MAX);
    }
    updateGeometry();
    layOut();
    Q_EMIT narrowChanged(narrow);
}

std::string NumberInspector::pieceAt(Position position) const {
    const auto i = static_cast<std::size_t>(position.value);
    return i < m_shown->pieces.size() ? m_shown->pieces[i] : m_shown->piece(m_shown->trace->ids()[i]);
}

// The texts behind the indices, which the core does not know.
std::vector<InspectorRow> NumberInspector::tokenRows() const {
    const Locus& place = m_explanation->place;
    const auto inside = [this](const std::optional<Position>& p) {
        return p && p->value >= 0 && p->value < m_shown->trace->length();
    };
    std::vector<InspectorRow> rows;
    if (place.key && inside(place.key) && inside(place.position)) {
        rows.push_back({translated(QT_TRANSLATE_NOOP("Inspector", "query")), "“" + pieceAt(*place.position) + "”"});
        rows.push_back({translated(QT_TRANSLATE_NOOP("Inspector", "key")), "“" + pieceAt(*place.key) + "”"});
    } else if (inside(place.position)) {
        rows.push_back({translated(QT_TRANSLATE_NOOP("Inspector", "at")), "“" + pieceAt(*place.position) + "”"});
    }
    const std::optional<Unit> token = place.site == SiteId::Logits ? place.unit : readsToken(place) ? place.unit2 : std::nullopt;
    if (token) rows.push_back({translated(QT_TRANSLATE_NOOP("Inspector", "token")), "“" + m_shown->piece(token->value) + "”"});
    return rows;
}

// A place that names a whole row, such as what attention adds: its values to choose from.
bool NumberInspector::gatherVector(const Locus& place) {
    const bool named = siteOf(*place.site).axes == Axes::HeadQueryKey ? place.key.has_value() : place.unit.has_value();
    const Trace& trace = *m_shown->trace;
    VectorFacts facts;
    if (named || (facts.values = rowOf(trace, place)).empty()) return false;
    const Site& site = siteOf(*place.site);
    facts.title = titleOf(site.id);
    facts.site = siteName(site.id, place.layer.value_or(Layer(0)));
    facts.inWords = std::string(site.meaning);
    facts.more.push_back(
        {translated(QT_TRANSLATE_NOOP("Inspector", "at")), std::to_string(m_position.value) + " “" + pieceAt(m_position) + "”"});
    for (std::size_t i = 0; i < facts.values.size(); ++i) {
        // A masked score is minus infinity: no bar.
        if (!std::isfinite(facts.values[i])) facts.values[i] = 0;
        facts.places.push_back(placeInRow(trace, place, static_cast<int>(i)));
    }
    m_vector = std::move(facts);
    return true;
}

// Until the answer is there the old picture stays, greyed.
void NumberInspector::gatherReading(const Locus& place) {
    m_readingWanted = true;
    m_reading.start([shown = m_shown, place](const Job&) { return explain(*shown->trace, *shown->model, place); },
                    [this](Result<Explanation> explained) {
                        m_readingWanted = false;
                        if (explained)
                            m_explanation = std::move(*explained);
                        else
                            m_sentence = explained.error().message + " " + m_sentence;
                        layOut();
                        Q_EMIT completed();
                    });
}

void NumberInspector::gather() {
    m_gathered = m_shown;
    m_gatheredAt = m_services.selection->current();
    m_reading.cancel();
    m_readingWanted = false;
    m_explanation.reset();
    m_vector.reset();
    m_probability.reset();
    m_next.clear();
    m_sentence = translated(QT_TRANSLATE_NOOP("Inspector", "Nothing has been run yet. Type a text and press Enter."));
    m_asked.reset();
    m_result->hide();
    m_result->clear();
    if (m_shown && m_shown->trace->length() > 0) {
        const Trace& trace = *m_shown->trace;
        Locus place = m_services.selection->current();
        const int last = trace.length() - 1;
        m_position = Position(place.position ? std::clamp(place.position->value, 0, last) : last);
        m_sentence = translated(QT_TRANSLATE_NOOP(
            "Inspector", "Click any number in a view, a chip or the layer map: here it says where the number comes from."));
        place.position = m_position;
        if (readsToken(place)) {
            gatherReading(place);
        } else if (place.site) {
            if (auto explained = explain(trace, *m_shown->model, place))
                m_explanation = std::move(*explained);
            else if (!gatherVector(place))
                m_sentence = explained.error().message + " " + m_sentence;
        }
        if (m_explanation && place.site == SiteId::Logits && place.unit)
            if (auto probability = explainProbability(trace, *m_shown->model, m_position, place.unit->value))
                m_probability = std::move(*probability);
        const ConstRow logits = trace.logits(m_position);
        for (const TokenProbability& next :
             topTokens(std::span(logits.data(), static_cast<std::size_t>(logits.size())), nextTokens))
            m_next.push_back({m_shown->piece(next.id), next.id, next.probability});
    }
    layOut();
}

void NumberInspector::layOut() {
    m_result->setFont(m_services.look->font(TypeSize::Label, false, false));
    const double scale = m_services.look->scale();
    if (m_narrow) {
        const std::string title =
            m_explanation ? m_explanation->title : translated(QT_TRANSLATE_NOOP("Inspector", "Number inspector"));
        m_line->setPicture(
            narrowPicture(title, m_explanation ? printNumber(m_explanation->value) : "", height() / scale, m_measure));
        return;
    }
    const double width = std::max(180.0, (this->width() - m_scroll->verticalScrollBar()->sizeHint().width()) / scale);
    const auto put = [&](PictureWidget* widget, Picture picture) {
        widget->setFixedHeight(static_cast<int>(std::ceil(picture.height * scale)));
        widget->setPicture(std::move(picture));
    };
    if (m_readingWanted) {
        m_upper->setStale(true);
    } else if (m_explanation) {
        put(m_upper, explanationPicture({*m_explanation, m_probability, tokenRows(), !m_trail.empty(), m_allDigits}, width,
                                        m_measure, translated));
    } else if (m_vector) {
        m_vector->canGoBack = !m_trail.empty();
        put(m_upper, vectorPicture(*m_vector, width, m_measure, translated));
    } else {
        put(m_upper, noValuePicture(m_sentence, !m_trail.empty(), width, m_measure, translated));
    }
    m_buttons->setVisible(m_explanation || m_readingWanted);
    m_check->setEnabled(m_explanation.has_value());
    m_copy->setEnabled(m_explanation.has_value());
    m_follow->setEnabled(m_explanation && !m_explanation->operands.empty());
    m_lower->setVisible(!m_next.empty());
    if (!m_next.empty()) put(m_lower, nextTokensPicture(m_next, m_position, width, m_measure, translated));
}

void NumberInspector::act(const QString& action) {
    if (action == "digits") {
        m_allDigits = !m_allDigits;
        layOut();
    } else if (action == "back") {
        goBack();
    } else if (action == "widen") {
        setNarrow(false);
    } else if (action.startsWith("follow:")) {
        if (const auto place = parseLocus(action.mid(7).toStdString())) follow(*place);
    }
}

void NumberInspector::follow(const Locus& place) {
    m_trail.push_back(m_services.selection->current());
    m_following = true;
    m_services.selection->replace(place);
    m_following = false;
    layOut();
}

void NumberInspector::followBack() {
    if (m_explanation && !m_explanation->operands.empty()) follow(m_explanation->operands.front());
}

void NumberInspector::goBack() {
    if (m_trail.empty()) return;
    const Locus place = m_trail.back();
    m_trail.pop_back();
    m_following = true;
    m_services.selection->replace(place);
    m_following = false;
    layOut();
}

void NumberInspector::ask(bool wholeRun) {
    if (!m_explanation) return;
    m_asked = m_explanation->place;
    m_result->setText(wholeRun ? tr("running the whole text again in double precision …") : tr("computing it again …"));
    m_result->show();
    Q_EMIT m_services.intents->check(*m_asked, wholeRun);
}

void NumberInspector::setCheckResult(const Result<CheckResult>& result) {
    if (!m_asked || !m_explanation || m_explanation->place != *m_asked) return;  // the answer to an older question
    m_asked.reset();
    if (!result) {
        m_result->setText(tr("✗ %1").arg(QString::fromStdString(result.error().message)));
    } else {
        // Float32 rounding over a run is within 1e-3 of the row's largest value; more than that is worth a second look.
        const bool same = result->relative <= 1e-3;
        const QString difference = QString::fromStdString(printNumber(result->difference, 2));
        const QString relative = QString::fromStdString(printNumber(result->relative, 2));
        m_result->setText((same ? tr("✓ %1: %2, differs by %3 (relative %4)") : tr("✗ %1: %2, differs by %3 (relative %4)"))
                              .arg(QString::fromStdString(result->how),
                                   QString::fromStdString(printNumber(result->recomputed, 8)), difference, relative));
    }
    m_result->show();
}

QString NumberInspector::checkText() const { return m_result->isHidden() ? QString() : m_result->text(); }

void NumberInspector::copy(CopyKind kind) {
    if (!m_explanation) return;
    const Locus& place = m_explanation->place;
    if (kind == CopyKind::Value)
        QApplication::clipboard()->setText(QString::fromStdString(printFull(static_cast<float>(m_explanation->value))));
    else if (kind == CopyKind::Row)
        QApplication::clipboard()->setText(QString::fromStdString(rowText(rowOf(*m_shown->trace, place))));
    Q_EMIT copyRequested(kind, place);
}

QSize NumberInspector::sizeHint() const {
    return {
        m_narrow ? static_cast<int>(narrowWidth * m_services.look->scale()) : static_cast<int>(308 * m_services.look->scale()),
        600};
}

QSize NumberInspector::minimumSizeHint() const {
    return {m_narrow ? static_cast<int>(narrowWidth * m_services.look->scale()) : 220, 160};
}

void NumberInspector::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    layOut();
}

void NumberInspector::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) retranslate();
    if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange || event->type() == QEvent::LanguageChange)
        layOut();
}

}  // namespace lw

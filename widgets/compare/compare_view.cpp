#include "widgets/compare/compare_view.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QMenu>
#include <QResizeEvent>
#include <QScrollBar>
#include <QSignalBlocker>

#include <algorithm>
#include <cmath>

#include "widgets/compare/compare_picture.h"
#include "widgets/readings.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/place_picture.h"

namespace lw {

namespace {

constexpr int margin = 14;

std::string say(const char* text) { return QCoreApplication::translate("Compare", text).toStdString(); }

}  // namespace

View* makeCompareView(ViewServices services, QWidget* parent) { return new CompareView(services, parent); }

CompareView::CompareView(ViewServices services, QWidget* parent) : View(services, parent) {
    const auto widget = [&](const QString& name) {
        auto* w = new PictureWidget(services.selection, services.look, this);
        w->setAccessibleName(name);
        w->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        connect(w, &PictureWidget::actionRequested, this, &CompareView::act);
        return w;
    };
    m_heading = widget(tr("Compare"));
    m_heading->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table = widget(tr("The text through each model"));
    m_expected = widget(tr("What each model expects next"));
    m_across = new QScrollBar(Qt::Horizontal, this);
    m_across->setAccessibleName(tr("First position shown"));
    connect(m_across, &QScrollBar::valueChanged, this, [this](int value) {
        m_firstColumn = value;
        draw();
    });
    if (services.readings) {
        connect(services.readings, &Readings::changed, this, [this] {
            askGradients();
            draw();
            if (complete() && !std::exchange(m_wasComplete, true)) Q_EMIT completed();
        });
    }
    setFocusProxy(m_table);
}

bool CompareView::complete() const { return !shown() || !services().readings || services().readings->facts().complete; }

void CompareView::choose(const QStringList& models) {
    if (models == m_chosen) return;
    m_chosen = models;
    m_wasComplete = false;
    if (shown()) Q_EMIT services().intents->readWith(m_chosen);
    Q_EMIT stateChanged();
}

void CompareView::setGradients(bool on) {
    if (on == m_gradients) return;
    m_gradients = on;
    if (!on) Q_EMIT services().intents->readGradients(-1);
    askGradients();
    draw();
    Q_EMIT stateChanged();
}

// When all have read the text, and whenever the place has changed since.
void CompareView::askGradients() {
    if (!m_gradients || !shown() || !services().readings) return;
    const CompareInput in = input();
    const ReadingFacts& facts = services().readings->facts();
    const bool read = std::ranges::all_of(facts.rows, [](const ReadingRow& row) { return row.reading || !row.problem.empty(); });
    if (in.position() < 0 || !read || facts.gradientsAt == in.bytesRead()) return;
    m_wasComplete = false;
    Q_EMIT services().intents->readGradients(in.bytesRead());
}

Picture CompareView::lowerPart(const CompareInput& in, double width, double height) const {
    return m_gradients ? gradientPicture(in, width, height, say) : expectedPicture(in, width, say);
}

CompareInput CompareView::input() const {
    CompareInput in;
    if (!shown() || !shown()->trace || !services().readings) return in;
    const ReadingFacts& facts = services().readings->facts();
    in.columns = facts.columns;
    // Columns belong to a run; while those of another are being read there are none.
    if (in.columns.size() != shown()->pieces.size()) in.columns.clear();
    in.pieces = shown()->pieces;
    in.place = services().selection->current();
    in.unit = shown()->unit;
    in.firstColumn = m_firstColumn;
    for (const ReadingRow& row : facts.rows) {
        in.rows.push_back({.asked = row.asked,
                           .name = row.name,
                           .architecture = row.architecture,
                           .parameters = row.parameters,
                           .open = row.open,
                           .reading = in.columns.empty() ? nullptr : row.reading,
                           .gradients = in.columns.empty() ? nullptr : row.gradients,
                           .gradientProblem = row.gradientProblem,
                           .problem = row.problem});
    }
    return in;
}

Picture CompareView::headingPart(double width, bool controls) const {
    Picture picture;
    const std::vector<Pill> pills = {{say(QT_TRANSLATE_NOOP("Compare", "Step →")), "step", false,
                                      say(QT_TRANSLATE_NOOP("Compare", "the next token, in all rows"))},
                                     {say(QT_TRANSLATE_NOOP("Compare", "Gradient")), "gradient", m_gradients,
                                      say(QT_TRANSLATE_NOOP("Compare", "how far back the loss reaches through the states"))},
                                     {say(QT_TRANSLATE_NOOP("Compare", "Models ▾")), "choose", false,
                                      say(QT_TRANSLATE_NOOP("Compare", "choose which models read along"))}};
    const double right = controls ? pillsWidth(pills) + 10 : 0;
    addHeading(picture, 0, 0, width - right, say(QT_TRANSLATE_NOOP("Compare", "Same text, several models")),
               say(QT_TRANSLATE_NOOP("Compare", "shade: how surprised it was by what follows")));
    if (controls) addPills(picture, width - pillsWidth(pills), 1, pills);
    picture.width = width;
    picture.height = headingHeight;
    return picture;
}

// The selected column comes into sight.
void CompareView::follow() {
    const CompareInput in = input();
    const int fit = compareColumnsThatFit(in, m_table->availableWidth());
    const int position = in.position();
    if (position >= 0 && fit > 0) {
        if (position < m_firstColumn) m_firstColumn = position;
        if (position >= m_firstColumn + fit) m_firstColumn = position - fit + 1;
    }
    m_firstColumn = std::clamp(m_firstColumn, 0, std::max(0, in.length() - fit));
}

void CompareView::arrange(const CompareInput& in) {
    const double s = scale();
    const auto px = [s](double units) { return static_cast<int>(std::lround(units * s)); };
    const double width = this->width() / s, height = this->height() / s, inner = width - 2 * margin;
    m_heading->setGeometry(px(margin), px(8), px(inner), px(headingHeight));
    const double top = 8 + headingHeight + 4, bottom = height - 8;
    const auto rows = static_cast<double>(services().readings ? services().readings->facts().rows.size() : 0);
    const double wanted = compareHeadHeight + rows * compareRowHeight + 6;
    const bool below = bottom - top >= 240;
    const double tableHeight = below ? std::min(wanted, (bottom - top) * 0.66) : bottom - top;
    const int bar = m_across->sizeHint().height();
    m_table->setGeometry(px(margin), px(top), px(inner), px(tableHeight));
    const bool wide = compareColumnsThatFit(in, m_table->availableWidth()) < in.length();
    m_across->setVisible(wide);
    m_across->setGeometry(px(margin), m_table->geometry().bottom() + 1, px(inner), bar);
    const double expectedTop = top + tableHeight + (wide ? bar / s : 0) + 10;
    m_expected->setVisible(below);
    m_expected->setGeometry(px(margin), px(expectedTop), px(inner), std::max(0, px(bottom - expectedTop)));
}

void CompareView::draw() {
    const CompareInput in = input();
    arrange(in);
    m_heading->setPicture(headingPart(m_heading->availableWidth(), true));
    {
        const QSignalBlocker quiet(m_across);
        const int fit = compareColumnsThatFit(in, m_table->availableWidth());
        m_across->setRange(0, std::max(0, in.length() - fit));
        m_across->setPageStep(fit);
        m_across->setValue(m_firstColumn);
    }
    m_table->setPicture(comparePicture(in, m_table->availableWidth(), say));
    m_expected->setPicture(lowerPart(in, m_expected->availableWidth(), m_expected->availableHeight()));
}

void CompareView::act(const QString& action) {
    if (action == "step") {
        stepOn();
    } else if (action == "choose") {
        openMenu();
    } else if (action == "gradient") {
        setGradients(!m_gradients);
    } else if (action.startsWith("use:")) {
        Q_EMIT services().intents->useModel(action.mid(4));
    }
}

// Through the text as it stands; at its end the open model goes on, and the others read what it said.
void CompareView::stepOn() {
    if (!shown() || !shown()->trace) return;
    Locus place = services().selection->current();
    const int last = shown()->trace->length() - 1;
    if (place.position.value_or(Position(last)).value >= last) {
        Q_EMIT services().intents->step();
        return;
    }
    place.position = Position(place.position->value + 1);
    services().selection->select(place);
}

void CompareView::openMenu() {
    if (!services().readings) return;
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("models"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const ReadingFacts& facts = services().readings->facts();
    const auto readsNow = [&](const std::string& asked) {
        return std::ranges::any_of(facts.rows, [&](const ReadingRow& row) { return row.asked == asked; });
    };
    QStringList now;
    for (const ReadingRow& row : facts.rows) {
        if (!row.open) now << QString::fromStdString(row.asked);
    }
    for (const OfferedModel& offer : facts.offers) {
        const QString asked = QString::fromStdString(offer.asked);
        QAction* action = menu->addAction(QString::fromStdString(offer.name).replace('&', QStringLiteral("&&")));
        action->setToolTip(QString::fromStdString(offer.what));
        action->setCheckable(true);
        action->setChecked(readsNow(offer.asked));
        connect(action, &QAction::toggled, this, [this, asked, now](bool on) {
            QStringList next = now;
            next.removeAll(asked);
            if (on) next << asked;
            choose(next);
        });
    }
    menu->addSeparator();
    connect(menu->addAction(tr("All that are at hand")), &QAction::triggered, this, [this] { choose({}); });
    menu->setToolTipsVisible(true);
    menu->popup(m_heading->mapToGlobal(QPoint(m_heading->width() - menu->sizeHint().width(), m_heading->height())));
}

Picture CompareView::exportPicture() const {
    CompareInput in = input();
    const double width = std::max({640.0, m_table->availableWidth(), compareWholeWidth(in)});
    in.firstColumn = 0;
    Picture picture = headingPart(width, false);
    placePicture(picture, comparePicture(in, width, say), 0, headingHeight + 6);
    placePicture(picture, lowerPart(in, width, 260), 0, picture.height + 14);
    return picture;
}

QJsonObject CompareView::saveState() const {
    return {{"models", QJsonArray::fromStringList(m_chosen)}, {"gradients", m_gradients}};
}

void CompareView::restoreState(const QJsonObject& state) {
    QStringList models;
    for (const QJsonValue& model : state["models"].toArray()) models << model.toString();
    choose(models);
    setGradients(state["gradients"].toBool(false));
}

void CompareView::shownChanged() {
    m_wasComplete = false;
    if (shown()) Q_EMIT services().intents->readWith(m_chosen);
    follow();
    draw();
}

void CompareView::placeChanged(const Locus&) {
    follow();
    askGradients();
    draw();
}

void CompareView::lookChanged() { draw(); }

void CompareView::resizeEvent(QResizeEvent* event) {
    View::resizeEvent(event);
    follow();
    draw();
}

}  // namespace lw

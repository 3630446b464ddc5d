#include "widgets/embeddings/embeddings_view.h"

#include <QCoreApplication>
#include <QStackedLayout>

#include <algorithm>

#include "widgets/embeddings/contexts_page.h"
#include "widgets/embeddings/map_page.h"
#include "widgets/embeddings/positions_page.h"
#include "widgets/embeddings/row_page.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/place_picture.h"

namespace lw {

namespace {

std::string say(const char* text) { return QCoreApplication::translate("Embeddings", text).toStdString(); }

constexpr const char* pageIds[] = {"row", "map", "positions", "contexts"};

}  // namespace

View* makeEmbeddingsView(ViewServices services, QWidget* parent) { return new EmbeddingsView(services, parent); }

EmbeddingsView::EmbeddingsView(ViewServices services, QWidget* parent) : View(services, parent) {
    m_heading = new PictureWidget(services.selection, services.look, this);
    m_heading->setAccessibleName(tr("Embeddings"));
    m_heading->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_heading->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(m_heading, &PictureWidget::actionRequested, this, [this](const QString& action) {
        for (int i = 0; i < 4; ++i)
            if (action == QLatin1String(pageIds[i])) setPage(static_cast<Page>(i));
    });
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 8, 6, 8);
    layout->setSpacing(4);
    layout->addWidget(m_heading);
    auto* pages = new QWidget(this);
    m_stack = new QStackedLayout(pages);
    layout->addWidget(pages, 1);
    auto* row = new RowPage(services, pages);
    auto* map = new MapPage(services, pages);
    m_pages = {row, map, new PositionsPage(services, pages), new ContextsPage(services, pages)};
    connect(map, &MapPage::tokenChosen, this, [this, row](const QString& table, int id) {
        setPage(Page::Row);
        row->setTable(table.toStdString());
        row->setToken(id);
    });
    for (EmbeddingsPage* page : m_pages) {
        m_stack->addWidget(page);
        connect(page, &EmbeddingsPage::titled, this, &EmbeddingsView::drawHeading);
        connect(page, &EmbeddingsPage::stateChanged, this, &EmbeddingsView::stateChanged);
        connect(page, &EmbeddingsPage::completed, this, [this, page] {
            if (page == current() && complete()) Q_EMIT completed();
        });
    }
    setFocusProxy(m_pages.front());
}

void EmbeddingsView::setPage(Page page) {
    if (page == m_page) return;
    m_page = page;
    m_stack->setCurrentWidget(current());
    setFocusProxy(current());
    current()->setShown(shown());
    current()->refresh();
    drawHeading();
    Q_EMIT stateChanged();
}

void EmbeddingsView::shownChanged() {
    for (EmbeddingsPage* page : m_pages) page->setShown(shown());
    current()->refresh();
    drawHeading();
}

void EmbeddingsView::placeChanged(const Locus&) {
    current()->refresh();
    drawHeading();
}

void EmbeddingsView::lookChanged() {
    current()->refresh();
    drawHeading();
}

void EmbeddingsView::resizeEvent(QResizeEvent* event) {
    View::resizeEvent(event);
    drawHeading();
}

Picture EmbeddingsView::headingPart(double width, bool controls) const {
    Picture picture;
    const std::vector<Pill> pills{
        {say(QT_TRANSLATE_NOOP("Embeddings", "row")), "row", m_page == Page::Row,
         say(QT_TRANSLATE_NOOP("Embeddings", "the selected token’s row and its neighbours"))},
        {say(QT_TRANSLATE_NOOP("Embeddings", "map")), "map", m_page == Page::Map,
         say(QT_TRANSLATE_NOOP("Embeddings", "the whole table in two dimensions, clusters, arithmetic"))},
        {say(QT_TRANSLATE_NOOP("Embeddings", "positions")), "positions", m_page == Page::Positions,
         say(QT_TRANSLATE_NOOP("Embeddings", "how the model knows where a token stands"))},
        {say(QT_TRANSLATE_NOOP("Embeddings", "contexts")), "contexts", m_page == Page::Contexts,
         say(QT_TRANSLATE_NOOP("Embeddings", "the same token in two texts"))}};
    const double right = controls ? pillsWidth(pills) + 10 : 0;
    addHeading(picture, 0, 0, width - right, current()->title(), current()->about());
    if (controls) addPills(picture, width - pillsWidth(pills), 1, pills);
    picture.width = width;
    picture.height = headingHeight;
    return picture;
}

void EmbeddingsView::drawHeading() {
    m_heading->setFixedHeight(static_cast<int>(headingHeight * (services().look ? services().look->scale() : 1.0)));
    m_heading->setPicture(headingPart(m_heading->availableWidth(), true));
}

Picture EmbeddingsView::exportPicture() const {
    Picture part = current()->exportPicture();
    Picture picture = headingPart(std::max(640.0, part.width), false);
    placePicture(picture, std::move(part), 0, headingHeight + 6);
    return picture;
}

QJsonObject EmbeddingsView::saveState() const {
    QJsonObject state{{"page", QLatin1String(pageIds[static_cast<std::size_t>(m_page)])}};
    for (std::size_t i = 0; i < m_pages.size(); ++i) {
        if (const QJsonObject own = m_pages[i]->saveState(); !own.isEmpty()) state[QLatin1String(pageIds[i])] = own;
    }
    return state;
}

void EmbeddingsView::restoreState(const QJsonObject& state) {
    const QString page = state["page"].toString("row");
    for (std::size_t i = 0; i < m_pages.size(); ++i) {
        m_pages[i]->restoreState(state[QLatin1String(pageIds[i])].toObject());
        if (page == QLatin1String(pageIds[i]) && static_cast<Page>(i) != m_page) {
            m_page = static_cast<Page>(i);
            m_stack->setCurrentWidget(current());
            setFocusProxy(current());
        }
    }
    if (shown()) current()->refresh();
    drawHeading();
}

}  // namespace lw

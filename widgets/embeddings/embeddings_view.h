// Embeddings: a token's row of the table and its neighbours, maps of the table, positions, the same token in two contexts.
#pragma once

#include <array>

#include "widgets/embeddings/page.h"
#include "widgets/view.h"

class QStackedLayout;

namespace lw {

View* makeEmbeddingsView(ViewServices services, QWidget* parent);

class EmbeddingsView : public View {
    Q_OBJECT
public:
    enum class Page { Row, Map, Positions, Contexts };
    EmbeddingsView(ViewServices services, QWidget* parent);

    Picture exportPicture() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject& state) override;
    bool complete() const override { return current()->complete(); }
    QSize minimumSizeHint() const override { return {480, 320}; }

    PictureWidget* heading() const { return m_heading; }
    Page page() const { return m_page; }
    void setPage(Page page);
    EmbeddingsPage* current() const { return m_pages[static_cast<std::size_t>(m_page)]; }
    template <class T>
    T* pageOf() const {
        for (EmbeddingsPage* page : m_pages) {
            if (auto* found = qobject_cast<T*>(page)) return found;
        }
        return nullptr;
    }

protected:
    void shownChanged() override;
    void placeChanged(const Locus&) override;
    void lookChanged() override;
    void resizeEvent(QResizeEvent* event) override;

private:
    Picture headingPart(double width, bool controls) const;
    void drawHeading();

    PictureWidget* m_heading;
    QStackedLayout* m_stack;
    std::array<EmbeddingsPage*, 4> m_pages{};
    Page m_page = Page::Row;
};

}  // namespace lw

// One page of the view: a picture, what it needs to be drawn, and perhaps controls above it. The view shows one at a time.
#pragma once

#include <QJsonObject>
#include <QVBoxLayout>
#include <QWidget>

#include "widgets/embeddings/token_table.h"
#include "widgets/shared/picture_widget.h"
#include "widgets/view.h"

namespace lw {

class EmbeddingsPage : public QWidget {
    Q_OBJECT
public:
    EmbeddingsPage(const ViewServices& services, const QString& name, QWidget* parent);

    /// New facts; nothing is computed before the page is shown (refresh).
    void setShown(ShownPtr shown) { m_shown = std::move(shown); }
    /// Facts, place, size or look have changed while the page is in sight: asks for what is missing and draws.
    virtual void refresh() = 0;
    virtual bool complete() const = 0;
    virtual std::string title() const = 0;
    virtual std::string about() const { return {}; }
    virtual Picture exportPicture() const { return m_picture->picture(); }
    virtual QJsonObject saveState() const { return {}; }
    virtual void restoreState(const QJsonObject&) {}
    PictureWidget* picture() const { return m_picture; }

Q_SIGNALS:
    void titled();     // title() or about() are others now
    void completed();  // complete() became true
    void stateChanged();

protected:
    virtual void act(const QString& action) = 0;
    const ShownPtr& shown() const { return m_shown; }
    const ViewServices& services() const { return m_services; }
    /// The selected position, within the run; −1 without one.
    int position() const;
    /// The open model's tables, then the word vectors that were read.
    std::vector<TokenTable> tables() const;
    /// A sentence where a picture cannot be.
    void showNote(const std::string& sentence);
    double roomWidth() const;
    QVBoxLayout* column() const { return m_column; }
    std::string say(const char* text) const;

private:
    ViewServices m_services;
    ShownPtr m_shown;
    QVBoxLayout* m_column;
    PictureWidget* m_picture;
};

}  // namespace lw

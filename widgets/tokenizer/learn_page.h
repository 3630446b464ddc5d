// The page where a vocabulary is learned: from what, how large, start, pause, one merge, stop, save; and how it goes.
#pragma once

#include <QWidget>

#include "widgets/shared/picture_widget.h"
#include "widgets/view.h"

class QPlainTextEdit;
class QSpinBox;

namespace lw {

class LearnPage : public QWidget {
    Q_OBJECT
public:
    LearnPage(const ViewServices& services, QWidget* parent);

    /// The text that is open now.
    void setText(const std::string& text);
    PictureWidget* bar() const { return m_bar; }
    PictureWidget* picture() const { return m_picture; }
    QPlainTextEdit* edit() const { return m_edit; }
    QSpinBox* size() const { return m_size; }
    bool complete() const;
    Picture exportPicture(double width) const;
    QJsonObject saveState() const;
    void restoreState(const QJsonObject& state);
    void draw();

Q_SIGNALS:
    void completed();
    void stateChanged();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void act(const QString& action);
    void setOwn(bool own);
    void factsChanged();

    ViewServices m_services;
    PictureWidget *m_bar, *m_picture;
    QSpinBox* m_size;
    QPlainTextEdit* m_edit;
    std::string m_text;
    bool m_own = false;  // from the text that is typed here
    bool m_wasComplete = true;
};

}  // namespace lw

// What stands where a picture cannot be: one sentence, and one thing to do about it.
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;

namespace lw {

class EmptyState : public QWidget {
    Q_OBJECT
public:
    explicit EmptyState(QWidget* parent = nullptr);
    /// An empty action hides the button.
    void set(const QString& sentence, const QString& action = {});
    QString sentence() const;
    QPushButton* button() const { return m_button; }

Q_SIGNALS:
    void requested();  // the action

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    QLabel* m_sentence;
    QPushButton* m_button;
};

}  // namespace lw

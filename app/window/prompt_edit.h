// The text field on top: several lines, grows to four of them; Enter traces, Shift+Enter breaks the line. While an input
// method composes nothing is reported; its own undo comes before the window's.
#pragma once

#include <QPlainTextEdit>

namespace lw {

class PromptEdit : public QPlainTextEdit {
    Q_OBJECT
public:
    explicit PromptEdit(QWidget* parent = nullptr);

    /// The text as it is: QPlainTextEdit::toPlainText() turns no-break spaces into spaces.
    QString text() const;
    /// Replaces the text; not reported by edited(). The field's own undo forgets the older text.
    void setText(const QString& text);
    bool composing() const { return m_composing; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void edited(const QString& text);  // by the person
    void traceRequested();             // Enter
    void composingChanged(bool composing);
    void filesDropped(const QList<QUrl>& urls);

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void inputMethodEvent(QInputMethodEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool canInsertFromMimeData(const QMimeData* source) const override;
    void insertFromMimeData(const QMimeData* source) override;

private:
    void report();
    void fitHeight();
    int linesHeight(int lines) const;

    bool m_composing = false;
    bool m_setting = false;
    bool m_fitting = false;
    int m_height = 0;
};

}  // namespace lw

#include "app/window/prompt_edit.h"

#include <QAbstractTextDocumentLayout>
#include <QInputMethodEvent>
#include <QKeyEvent>
#include <QMimeData>
#include <QScrollBar>
#include <QTextBlock>
#include <QUrl>

#include <algorithm>
#include <cmath>
#include <utility>

namespace lw {

namespace {

constexpr int mostLines = 4;

}  // namespace

PromptEdit::PromptEdit(QWidget* parent) : QPlainTextEdit(parent) {
    setObjectName(QStringLiteral("prompt"));
    setAccessibleName(tr("Text"));
    setAccessibleDescription(tr("The text that is traced. Enter traces it, Shift+Enter breaks the line."));
    setPlaceholderText(tr("Type any text, in any language"));
    setTabChangesFocus(true);
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    document()->setDocumentMargin(1);
    connect(this, &QPlainTextEdit::textChanged, this, &PromptEdit::report);
    connect(document()->documentLayout(), &QAbstractTextDocumentLayout::documentSizeChanged, this, &PromptEdit::fitHeight);
    fitHeight();
}

QString PromptEdit::text() const {
    QString text = document()->toRawText();
    for (const char16_t separator : {char16_t(0x2029), char16_t(0xfdd0), char16_t(0xfdd1)})
        text.replace(QChar(separator), QLatin1Char('\n'));
    return text;
}

void PromptEdit::setText(const QString& text) {
    if (text == this->text()) return;
    const bool before = std::exchange(m_setting, true);
    setPlainText(text);
    moveCursor(QTextCursor::End);
    m_setting = before;
}

void PromptEdit::report() {
    if (!m_setting && !m_composing) Q_EMIT edited(text());
}

void PromptEdit::inputMethodEvent(QInputMethodEvent* event) {
    const bool composes = !event->preeditString().isEmpty();
    const bool changed = composes != m_composing;
    m_composing = composes;
    QPlainTextEdit::inputMethodEvent(event);
    if (!changed) return;
    Q_EMIT composingChanged(composes);
    if (!composes) report();
}

bool PromptEdit::event(QEvent* event) {
    // Its own undo first; when there is none left, the window's.
    if (event->type() == QEvent::ShortcutOverride) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool undo = key->matches(QKeySequence::Undo), redo = key->matches(QKeySequence::Redo);
        if ((undo && !document()->isUndoAvailable()) || (redo && !document()->isRedoAvailable())) {
            event->ignore();
            return true;
        }
    }
    return QPlainTextEdit::event(event);
}

void PromptEdit::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        if (event->modifiers() & Qt::ShiftModifier) {
            textCursor().insertBlock();
            ensureCursorVisible();
        } else {
            Q_EMIT traceRequested();
        }
        event->accept();
        return;
    }
    QPlainTextEdit::keyPressEvent(event);
}

bool PromptEdit::canInsertFromMimeData(const QMimeData* source) const {
    return source->hasUrls() || QPlainTextEdit::canInsertFromMimeData(source);
}

void PromptEdit::insertFromMimeData(const QMimeData* source) {
    const QList<QUrl> urls = source->urls();
    if (std::any_of(urls.begin(), urls.end(), [](const QUrl& url) { return url.isLocalFile(); })) {
        Q_EMIT filesDropped(urls);
        return;
    }
    QPlainTextEdit::insertFromMimeData(source);
}

int PromptEdit::linesHeight(int lines) const {
    // Frame and padding are the style's: what is left of the widget around the viewport. A line is laid out a pixel higher
    // where its spacing is no whole number.
    const int line = static_cast<int>(std::ceil(QFontMetricsF(font()).lineSpacing()));
    return lines * line + 2 * static_cast<int>(document()->documentMargin()) + 12;
}

QSize PromptEdit::sizeHint() const { return {400, std::max(m_height, linesHeight(1))}; }
QSize PromptEdit::minimumSizeHint() const { return {120, linesHeight(1)}; }

void PromptEdit::fitHeight() {
    if (std::exchange(m_fitting, true)) return;
    setTabStopDistance(4 * fontMetrics().horizontalAdvance(QLatin1Char(' ')));
    // The layout counts lines, not pixels, in a QPlainTextEdit.
    const int lines = std::clamp(static_cast<int>(document()->documentLayout()->documentSize().height()), 1, mostLines);
    const int height = linesHeight(lines);
    setVerticalScrollBarPolicy(document()->documentLayout()->documentSize().height() > mostLines ? Qt::ScrollBarAsNeeded
                                                                                                 : Qt::ScrollBarAlwaysOff);
    if (height != m_height) {
        m_height = height;
        setFixedHeight(height);
        updateGeometry();
    }
    m_fitting = false;
}

void PromptEdit::resizeEvent(QResizeEvent* event) {
    QPlainTextEdit::resizeEvent(event);
    fitHeight();
}

}  // namespace lw

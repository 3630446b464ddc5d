// Sentences between the token strip and the stage: what went wrong, what is left out, what is on offer. One line each, with
// its actions; never a box that must be answered.
#pragma once

#include <QHash>
#include <QString>
#include <QWidget>

#include <functional>
#include <vector>

#include "widgets/shared/palette.h"

class QVBoxLayout;

namespace lw {

struct MessageAction {
    QString text;
    std::function<void()> does;
    bool chosen = false;  // the choice that is in force
};

struct Message {
    enum class Kind { Problem, Note };
    QString key;  // a message with the same key takes its place
    Kind kind = Kind::Note;
    QString text;  // one sentence
    std::vector<MessageAction> actions = {};
    bool stays = false;  // as long as its cause: without a close button
};

class MessageBar : public QWidget {
    Q_OBJECT
public:
    explicit MessageBar(const Look* look, QWidget* parent = nullptr);

    void show(const Message& message);
    void remove(const QString& key);
    bool has(const QString& key) const { return m_rows.contains(key); }
    QString text(const QString& key) const;
    /// The button of an action, for tests.
    QWidget* button(const QString& key, int action) const;

private:
    const Look* m_look;
    QVBoxLayout* m_layout;
    QHash<QString, QWidget*> m_rows;
};

}  // namespace lw

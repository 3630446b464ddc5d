// The three lines of the first start: things to try, each done by a click on it. Closed for good with ×.
#pragma once

#include <QFrame>

#include <functional>
#include <vector>

namespace lw {

struct TryLine {
    QString text;
    std::function<void()> does;
};

class TryThis : public QFrame {
    Q_OBJECT
public:
    TryThis(std::vector<TryLine> lines, QWidget* parent);

Q_SIGNALS:
    void closed();
};

}  // namespace lw

#include "tests/gui/program.h"

#include <QApplication>
#include <QFile>

namespace lw {

Program::Program(const QString& text, Settings settings, bool person)
    : m_window(std::make_unique<MainWindow>(std::move(settings), person)) {
    m_window->appearance()->forbidMotion();
    m_window->resize(1440, 900);
    m_window->show();
    REQUIRE(QTest::qWaitForWindowExposed(m_window.get()));
    m_window->activateWindow();
    if (!text.isEmpty()) Q_EMIT workspace().intents()->setPrompt(text);
    workspace().openModel(QStringLiteral("stories260K"));
    REQUIRE(eventually([&] { return workspace().shown() != nullptr; }));
    waitUntilComplete();
    REQUIRE(eventually([&] { return m_window->isActiveWindow(); }));
}

void Program::waitUntilComplete() {
    REQUIRE(eventually([&] { return m_window->complete() && !workspace().waiting(); }));
    QTest::qWait(10);  // what was laid out is painted
    REQUIRE(eventually([&] { return m_window->complete(); }));
}

void Program::type(const QString& text) {
    prompt().setFocus();
    prompt().selectAll();
    QTest::keyClick(&prompt(), Qt::Key_Delete);
    for (const QChar c : text) {
        if (c == QLatin1Char('\n')) {
            QTest::keyClick(&prompt(), Qt::Key_Return, Qt::ShiftModifier);
        } else if (c.unicode() < 0x80) {
            QTest::keyClick(&prompt(), c.toLatin1());
        } else {
            prompt().insertPlainText(c);
        }
    }
    waitUntilComplete();
}

void Program::key(int key, Qt::KeyboardModifiers modifiers) {
    QWidget* focus = QApplication::focusWidget();
    QTest::keyClick(focus ? focus : m_window.get(), static_cast<Qt::Key>(key), modifiers);
}

void Program::select(const char* place) {
    const auto parsed = parseLocus(place);
    REQUIRE(parsed);
    workspace().selection()->replace(*parsed);
    waitUntilComplete();
}

void Program::showView(const char* id) {
    m_window->stage()->showView(QLatin1String(id));
    waitUntilComplete();
}

void Program::leaveText() {
    if (QWidget* focus = QApplication::focusWidget()) focus->clearFocus();
    m_window->setFocus();
}

void Program::step(StepKind kind, int id) {
    workspace().steps(kind, 1, id);
    REQUIRE(eventually([&] { return !workspace().busy(); }));
    waitUntilComplete();
}

QString written(const QTemporaryDir& folder, const char* name, const QByteArray& bytes) {
    const QString path = folder.filePath(name);
    QFile file(path);
    REQUIRE(file.open(QIODevice::WriteOnly));
    file.write(bytes);
    return path;
}

std::string textsIn(const QWidget* widget) {
    std::string all;
    for (const PictureWidget* picture : widget->findChildren<PictureWidget*>()) {
        for (const std::string& text : picture->picture().texts()) all += text + "\n";
    }
    return all;
}

std::string textsInSight(const QWidget* widget) {
    std::string all;
    for (const PictureWidget* picture : widget->findChildren<PictureWidget*>()) {
        if (!picture->isVisible()) continue;
        for (const std::string& text : picture->picture().texts()) all += text + "\n";
    }
    return all;
}

bool clickSpot(QWidget* widget, const std::function<bool(const Spot&)>& wanted, Qt::KeyboardModifiers modifiers) {
    for (PictureWidget* picture : widget->findChildren<PictureWidget*>()) {
        if (!picture->isVisible()) continue;
        for (const Spot& spot : picture->picture().spots) {
            if (!wanted(spot)) continue;
            picture->ensureVisible(spot.rect);
            const QPoint at = picture->toWidget(spot.rect.x + spot.rect.w / 2, spot.rect.y + spot.rect.h / 2);
            QTest::mouseClick(picture->viewport(), Qt::LeftButton, modifiers, at);
            return true;
        }
    }
    return false;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace lw

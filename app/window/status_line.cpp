#include "app/window/status_line.h"

#include <QCursor>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QToolButton>

#include "app/run/heads.h"
#include "app/window/place_words.h"
#include "core/trace/capture_spec.h"

namespace lw {

namespace {

constexpr int shownAfterMs = 150, cancelAfterMs = 1000, saidForMs = 6000;
constexpr int mostOffered = 64;  // entries of a part's menu around the present one

QString text(const std::string& s) { return QString::fromStdString(s); }

}  // namespace

StatusLine::StatusLine(Workspace* workspace, const Look* look, QWidget* parent)
    : Surface(look, Ink::Panel, Qt::TopEdge, parent), m_workspace(workspace), m_look(look) {
    setObjectName(QStringLiteral("statusLine"));
    setAccessibleName(tr("Status"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(14, 4, 14, 3);
    layout->setSpacing(16);
    const auto label = [this](const QString& name) {
        auto* made = new QLabel(this);
        made->setAccessibleName(name);
        made->setProperty("muted", true);
        made->setMinimumWidth(0);
        made->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
        return made;
    };
    m_place = label(tr("Place"));
    m_place->setObjectName(QStringLiteral("place"));
    m_place->setTextFormat(Qt::RichText);
    m_place->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
    m_place->setFocusPolicy(Qt::NoFocus);
    m_middle = label(tr("Pointer and progress"));
    m_middle->setTextFormat(Qt::PlainText);
    m_timing = label(tr("Last run"));
    m_timing->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    m_timing->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_cancel = new QToolButton(this);
    m_cancel->setText(tr("Cancel"));
    m_cancel->setProperty("quiet", true);
    m_cancel->hide();
    layout->addWidget(m_place, 5);
    layout->addWidget(m_middle, 5);
    layout->addWidget(m_cancel);
    layout->addWidget(m_timing);

    for (QTimer* timer : {&m_shownAfter, &m_cancelAfter, &m_saidUntil}) timer->setSingleShot(true);
    connect(&m_shownAfter, &QTimer::timeout, this, &StatusLine::showMiddle);
    connect(&m_cancelAfter, &QTimer::timeout, m_cancel, &QWidget::show);
    connect(&m_saidUntil, &QTimer::timeout, this, [this] {
        m_said.clear();
        showMiddle();
    });
    connect(m_cancel, &QToolButton::clicked, m_workspace, &Workspace::stopWork);
    connect(m_place, &QLabel::linkActivated, this, &StatusLine::offerPart);
    connect(m_workspace->selection(), &Selection::currentChanged, this, &StatusLine::showPlace);
    connect(m_workspace->selection(), &Selection::hoverChanged, this, &StatusLine::showMiddle);
    connect(m_workspace, &Workspace::shownChanged, this, [this] {
        showPlace();
        showTiming();
    });
    connect(m_workspace, &Workspace::working, this, [this](const QString& what, double fraction) {
        if (m_working.isEmpty()) {
            m_shownAfter.start(shownAfterMs);
            m_cancelAfter.start(cancelAfterMs);
        }
        m_working = fraction >= 0 ? QStringLiteral("%1 · %2 %").arg(what).arg(static_cast<int>(100 * fraction)) : what;
        if (!m_shownAfter.isActive()) showMiddle();
    });
    connect(m_workspace, &Workspace::rested, this, [this] {
        m_shownAfter.stop();
        m_cancelAfter.stop();
        m_cancel->hide();
        m_working.clear();
        showMiddle();
    });
}

void StatusLine::say(const QString& sentence) {
    m_said = sentence;
    m_saidUntil.start(saidForMs);
    showMiddle();
}

void StatusLine::showMiddle() {
    const QString& hover = m_workspace->selection()->hoverText();
    const bool works = !m_working.isEmpty() && !m_shownAfter.isActive();
    m_middle->setText(works ? m_working : !hover.isEmpty() ? hover : m_said);
    m_middle->setToolTip(m_middle->text().size() > 60 ? m_middle->text() : QString());
}

QString StatusLine::placeText() const { return m_plain; }

void StatusLine::showPlace() {
    if (!m_workspace->shown()) return;
    const PlaceWords words = placeWords(m_workspace->selection()->current(), *m_workspace->shown());
    const QString colour = m_look->palette.of(Ink::Muted).name();
    QStringList parts, plain;
    for (const PlaceWords::Part& part : words.parts) {
        if (part.letter == "site") continue;
        parts.append(QStringLiteral("<a href=\"%1\" style=\"color:%2;text-decoration:none\">%3</a>")
                         .arg(text(part.letter), colour, text(part.text)));
        plain.append(text(part.text));
    }
    QString rich = parts.join(QLatin1Char(' '));
    m_plain = plain.join(QLatin1Char(' '));
    for (const std::string& rest : {words.words, words.value}) {
        if (rest.empty()) continue;
        rich += QStringLiteral(" · ") + text(rest).toHtmlEscaped();
        m_plain += QStringLiteral(" · ") + text(rest);
    }
    m_place->setFont(m_look->font(TypeSize::Label, false, true));
    m_place->setText(rich);
    m_place->setAccessibleDescription(m_plain);
}

void StatusLine::showTiming() {
    const Trace& trace = *m_workspace->shown()->trace;
    const double ms = 1000 * m_workspace->lastSeconds();
    const QString time = ms < 10 ? QString::number(ms, 'f', 1) : QString::number(ms, 'f', 0);
    const int depth = m_workspace->shown()->node->depth();
    const QString what = depth > 0             ? tr("step %1 in %2 ms").arg(depth).arg(time)
                         : trace.length() == 1 ? tr("traced 1 token in %1 ms").arg(time)
                                               : tr("traced %1 tokens in %2 ms").arg(trace.length()).arg(time);
    m_timing->setText(what + QStringLiteral(" · ") + text(printBytes(trace.bytes())));
    m_timing->setFont(m_look->font(TypeSize::Label, false, false));
    m_middle->setFont(m_look->font(TypeSize::Label, false, false));
}

// A part of the place was clicked: another value for it, or without it.
void StatusLine::offerPart(const QString& letter) {
    const ShownPtr shown = m_workspace->shown();
    const Locus place = m_workspace->selection()->current();
    const ModelInfo& info = shown->trace->model();
    int count = 0, present = 0;
    if (letter == QLatin1String("L")) count = info.layers(), present = place.layer->value;
    if (letter == QLatin1String("H") && place.layer) {
        count = headsIn(info.block(*place.layer));
        present = place.head->value;
    }
    if (letter == QLatin1String("q")) count = shown->trace->length(), present = place.position->value;
    if (letter == QLatin1String("k")) count = shown->trace->length(), present = place.key->value;

    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const int first = std::max(0, std::min(present - mostOffered / 2, count - mostOffered));
    for (int i = first; i < std::min(count, first + mostOffered); ++i) {
        QString label = letter + QString::number(i);
        if (letter == QLatin1String("q") || letter == QLatin1String("k"))
            label += QStringLiteral("  ") + text(shown->pieces[static_cast<std::size_t>(i)]);
        QAction* action = menu->addAction(label.replace(QLatin1Char('&'), QStringLiteral("&&")), this, [this, letter, i] {
            Locus part;
            if (letter == QLatin1String("L")) part.layer = Layer(i);
            if (letter == QLatin1String("H")) part.head = Head(i);
            if (letter == QLatin1String("q")) part.position = Position(i);
            if (letter == QLatin1String("k")) part.key = Position(i);
            m_workspace->selection()->select(part);
        });
        action->setCheckable(true);
        action->setChecked(i == present);
    }
    menu->addSeparator();
    menu->addAction(tr("Take %1 off the place").arg(letter), this, [this, letter, place] {
        Locus without = place;
        if (letter == QLatin1String("s")) without.step.reset();
        if (letter == QLatin1String("L")) without.layer.reset();
        if (letter == QLatin1String("H")) without.head.reset();
        if (letter == QLatin1String("q")) without.position.reset();
        if (letter == QLatin1String("k")) without.key.reset();
        if (letter == QLatin1String("n")) without.unit.reset();
        if (letter == QLatin1String("m")) without.unit2.reset();
        m_workspace->selection()->replace(without);
    });
    menu->popup(QCursor::pos());
}

}  // namespace lw

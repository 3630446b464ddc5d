#include "app/window/settings_window.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHeaderView>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QTabWidget>
#include <QTableWidget>

#include "app/window/key_table.h"
#include "core/bundled.h"
#include "core/trace/capture_spec.h"

namespace lw {

namespace {

QString text(const std::string& s) { return QString::fromStdString(s); }

}  // namespace

SettingsWindow::SettingsWindow(Settings settings, QWidget* parent) : QDialog(parent), m_settings(std::move(settings)) {
    setWindowTitle(tr("Settings"));
    setObjectName(QStringLiteral("settings"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 8);
    auto* tabs = new QTabWidget(this);
    auto* looks = new QWidget(tabs);
    auto* form = new QFormLayout(looks);
    form->setContentsMargins(14, 14, 14, 14);
    addLooks(form);
    tabs->addTab(looks, tr("Looks and numbers"));
    tabs->addTab(keysPage(), tr("Keys"));
    layout->addWidget(tabs);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    layout->addWidget(buttons);
    resize(560, 480);
}

void SettingsWindow::addLooks(QFormLayout* form) {
    const auto choice = [&](const QString& label, const QStringList& names, int present, auto set) {
        auto* box = new QComboBox(this);
        box->addItems(names);
        box->setCurrentIndex(present);
        box->setAccessibleName(label);
        connect(box, &QComboBox::currentIndexChanged, this, [this, set](int index) {
            set(index);
            Q_EMIT changed(m_settings);
        });
        form->addRow(label, box);
    };
    choice(tr("Theme"), {tr("as the desktop"), tr("light"), tr("dark")}, static_cast<int>(m_settings.theme),
           [this](int i) { m_settings.theme = static_cast<ThemeChoice>(i); });
    choice(tr("Colours of magnitudes"), {tr("blues"), tr("viridis"), tr("grey")}, static_cast<int>(m_settings.colourMap),
           [this](int i) { m_settings.colourMap = static_cast<SequentialMap>(i); });
    choice(tr("Movement"), {tr("as the desktop"), tr("on"), tr("off")}, static_cast<int>(m_settings.motion),
           [this](int i) { m_settings.motion = static_cast<MotionChoice>(i); });
    choice(tr("Information in"), {tr("nats"), tr("bits")}, static_cast<int>(m_settings.unit),
           [this](int i) { m_settings.unit = static_cast<InformationUnit>(i); });

    auto* font = new QSpinBox(this);
    font->setRange(qRound(100 * smallestFont), qRound(100 * largestFont));
    font->setSingleStep(10);
    font->setSuffix(QStringLiteral(" %"));
    font->setKeyboardTracking(false);
    font->setValue(qRound(100 * m_settings.fontScale));
    font->setAccessibleName(tr("Type size"));
    connect(font, &QSpinBox::valueChanged, this, [this](int percent) {
        m_settings.fontScale = percent / 100.0;
        Q_EMIT changed(m_settings);
    });
    form->addRow(tr("Type size"), font);

    auto* memory = new QDoubleSpinBox(this);
    memory->setRange(0, 1024);
    memory->setDecimals(1);
    memory->setSingleStep(0.5);
    memory->setSuffix(QStringLiteral(" GB"));
    memory->setSpecialValueText(tr("a quarter of the memory (%1)").arg(text(printBytes(defaultCaptureBudget()))));
    memory->setKeyboardTracking(false);
    memory->setValue(static_cast<double>(m_settings.captureBudget) / 1e9);
    memory->setAccessibleName(tr("Memory for runs"));
    connect(memory, &QDoubleSpinBox::valueChanged, this, [this](double gigabytes) {
        m_settings.captureBudget = static_cast<qint64>(gigabytes * 1e9);
        Q_EMIT changed(m_settings);
    });
    form->addRow(tr("Memory for runs"), memory);

    auto* restore = new QCheckBox(tr("Open with the screen of the last time"), this);
    restore->setChecked(m_settings.restoreScreen);
    connect(restore, &QCheckBox::toggled, this, [this](bool on) {
        m_settings.restoreScreen = on;
        Q_EMIT changed(m_settings);
    });
    form->addRow(QString(), restore);

    auto* folder = new QLabel(text(modelsFolder().string()), this);
    folder->setTextInteractionFlags(Qt::TextSelectableByMouse);
    folder->setWordWrap(true);
    form->addRow(tr("Models folder"), folder);
    auto* own = new QLabel(configFolder(), this);
    own->setTextInteractionFlags(Qt::TextSelectableByMouse);
    own->setWordWrap(true);
    form->addRow(tr("Settings folder"), own);
}

QWidget* SettingsWindow::keysPage() {
    auto* page = new QWidget(this);
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(8, 8, 8, 8);
    layout->addWidget(new QLabel(tr("Double-click a key to change it."), page));
    m_keys = new QTableWidget(static_cast<int>(keyTable().size()), 2, page);
    m_keys->setAccessibleName(tr("Keys"));
    m_keys->setHorizontalHeaderLabels({tr("What it does"), tr("Keys")});
    m_keys->verticalHeader()->hide();
    m_keys->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_keys->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_keys->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    connect(m_keys, &QTableWidget::cellActivated, this, &SettingsWindow::editKey);
    connect(m_keys, &QTableWidget::cellDoubleClicked, this, &SettingsWindow::editKey);
    layout->addWidget(m_keys);
    auto* defaults = new QPushButton(tr("All keys as they were"), page);
    connect(defaults, &QPushButton::clicked, this, [this] {
        m_settings.keys.clear();
        fillKeys();
        Q_EMIT changed(m_settings);
    });
    layout->addWidget(defaults, 0, Qt::AlignLeft);
    fillKeys();
    return page;
}

void SettingsWindow::fillKeys() {
    for (int row = 0; row < m_keys->rowCount(); ++row) {
        const KeyRow& key = keyTable()[static_cast<std::size_t>(row)];
        m_keys->setItem(row, 0, new QTableWidgetItem(QCoreApplication::translate("Keys", key.title)));
        m_keys->setItem(row, 1, new QTableWidgetItem(shownKeys(keysOf(key, m_settings.keys))));
    }
}

// A field in the cell takes the next key that is pressed; a key that another action had is taken from it.
void SettingsWindow::editKey(int row) {
    auto* edit = new QKeySequenceEdit(m_keys);
    edit->setAccessibleName(tr("Press the new key"));
    m_keys->setCellWidget(row, 1, edit);
    edit->setFocus();
    connect(edit, &QKeySequenceEdit::editingFinished, this, [this, edit, row] {
        const QKeySequence key = edit->keySequence();
        const QString id = QString::fromLatin1(keyTable()[static_cast<std::size_t>(row)].id);
        if (!key.isEmpty()) {
            if (const KeyRow* owner = ownerOf(key, m_settings.keys); owner && id != QLatin1String(owner->id)) {
                QStringList rest;
                for (const QKeySequence& other : keysOf(*owner, m_settings.keys)) {
                    if (other != key) rest.append(other.toString(QKeySequence::PortableText));
                }
                m_settings.keys[QString::fromLatin1(owner->id)] = rest.join(QStringLiteral("; "));
            }
            m_settings.keys[id] = key.toString(QKeySequence::PortableText);
        }
        QMetaObject::invokeMethod(
            this,
            [this, row] {
                m_keys->removeCellWidget(row, 1);
                fillKeys();
            },
            Qt::QueuedConnection);
        Q_EMIT changed(m_settings);
    });
}

}  // namespace lw

#include "app/tokenizers.h"

#include <QDir>
#include <QFileInfo>

#include "core/load.h"
#include "core/text/bundled_tokenizers.h"

namespace lw {

Tokenizers::Tokenizers(QObject* parent) : QObject(parent) {}

void Tokenizers::want() {
    if (std::exchange(m_wanted, true)) return;
    Rows rows;
    for (const BundledTokenizer& one : bundledTokenizers())
        rows.push_back({.name = std::string(one.name), .what = std::string(one.what)});
    m_shelf.set(rows, false);
    m_reading.start(
        [rows](const Job& job) -> Result<Rows> {
            Rows read = rows;
            for (ShelvedTokenizer& row : read) {
                if (job.cancelled()) return cancelledError();
                auto tokenizer = loadTokenizer(row.name);
                if (tokenizer) {
                    row.tokenizer = *tokenizer;
                } else {
                    row.problem = tokenizer.error().message;
                }
            }
            return read;
        },
        [this, bundled = rows.size()](Result<Rows> read) {
            if (!read) return;
            // What was opened meanwhile stands before the bundled ones.
            Rows all(m_shelf.rows().begin(), m_shelf.rows().end() - static_cast<std::ptrdiff_t>(bundled));
            all.insert(all.end(), read->begin(), read->end());
            m_shelf.set(std::move(all), true);
        });
}

void Tokenizers::shelve(ShelvedTokenizer made) {
    want();
    Rows rows = m_shelf.rows();
    rows.insert(rows.begin(), std::move(made));
    m_shelf.set(std::move(rows), m_shelf.complete());
}

void Tokenizers::open(const QString& path) {
    want();
    m_opening.start(
        [path](const Job&) -> Result<ShelvedTokenizer> {
            auto tokenizer = loadTokenizer(path.toStdString());
            if (!tokenizer) return tl::unexpected(tokenizer.error());
            const QFileInfo file(path);
            // Most are called tokenizer.json: the folder says whose it is.
            const QString name =
                file.fileName() == QLatin1String("tokenizer.json") ? file.absoluteDir().dirName() : file.fileName();
            return ShelvedTokenizer{.name = name.toStdString(), .what = path.toStdString(), .tokenizer = *tokenizer};
        },
        [this](Result<ShelvedTokenizer> opened) {
            if (!opened) {
                Q_EMIT failed(opened.error());
                return;
            }
            Rows rows = m_shelf.rows();
            std::erase_if(rows, [&](const ShelvedTokenizer& row) { return row.what == opened->what; });  // opened again
            rows.insert(rows.begin(), *opened);
            m_shelf.set(std::move(rows), m_shelf.complete());
        });
}

}  // namespace lw

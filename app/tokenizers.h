// Tokenizers: those that come with the program and those that the person opened, read in the background when they are first
// asked for.
#pragma once

#include <QObject>
#include <QString>

#include "core/base/result.h"
#include "widgets/shared/latest_job.h"
#include "widgets/tokenizer_shelf.h"

namespace lw {

class Tokenizers : public QObject {
    Q_OBJECT
public:
    explicit Tokenizers(QObject* parent = nullptr);
    const TokenizerShelf* shelf() const { return &m_shelf; }
    /// Puts one first on the shelf that was made here and not read.
    void shelve(ShelvedTokenizer made);

public Q_SLOTS:
    void want();
    /// A tokenizer's file, a model's folder or file: put first on the shelf. What cannot be read is failed().
    void open(const QString& path);

Q_SIGNALS:
    void failed(const lw::Error& error);

private:
    using Rows = std::vector<ShelvedTokenizer>;
    TokenizerShelf m_shelf;
    bool m_wanted = false;
    LatestJob<Rows> m_reading{picturePool()};
    LatestJob<ShelvedTokenizer> m_opening{picturePool()};
};

}  // namespace lw

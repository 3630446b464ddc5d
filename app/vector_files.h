// Word vectors: those that come with the program and those that the person opened, read in the background when they are first
// asked for.
#pragma once

#include <QObject>
#include <QString>

#include "core/base/result.h"
#include "widgets/shared/latest_job.h"
#include "widgets/word_vectors.h"

namespace lw {

class VectorFiles : public QObject {
    Q_OBJECT
public:
    explicit VectorFiles(QObject* parent = nullptr);
    const WordVectors* facts() const { return &m_facts; }

public Q_SLOTS:
    void want();
    /// Text (GloVe's or word2vec's) or word2vec's binary form: put first. What cannot be read is failed().
    void open(const QString& path);

Q_SIGNALS:
    void failed(const lw::Error& error);

private:
    WordVectors m_facts;
    bool m_wanted = false;
    LatestJob<VectorTable> m_reading{picturePool()};
    LatestJob<VectorTable> m_opening{picturePool()};
};

}  // namespace lw

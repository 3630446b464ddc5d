// Word vectors that can be looked at beside the open model's own table. The window fills it when it is asked to
// (Intents::wantVectors) and when the person opens a file; views read it and hear when it has changed.
#pragma once

#include <QObject>

#include <memory>
#include <string>
#include <vector>

#include "core/tensor/weight.h"

namespace lw {

struct VectorTable {
    std::string name, what;                                           // for people: the file's name; where it comes from
    std::shared_ptr<const std::vector<std::string>> words = nullptr;  // null while it is being read, or if it cannot be
    Weight rows = {};                                                 // [words, D]
    std::string problem = {};                                         // why it cannot be; empty otherwise
};

class WordVectors : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    const std::vector<VectorTable>& tables() const { return m_tables; }
    bool complete() const { return m_complete; }  // nothing is being read any more
    void set(std::vector<VectorTable> tables, bool complete) {
        m_tables = std::move(tables);
        m_complete = complete;
        Q_EMIT changed();
    }

Q_SIGNALS:
    void changed();

private:
    std::vector<VectorTable> m_tables;
    bool m_complete = false;
};

}  // namespace lw

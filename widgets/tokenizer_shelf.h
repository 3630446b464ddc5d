// The tokenizers that a text can be laid through side by side. The window fills it when it is asked to (Intents::wantTokenizers)
// and when the person opens another; views read it and hear when it has changed.
#pragma once

#include <QObject>

#include <memory>
#include <string>
#include <vector>

#include "core/text/tokenizer.h"

namespace lw {

struct ShelvedTokenizer {
    std::string name, what;                                // for people
    std::shared_ptr<const Tokenizer> tokenizer = nullptr;  // null while it is being read, or if it cannot be
    std::string problem = {};                              // why it cannot be; empty otherwise
};

class TokenizerShelf : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    const std::vector<ShelvedTokenizer>& rows() const { return m_rows; }
    bool complete() const { return m_complete; }  // nothing is being read any more
    void set(std::vector<ShelvedTokenizer> rows, bool complete) {
        m_rows = std::move(rows);
        m_complete = complete;
        Q_EMIT changed();
    }

Q_SIGNALS:
    void changed();

private:
    std::vector<ShelvedTokenizer> m_rows;
    bool m_complete = false;
};

}  // namespace lw

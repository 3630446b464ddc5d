// What several models make of the shown text, for the view that lays them beside one another. The workspace fills it while it
// is asked for (Intents::readWith); views read it and hear when it has changed.
#pragma once

#include <QObject>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/analysis/reading.h"
#include "core/analysis/state_gradients.h"

namespace lw {

// One model that reads along.
struct ReadingRow {
    std::string asked;  // what it was chosen by: a bundled model's name, or a path
    std::string name;   // for people
    std::string architecture = {};
    std::int64_t parameters = 0;
    bool open = false;                                          // it is the model that the other views show
    std::shared_ptr<const Reading> reading = nullptr;           // null until it has been read
    std::shared_ptr<const StateGradients> gradients = nullptr;  // if they were asked for, of a model that carries a state
    std::string gradientProblem = {};                           // why there are no gradients, though a layer carries a state
    std::string problem = {};                                   // why it cannot be; empty otherwise
};

// A model that can be chosen.
struct OfferedModel {
    std::string asked, name, what;
};

struct ReadingFacts {
    std::vector<Token> columns;  // the open model's tokens, by the bytes of the text: what the rows are aligned to
    std::vector<ReadingRow> rows;
    std::vector<OfferedModel> offers;
    std::int64_t gradientsAt = -1;  // bytes of the text read at the place whose gradients were asked for; −1: they were not
    bool complete = false;          // nothing is being read any more
};

class Readings : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    const ReadingFacts& facts() const { return m_facts; }
    void set(ReadingFacts facts) {
        m_facts = std::move(facts);
        Q_EMIT changed();
    }

Q_SIGNALS:
    void changed();

private:
    ReadingFacts m_facts;
};

}  // namespace lw

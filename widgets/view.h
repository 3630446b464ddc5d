// What a view is: it gets facts (Shown), listens to the Selection, paints pictures, and asks through Intents.
#pragma once

#include <QJsonObject>
#include <QString>
#include <QWidget>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/generate/run_tree.h"
#include "core/models/model.h"
#include "core/text/tokenizer.h"
#include "core/trace/trace.h"
#include "widgets/shared/format.h"
#include "widgets/shared/intents.h"
#include "widgets/shared/palette.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/selection.h"

namespace lw {

// One run at one node of its tree: everything a view may read. Constant and shared.
struct Shown {
    std::shared_ptr<const Model> model;
    std::shared_ptr<const Tokenizer> tokenizer;  // may be null (ids only)
    std::string modelName, fingerprint;
    std::string text = {};  // what was run and what was generated since, as UTF-8; empty without tokenizer
    std::shared_ptr<const Trace> trace;
    RunNodePtr node;  // where in the tree
    RunNodePtr root;
    std::vector<RunNodePtr> leaves;   // tips of all branches of this tree, oldest first
    int promptLength = 0;             // tokens of the prompt; later ones were generated
    std::vector<std::string> pieces;  // visible text of each token of the trace (visiblePiece)
    std::vector<TokenId> ends;
    SamplingSettings sampling;
    InformationUnit unit = InformationUnit::Nats;
    std::map<const RunNode*, std::string> names = {};  // what the person called a branch, by the node it ends in
    /// Visible text of any token id.
    std::string piece(TokenId id) const;
};
using ShownPtr = std::shared_ptr<const Shown>;

// A pinned for comparison: a run and the place that was selected in it.
struct Pinned {
    ShownPtr shown;
    Locus place;
    std::string name;  // "A: L3 H5 q7 · step 2"
};
enum class CompareMode { Beside, Difference };  // Beside: the stage shows two views; Difference: the view shows B − A

class Readings;        // widgets/readings.h
class TokenizerShelf;  // widgets/tokenizer_shelf.h
class Workshop;        // widgets/workshop.h
class WordVectors;     // widgets/word_vectors.h
class SecondText;      // widgets/second_text.h

struct ViewServices {
    Selection* selection = nullptr;
    Intents* intents = nullptr;
    const Look* look = nullptr;
    const Readings* readings = nullptr;          // may be null: nobody reads along
    const TokenizerShelf* tokenizers = nullptr;  // may be null: only the open model's
    const Workshop* workshop = nullptr;          // may be null: nothing is learned or counted
    const WordVectors* vectors = nullptr;        // may be null: only the open model's table
    const SecondText* second = nullptr;          // may be null: no second text
};

class View : public QWidget {
    Q_OBJECT
public:
    View(ViewServices services, QWidget* parent);

    /// New facts (never null once called with a run; null while nothing has been run yet: show the empty state).
    void setShown(ShownPtr shown);
    /// Difference mode: the view draws B − A; null = plain.
    void setDifference(std::shared_ptr<const Pinned> a);
    const ShownPtr& shown() const { return m_shown; }
    const std::shared_ptr<const Pinned>& difference() const { return m_difference; }

    /// The picture as exported (the whole view, not only what scrolls into sight).
    virtual Picture exportPicture() const = 0;
    virtual QJsonObject saveState() const { return {}; }
    virtual void restoreState(const QJsonObject&) {}
    /// Nothing is being computed: a screenshot may be taken.
    virtual bool complete() const { return true; }

Q_SIGNALS:
    void completed();     // complete() became true
    void stateChanged();  // something saveState() holds changed by the person (for undo)

protected:
    virtual void shownChanged() = 0;                    // facts or difference changed
    virtual void placeChanged(const Locus& place) = 0;  // the selected place changed
    virtual void lookChanged() { update(); }            // theme, size, projector
    const ViewServices& services() const { return m_services; }
    void changeEvent(QEvent*) override;

private:
    ViewServices m_services;
    ShownPtr m_shown;
    std::shared_ptr<const Pinned> m_difference;
};

}  // namespace lw

// What a person can ask for from inside a view. Views emit; the workspace answers. Facts come back through setShown.
#pragma once

#include <QObject>
#include <QStringList>

#include <string>
#include <vector>

#include "core/generate/run_tree.h"
#include "core/trace/locus.h"

namespace lw {

// Tokens to be hung into the tree after a node, and what the path shall be called that ends with them.
struct PathWish {
    std::vector<TokenId> ids;
    std::string name;  // where it has none yet; empty: none
};

class Intents : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;

Q_SIGNALS:
    void forceToken(int id);         // a step with this token
    void roll();                     // a step by the dice, with the current settings
    void greedy();                   // a step with the most probable token
    void goTo(lw::RunNodePtr node);  // rewind, or walk to another branch
    void setSampling(lw::SamplingSettings settings);
    void keepPaths(lw::RunNodePtr from, const std::vector<lw::PathWish>& paths);  // branches of the tree; the first is shown
    void openView(const QString& id);
    void check(const lw::Locus& place, bool wholeRun);  // the inspector's Check
    void pin();                                         // C: pin A / unpin
    void exportView();
    void openModel();
    void wantTokenizers();                     // those at hand, to lay beside one another
    void openTokenizer();                      // ask for another tokenizer's file
    void useModel(const QString& nameOrPath);  // open this one; text, place and views stay
    void step();                               // a step by the settings, as the key → does at the end
    void readGradients(qint64 bytes);          // of the states, where so many bytes of the text are read; −1: no more
    void readWith(const QStringList& models);  // the shown text by these models too (names or paths; none = those at hand)
    void setPrompt(const QString& text);
    void nameBranch(lw::RunNodePtr node, const QString& name);  // the path that ends here; empty: no name

    void learnTokenizer(const QString& text, int vocabulary);  // byte pairs from this text, in the background
    void learnTokenizerFromFile(int vocabulary);               // from a file that the person is asked for
    void pauseLearning(bool pause);                            // between two merges
    void stepLearning();                                       // one merge while paused
    void stopLearning();                                       // what was learned so far stays
    void saveLearned();                                        // as tokenizer.json
    void countFile(const QString& path);                       // a file's tokens, by the tokenizers at hand
    void stopCounting();
    void wantVectors();                    // word vectors that come with the program
    void openVectors();                    // ask for a file of word vectors
    void readSecond(const QString& text);  // this text too by the open model, all of it captured; empty: no more
};

}  // namespace lw

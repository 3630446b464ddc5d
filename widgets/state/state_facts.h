// What the state view shows of one layer: what a head's memory said at every position, the gates that ruled it, and at one
// position the step term by term, what becomes of the value that it wrote, and the effective attention. Computed in the
// background from a const Trace. Qt-free.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/analysis/state_terms.h"
#include "core/base/job.h"
#include "core/models/model.h"
#include "core/trace/locus.h"
#include "core/trace/trace.h"

namespace lw {

inline constexpr int largestEffectiveMatrix = 64;  // tokens

// One gate over the text. Values are as they act: a decay as what is left, not as its logarithm.
struct GateStrip {
    SiteId site = SiteId::MixerBeta;
    std::string symbol;          // "β"
    const char* name = "";       // "write": to be translated in the context State
    bool exponential = false;    // the site holds the logarithm of what is shown
    bool sharedByHeads = false;  // a column of the site is a head
    double high = 1;             // the scale is 0 … high
    Matrix values;               // [T, n]: n = 1 where the head has one number
};

// What a token gives the scan beside its input: B says where it writes, C what it reads with. Columns are the states.
struct StateVector {
    SiteId site = SiteId::SsmB;
    std::string symbol;     // "B"
    const char* name = "";  // "written at": to be translated in the context State
    int firstUnit = 0;      // column of the site where this head's begin
    double limit = 0;       // largest |number|
    Matrix values = {};     // [T, N]
};

// The same for every position of the text.
struct HeadOverText {
    SiteId heatSite = SiteId::MixerRecurrenceOut;
    Matrix heat;        // [T, n]: the state itself (cells), or what the head reads out of it
    double limit = 0;   // largest |heat|
    bool read = false;  // heat is what is read
    std::vector<GateStrip> gates;
    std::vector<StateVector> vectors;  // Mamba, Mamba-2
};

struct StatePlace {
    Layer layer;
    Head head;
    Position position;
    std::optional<int> channel;  // of a scan: whose effective attention is shown; none: where the step wrote most
    friend bool operator==(const StatePlace&, const StatePlace&) = default;
};

struct StateFacts {
    std::shared_ptr<const Trace> trace;
    StatePlace place;
    MixerInfo mixer;
    std::shared_ptr<const Matrix> sizes;  // [T, heads] (one column where there are no heads): Frobenius norm of the state
    std::shared_ptr<const HeadOverText> text;

    std::optional<StateTerms> terms;
    std::string termsFailure;
    double scale = 0;          // largest |number| of kept, erased, written and after
    double readScale = 0;      // largest |number| of what is read
    bool lessA = false;        // the terms, the state and what is read are B − A
    std::string lessAFailure;  // why they are not, though it was asked for
    double difference = 0;     // largest |kept − erased + written − after| (a plain RNN: of the tanh of the sum)

    std::vector<double> survival;  // by distance, 1 first
    std::string survivalFailure;
    std::optional<double> halfLife;  // tokens; none if it stays over ½ to the end

    int channel = 0;      // of a scan
    RowVector effective;  // [T]; empty if there is none
    std::string effectiveFailure;
    std::shared_ptr<const Matrix> effectiveMatrix;  // [T, T] for texts of at most 64 tokens
};

// The step that is taken off (A).
struct StateOfA {
    std::shared_ptr<const Trace> trace;
    std::shared_ptr<const Model> model;
    StatePlace place;
    friend bool operator==(const StateOfA&, const StateOfA&) = default;
};

struct StateRequest {
    std::shared_ptr<const Trace> trace;
    std::shared_ptr<const Model> model;
    StatePlace place;
    std::optional<StateFacts> kept = {};  // an answer for the same run: what does not change is taken over
    std::optional<StateOfA> a = {};       // the step is shown as B − A, where A's memory has the same shape
};
/// Fails: the layer has no state (attention); Cancelled. What one part cannot show stands in its …Failure.
Result<StateFacts> stateFacts(const StateRequest& request, const Job& job = {});

/// Where a falling curve of shares first crosses ½, between two tokens along the straight line.
std::optional<double> halfLifeOf(const std::vector<double>& survival);

/// The nearest layer that carries a state, the earlier of two; nullopt if there is none.
std::optional<Layer> nearestWithState(const ModelInfo& model, Layer wanted);

// One number of the state: of a cell the column is its unit and the row 0.
struct StateCell {
    int row = 0, column = 0;
    friend bool operator==(const StateCell&, const StateCell&) = default;
};
/// Where the step wrote most.
StateCell strongestWrite(const StateTerms& terms);
/// The cell that a place names, as far as it names one; else where the step wrote most.
StateCell chosenCell(const StateFacts& facts, const Locus& place);

}  // namespace lw

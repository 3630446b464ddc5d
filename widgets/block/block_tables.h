// The right half of the block's picture: the strongest neurons (or a mixer's channels) with the words they promote, the experts
// that run, and the heads with what they read.
#pragma once

#include "widgets/block/block_picture.h"

namespace lw {

// What is listed by how long a step it adds to the stream.
struct StepTable {
    std::string caption;
    std::string index, pre, linear, value;  // heads of the columns; linear empty: there is no such factor
    SiteId preSite, linearSite;             // where the factors are found
    std::optional<SiteId> valueSite;        // empty: the value is no captured number, its row leads to the first factor
    Ink ink;
    std::string letter, name;  // "N" for L3N41, and the data's name
    const std::vector<NeuronPart>* parts = nullptr;
    const char* says;  // "neuron %1: m = %2, promotes %3; adds a step of %4", and with "pushes down" for negative values
    const char* saysDown;
};
StepTable neuronTable(const BlockInput& input, const Say& say);
StepTable channelTable(const BlockInput& input, const Say& say);

/// Draws the table into the area; gives the bottom of the last row.
double addStepTable(Picture& picture, const BlockInput& input, const StepTable& table, Rect area, const Say& say);
/// Draws the experts that run, with their weights; gives the bottom of the last row.
double addExpertTable(Picture& picture, const BlockInput& input, Rect area, const Say& say);
/// Draws the heads of attention or of a memory into the area: as many as fit, the strongest ones.
void addHeadTable(Picture& picture, const BlockInput& input, Rect area, const Say& say);

}  // namespace lw

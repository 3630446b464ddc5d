// The heading and the switches of the attention view as pictures. Qt-free.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "widgets/attention/attention_facts.h"
#include "widgets/attention/head_grid_picture.h"
#include "widgets/shared/picture.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/say.h"

namespace lw {

enum class AttentionForm { Cells, Reads, ReadBy };  // the large picture: the matrix, or the text shaded

std::string_view quantityId(AttentionQuantity quantity);  // "scores", "weights", "weighted-values"
std::string_view formId(AttentionForm form);              // "matrix", "reads", "read-by"
std::optional<AttentionQuantity> quantityFromId(std::string_view id);
std::optional<AttentionForm> formFromId(std::string_view id);
std::optional<HeadOrder> orderFromId(std::string_view id);

struct ControlsInput {
    AttentionQuantity quantity = AttentionQuantity::Weights;
    AttentionForm form = AttentionForm::Cells;
    bool canWeighValues = true;  // hook_v was captured
    bool zoomable = false;       // the text is longer than what the matrix shows, or has been zoomed
    double width = 0;
    Say say = sayEnglish;
};
// Pills of one kind, for a menu too.
std::vector<Pill> quantityPills(const ControlsInput& input);
std::vector<Pill> formPills(const ControlsInput& input);
/// Actions: "quantity:…", "form:…", "zoom:in", "zoom:out"; where there is no room for all, "menu:quantity" and "menu:form".
Picture controlsPicture(const ControlsInput& input);

/// What stands over the grid: its name, the order's pill (action "order"), and under them a note on what the thumbnails show.
Picture gridHeadPicture(const std::string& note, HeadOrder order, bool ordering, double width, const Say& say);
inline constexpr double gridHeadHeight = 40;
/// Width that the switches need without the zoom.
double controlsWidth(const ControlsInput& input);

}  // namespace lw

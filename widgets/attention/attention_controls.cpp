#include "widgets/attention/attention_controls.h"

#include <algorithm>

#include "widgets/shared/picture_parts.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

std::string_view quantityId(AttentionQuantity quantity) {
    switch (quantity) {
        case AttentionQuantity::Scores:
            return "scores";
        case AttentionQuantity::Weights:
            return "weights";
        case AttentionQuantity::WeightedValues:
            return "weighted-values";
    }
    return {};
}

std::string_view formId(AttentionForm form) {
    switch (form) {
        case AttentionForm::Cells:
            return "matrix";
        case AttentionForm::Reads:
            return "reads";
        case AttentionForm::ReadBy:
            return "read-by";
    }
    return {};
}

std::optional<AttentionQuantity> quantityFromId(std::string_view id) {
    for (auto q : {AttentionQuantity::Scores, AttentionQuantity::Weights, AttentionQuantity::WeightedValues}) {
        if (quantityId(q) == id) return q;
    }
    return std::nullopt;
}

std::optional<AttentionForm> formFromId(std::string_view id) {
    for (auto f : {AttentionForm::Cells, AttentionForm::Reads, AttentionForm::ReadBy}) {
        if (formId(f) == id) return f;
    }
    return std::nullopt;
}

std::optional<HeadOrder> orderFromId(std::string_view id) {
    for (HeadOrder order : allHeadOrders) {
        if (headOrderId(order) == id) return order;
    }
    return std::nullopt;
}

std::vector<Pill> quantityPills(const ControlsInput& in) {
    const auto pill = [&](AttentionQuantity q, const char* text, const char* says) {
        return Pill{in.say(text), "quantity:" + std::string(quantityId(q)), in.quantity == q, in.say(says)};
    };
    std::vector<Pill> pills = {pill(AttentionQuantity::Weights, QT_TRANSLATE_NOOP("Attention", "weights"),
                                    QT_TRANSLATE_NOOP("Attention", "show the weights: softmax of the scores")),
                               pill(AttentionQuantity::Scores, QT_TRANSLATE_NOOP("Attention", "scores"),
                                    QT_TRANSLATE_NOOP("Attention", "show the scores: scaled q·k before the softmax"))};
    if (in.canWeighValues) {
        pills.push_back(pill(AttentionQuantity::WeightedValues, QT_TRANSLATE_NOOP("Attention", "weights × |v|"),
                             QT_TRANSLATE_NOOP("Attention", "show each weight times the length of the value it lets through")));
    }
    return pills;
}

std::vector<Pill> formPills(const ControlsInput& in) {
    const auto pill = [&](AttentionForm f, const char* text, const char* says) {
        return Pill{in.say(text), "form:" + std::string(formId(f)), in.form == f, in.say(says)};
    };
    return {pill(AttentionForm::Cells, QT_TRANSLATE_NOOP("Attention", "matrix"),
                 QT_TRANSLATE_NOOP("Attention", "show the query × key matrix")),
            pill(AttentionForm::Reads, QT_TRANSLATE_NOOP("Attention", "reads"),
                 QT_TRANSLATE_NOOP("Attention", "shade the text by what the chosen query reads")),
            pill(AttentionForm::ReadBy, QT_TRANSLATE_NOOP("Attention", "read by"),
                 QT_TRANSLATE_NOOP("Attention", "shade the text by who reads the chosen key"))};
}

double controlsWidth(const ControlsInput& in) { return pillsWidth(quantityPills(in)) + 14 + pillsWidth(formPills(in)) + 4; }

Picture controlsPicture(const ControlsInput& in) {
    Picture picture;
    picture.width = in.width;
    picture.height = pillHeight + 2;
    double x = 0;
    if (in.form == AttentionForm::Cells && controlsWidth(in) > in.width) {
        const auto menu = [](const std::vector<Pill>& pills, const char* action) {
            for (const Pill& pill : pills) {
                if (pill.on) return Pill{pill.text + " ▾", action, false, pill.says};
            }
            return Pill{};
        };
        addPills(picture, 1, 1, {menu(quantityPills(in), "menu:quantity"), menu(formPills(in), "menu:form")});
        return picture;
    }
    // The text is always shaded by weights.
    if (in.form == AttentionForm::Cells) x = addPills(picture, 1, 1, quantityPills(in)) + 12;
    const std::vector<Pill> forms = formPills(in);
    if (in.form == AttentionForm::Cells && in.zoomable) {
        const std::vector<Pill> zoom = {
            {"−", "zoom:out", false, in.say(QT_TRANSLATE_NOOP("Attention", "show more positions"))},
            {"+", "zoom:in", false, in.say(QT_TRANSLATE_NOOP("Attention", "show fewer positions, larger"))}};
        if (x + pillsWidth(zoom) + 12 + pillsWidth(forms) < in.width) x = addPills(picture, x, 1, zoom) + 12;
    }
    addPills(picture, std::max(x, in.width - pillsWidth(forms) - 2), 1, forms);
    return picture;
}

Picture gridHeadPicture(const std::string& note, HeadOrder order, bool ordering, double width, const Say& say) {
    Picture picture;
    picture.width = width;
    picture.height = gridHeadHeight - 2;
    const std::vector<Pill> pills = {{headOrderName(order, say) + (ordering ? " …" : " ▾"), "order", false,
                                      say(QT_TRANSLATE_NOOP("Attention", "choose how the heads are ordered"))}};
    const double wide = pillsWidth(pills);
    addCaption(picture, {0, 1, std::max(20.0, width - wide - 10), pillHeight}, say(QT_TRANSLATE_NOOP("Attention", "all heads")));
    addPills(picture, width - wide - 2, 1, pills);
    picture.label({.rect = {0, pillHeight + 2, width, 12}, .text = note, .size = TypeSize::Small, .colour = Ink::Muted});
    return picture;
}

}  // namespace lw

#include "widgets/generation/tree_picture.h"

#include <algorithm>
#include <cmath>

#include "widgets/generation/choice_words.h"
#include "widgets/shared/format.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/translate_noop.h"

namespace lw {
namespace {

std::string textOf(const TreeInput& in, const RunNode& node) { return node.parent() ? in.piece(node.choice().id) : in.prompt; }

// What stands over a node: its branch's name, and its probability.
std::string nameOf(const TreeInput& in, const RunNode& node) {
    const auto found = in.names.find(&node);
    return found == in.names.end() ? std::string() : found->second;
}
std::string probabilityOf(const RunNode& node) {
    const Choice& choice = node.choice();
    return printProbability(choice.forced ? choice.rawProbability : choice.probability);
}
constexpr double widestName = 160;
double nameWidth(const std::string& name) {
    return name.empty() ? 0 : std::min(widestName, textWidth(name, TypeSize::Small, true) + 6);
}

std::string says(const TreeInput& in, const TreeNode& node, const Say& say) {
    if (node.parent < 0)
        return fill(say(QT_TRANSLATE_NOOP("Generation", "the prompt, %1 tokens")), {std::to_string(in.promptLength)});
    const Choice& choice = node.node->choice();
    std::string text =
        fill(say(QT_TRANSLATE_NOOP("Generation", "step %1: “%2” with probability %3 (%4 without temperature and filters)")),
             {std::to_string(node.depth), in.piece(choice.id), printProbability(choice.probability),
              printProbability(choice.rawProbability)});
    if (choice.kept)
        text += ", " + say(QT_TRANSLATE_NOOP("Generation", "kept with its path, a beam or a sampled text"));
    else if (choice.forced)
        text += ", " + say(QT_TRANSLATE_NOOP("Generation", "forced by you"));
    else if (!choice.draw)
        text += ", " + say(QT_TRANSLATE_NOOP("Generation", "taken as the most probable"));
    else
        text += ", " + fill(say(QT_TRANSLATE_NOOP("Generation", "the dice showed %1")), {printNumber(*choice.draw, 6)});
    if (const std::string name = nameOf(in, *node.node); !name.empty())
        text = fill(say(QT_TRANSLATE_NOOP("Generation", "branch “%1”, ")), {name}) + text;
    if (choice.nearEdge)
        text += "; " + say(QT_TRANSLATE_NOOP("Generation", "within 1e−5 of an edge: another machine might choose the neighbour"));
    return text;
}

// From a parent's right side to a child's left side: straight in its lane, else down beside the parent and across.
std::vector<Point> edgeBetween(const Rect& parent, const Rect& child) {
    const double from = parent.y + parent.h / 2, to = child.y + child.h / 2;
    if (std::abs(from - to) < 0.5) return {{parent.right(), from}, {child.x, to}};
    // the knee stands close to the child's column so that lanes of one parent share a stem
    const double knee = child.x - 14;
    std::vector<Point> points{{parent.right(), from}, {knee, from}};
    const double r = std::min(6.0, std::abs(to - from) / 2);
    points.push_back({knee, to - r});
    for (int i = 1; i <= 4; ++i) {
        const double angle = i * 3.14159265358979 / 8;
        points.push_back({knee + r * (1 - std::cos(angle)), to - r + r * std::sin(angle)});
    }
    points.push_back({child.x, to});
    return points;
}

}  // namespace

TreePicture treePicture(const TreeInput& in, const Say& say) {
    TreePicture result;
    TreeMetrics metrics;
    metrics.laneHeight = in.draws ? 54 : 42;
    metrics.nodeWidth = [&in](const RunNode& node) {
        const double token =
            std::clamp(textWidth(textOf(in, node), TypeSize::Body, true) + 20, 40.0, node.parent() ? 132.0 : 150.0);
        const std::string name = nameOf(in, node);
        return name.empty() ? token
                            : std::max(token, nameWidth(name) + textWidth(probabilityOf(node), TypeSize::Small, false, true));
    };
    result.layout = layoutTree(in.root, in.leaves, in.shown, metrics);
    Picture& picture = result.picture;
    picture.title = say(QT_TRANSLATE_NOOP("Generation", "Generation"));
    const auto& nodes = result.layout.nodes;
    DataTable table{
        .name = "generation",
        .columns = {"parent", "step", "id", "logit", "probability", "raw_probability", "draw", "forced", "kept", "near_edge"}};

    // edges first, those of the shown path over the others
    for (const bool path : {false, true}) {
        for (const TreeNode& node : nodes) {
            if (node.parent < 0 || node.onPath != path) continue;
            const TreeNode& parent = nodes[static_cast<std::size_t>(node.parent)];
            picture.stroke({.points = edgeBetween(parent.rect, node.rect),
                            .colour = path ? Ink::Muted : Ink::Line,
                            .width = path ? 2.0 : 1.25});
        }
    }
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const TreeNode& node = nodes[i];
        const Choice& choice = node.node->choice();
        const bool root = node.parent < 0;
        const int position = in.promptLength - 1 + node.depth;
        const bool framed = node.onPath && in.place.position && in.place.position->value == position && !node.isShown;
        const Colour fillColour = node.isShown ? Ink::SelectedFill : Ink::Panel;
        const Colour frame = node.isShown ? Ink::SelectedFrame : framed ? Ink::Accent : node.onPath ? Ink::Muted : Ink::Line;
        picture.box({.rect = node.rect,
                     .fill = fillColour,
                     .frame = frame,
                     .frameWidth = node.isShown || framed ? 1.5 : 1.0,
                     .radius = node.rect.h / 2,
                     .dashed = framed && !node.isShown});
        picture.label({.rect = {node.rect.x + 8, node.rect.y, node.rect.w - 16, node.rect.h},
                       .text = textOf(in, *node.node),
                       .size = TypeSize::Body,
                       .align = Align::Centre,
                       .colour = node.onPath ? Ink::Text : Ink::Muted,
                       .bold = node.isShown});
        const std::string name = nameOf(in, *node.node);
        const std::string over = root ? say(QT_TRANSLATE_NOOP("Generation", "prompt")) : probabilityOf(*node.node);
        const double named = nameWidth(name);
        if (!name.empty())
            picture.label({.rect = {node.rect.x, node.rect.y - 14, named, 13},
                           .text = name,
                           .size = TypeSize::Small,
                           .colour = Ink::Accent,
                           .bold = true});
        picture.label({.rect = name.empty() ? Rect{node.rect.x - 10, node.rect.y - 14, node.rect.w + 20, 13}
                                            : Rect{node.rect.x + named, node.rect.y - 14, node.rect.w - named, 13},
                       .text = over,
                       .size = TypeSize::Small,
                       .align = name.empty() ? Align::Centre : Align::Right,
                       .colour = Ink::Muted,
                       .mono = !root});
        if (!root && choice.nearEdge)
            picture.label({.rect = {node.rect.right() - 10, node.rect.y - 14, 24, 13},
                           .text = "≈!",
                           .size = TypeSize::Small,
                           .colour = Ink::Erased,
                           .bold = true});
        if (!root && in.draws)
            picture.label({.rect = {node.rect.x - 12, node.rect.bottom() + 1, node.rect.w + 24, 13},
                           .text = howChosen(choice, 3, say),
                           .size = TypeSize::Small,
                           .align = Align::Centre,
                           .colour = forcedByPerson(choice) ? Ink::Accent : Ink::Muted});
        Spot spot{.rect = node.rect, .says = says(in, node, say), .action = "node:" + std::to_string(i)};
        if (node.onPath) spot.place = {.step = Step(node.depth), .position = Position(position)};
        if (!root) spot.value = choice.probability;
        picture.spot(std::move(spot));
        table.rowNames.push_back(textOf(in, *node.node));
        const double none = std::nan("");
        table.rows.push_back({static_cast<double>(node.parent), static_cast<double>(node.depth), static_cast<double>(choice.id),
                              root ? none : choice.logit, root ? none : choice.probability, root ? none : choice.rawProbability,
                              choice.draw.value_or(none), choice.forced ? 1.0 : 0.0, choice.kept ? 1.0 : 0.0,
                              choice.nearEdge ? 1.0 : 0.0});
    }
    picture.width = result.layout.width + 2;
    picture.height = result.layout.height + (in.draws && nodes.size() > 1 ? 16 : 2);
    picture.tables.push_back(std::move(table));
    return result;
}

}  // namespace lw

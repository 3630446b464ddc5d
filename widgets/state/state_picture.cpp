#include "widgets/state/state_picture.h"

#include <string>

#include "widgets/shared/picture_parts.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/translate_noop.h"

namespace lw {

std::string memoryWords(const MixerInfo& m, const Say& say) {
    const std::string kind(mixerKindTitle(m.kind));
    if (m.isCell()) return kind + fill(say(QT_TRANSLATE_NOOP("State", " — the memory is %1 numbers")), {std::to_string(m.inner)});
    if (m.complexState)
        return kind + fill(say(QT_TRANSLATE_NOOP("State", " — the memory is %1 channels × %2 complex states")),
                           {std::to_string(m.inner), std::to_string(m.stateSize / 2)});
    if (m.isScan())
        return kind + fill(say(QT_TRANSLATE_NOOP("State", " — the memory is %1 channels × %2 states")),
                           {std::to_string(m.inner), std::to_string(m.stateSize)});
    return kind + fill(say(QT_TRANSLATE_NOOP("State", " — the memory of a head is a %1 × %2 matrix")),
                       {std::to_string(m.keyWidth), std::to_string(m.valueWidth)});
}

namespace {

/// The same where there is little room: "DeltaNet · 32 × 32".
std::string briefMemoryWords(const MixerInfo& m) {
    const auto by = [](int rows, int cols) { return std::to_string(rows) + " × " + std::to_string(cols); };
    return std::string(mixerKindTitle(m.kind)) + " · " +
           (m.isCell()   ? std::to_string(m.inner)
            : m.isScan() ? by(m.inner, m.complexState ? m.stateSize / 2 : m.stateSize)
                         : by(m.keyWidth, m.valueWidth));
}

}  // namespace

StateDrawing statePicture(const StateInput& in) {
    StateDrawing drawing;
    Picture& picture = drawing.picture;
    picture.width = in.width;
    const StatePlace& at = in.facts->place;
    const std::string layer = std::to_string(at.layer.value), position = std::to_string(at.position.value),
                      piece = pieceAt(in, at.position.value);
    const std::string title =
        in.facts->mixer.hasMatrixState()
            ? fill(in.say(QT_TRANSLATE_NOOP("State", "State of layer %1, head %2, at %3 “%4”")),
                   {layer, std::to_string(at.head.value), position, piece})
            : fill(in.say(QT_TRANSLATE_NOOP("State", "State of layer %1 at %2 “%3”")), {layer, position, piece});
    const std::vector<Pill> pills{
        {.text = in.say(QT_TRANSLATE_NOOP("State", "Agent’s memory")),
         .action = agentAction,
         .on = in.agent,
         .says = in.say(QT_TRANSLATE_NOOP("State", "what an agent does with its notebook, done by gates"))}};
    const double right = in.controls ? pillsWidth(pills) + 10 : 0;
    addHeading(picture, 0, 0, in.width - right, title, memoryWords(in.facts->mixer, in.say), briefMemoryWords(in.facts->mixer));
    if (in.controls) addPills(picture, in.width - pillsWidth(pills), 1, pills);
    double y = headingHeight;
    if (in.askedFor) {
        const std::string note = fill(
            in.say(QT_TRANSLATE_NOOP("State", "Layer %1 keeps every key and value instead; this is the nearest with a state.")),
            {std::to_string(in.askedFor->value)});
        const double width = std::min(in.width - 130, textWidth(note, TypeSize::Label) + 6);
        picture.label({.rect = {0, y, width, pillHeight}, .text = note, .size = TypeSize::Label, .colour = Ink::Muted});
        addPills(picture, width + 4, y,
                 {{.text = in.say(QT_TRANSLATE_NOOP("State", "See Attention")), .action = openAttentionAction}});
        y += pillHeight + 4;
    }
    if (!in.note.empty()) {
        picture.label({.rect = {0, y, in.width, 16}, .text = in.note, .size = TypeSize::Label, .colour = Ink::Muted});
        y += 18;
    }
    y = addStep(drawing, in, y);
    y = in.agent ? addAgent(drawing, in, y + 8) : addOverText(drawing, in, y + 4);
    picture.height = y + 2;
    return drawing;
}

}  // namespace lw

// What a view is given in tests: a run of a reference model as the window would show it, and the services around it.
#pragma once

#include <QTest>

#include "core/generate/run_tree.h"
#include "tests/core/models/zoo.h"
#include "widgets/shared/fonts.h"
#include "widgets/shared/picture_widget.h"
#include "widgets/view.h"

namespace lw::test {

struct Stage {
    Selection selection;
    Intents intents;
    Look look;
    Stage() {
        look.sans = sansFont();
        look.mono = monoFont();
    }
    ViewServices services() { return {&selection, &intents, &look}; }
};

/// A prompt of the zoo's expectations, and `steps` greedy tokens after it.
inline std::shared_ptr<Shown> zooShown(const std::string& name, const std::string& ids = "0.input_ids", int steps = 0) {
    auto loaded = openModel(zooPath(name));
    auto shown = std::make_shared<Shown>();
    const auto prompt = Reference(zooPath(name) + "/expected.safetensors").ids(ids);
    const CaptureSpec spec = CaptureSpec::all(loaded->model->info());
    auto node = root(*loaded->model, prompt, spec, 0, 0, false);
    if (!node) FAIL(node.error().message);
    shown->root = *node;
    for (int i = 0; i < steps; ++i) {
        node = step(*loaded->model, *node, spec, {.settings = {.greedy = true}, .forced = {}});
        if (!node) FAIL(node.error().message);
    }
    shown->model = loaded->model;
    shown->modelName = name;
    shown->node = *node;
    shown->leaves = {*node};
    shown->trace = traceTo(*node, loaded->model->sharedInfo(), spec);
    shown->promptLength = static_cast<int>(prompt.size());
    for (const TokenId id : shown->trace->ids()) shown->pieces.push_back(shown->piece(id));
    return shown;
}

inline bool waitComplete(const View& view) {
    return QTest::qWaitFor([&] { return view.complete(); }, 20000);
}

/// The picture widget of this accessible name.
inline PictureWidget* pictureWidget(const View& view, const QString& name) {
    for (PictureWidget* widget : view.findChildren<PictureWidget*>()) {
        if (widget->accessibleName() == name) return widget;
    }
    return nullptr;
}

/// A click in the middle of a spot.
inline void clickSpot(PictureWidget& widget, const Spot& spot) {
    QTest::mouseClick(widget.viewport(), Qt::LeftButton, {},
                      widget.toWidget(spot.rect.x + spot.rect.w / 2, spot.rect.y + spot.rect.h / 2));
}

template <class Wanted>
const Spot* findSpot(const PictureWidget& widget, Wanted wanted) {
    for (const Spot& spot : widget.picture().spots) {
        if (wanted(spot)) return &spot;
    }
    return nullptr;
}

inline bool saysAnywhere(const Picture& picture, const std::string& text) {
    for (const std::string& line : picture.texts()) {
        if (line.find(text) != std::string::npos) return true;
    }
    return false;
}

}  // namespace lw::test

// How to get a larger model, step by step, with the button that opens it.
#pragma once

#include <functional>

class QWidget;

namespace lw {

void showLargerModel(QWidget* window, std::function<void()> openFile);

}  // namespace lw

// About: what the program is, the bundled models with licence and source, the libraries it stands on.
#pragma once

class QWidget;

namespace lw {

/// Opens it beside the window; it can stay open.
void showAbout(QWidget* window);

}  // namespace lw

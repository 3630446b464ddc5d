// Pictures for assistive technology: the widget is a list, each spot a child with its sentence, value and a press action.
#pragma once

#include <QAccessible>

namespace lw {

class PictureWidget;

/// Once per program; further calls do nothing.
void installPictureAccessibility();
/// The picture of the widget is a new one.
void announcePicture(PictureWidget* widget);
void announceFocus(PictureWidget* widget, int spot);

}  // namespace lw

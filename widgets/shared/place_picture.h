// Lays one picture into another: how a view's export is put together from its parts.
#pragma once

#include <algorithm>
#include <utility>
#include <variant>

#include "widgets/shared/picture.h"

namespace lw {

/// Adds all of `part` with its left top corner at (x, y); `into` grows to hold it.
inline void placePicture(Picture& into, Picture part, double x, double y) {
    const auto move = [x, y](Rect& rect) {
        rect.x += x;
        rect.y += y;
    };
    for (PictureItem& item : part.items) {
        if (auto* stroke = std::get_if<Stroke>(&item)) {
            for (Point& point : stroke->points) point = {point.x + x, point.y + y};
        } else if (auto* box = std::get_if<Box>(&item)) {
            move(box->rect);
        } else if (auto* label = std::get_if<Label>(&item)) {
            move(label->rect);
        } else {
            move(std::get<Raster>(item).rect);
        }
        into.items.push_back(std::move(item));
    }
    for (Spot& spot : part.spots) {
        move(spot.rect);
        into.spots.push_back(std::move(spot));
    }
    for (DataTable& table : part.tables) into.tables.push_back(std::move(table));
    into.width = std::max(into.width, x + part.width);
    into.height = std::max(into.height, y + part.height);
}

}  // namespace lw

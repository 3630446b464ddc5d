// Which rows and columns of the lens table are shown, and where they stand.
#include <algorithm>
#include <cmath>
#include <vector>

#include "widgets/logit_lens/lens_table_parts.h"
#include "widgets/shared/text_width.h"

namespace lw {

namespace {
constexpr double narrowest = 36, easyWidth = 54, widest = 78, lowest = 15, easy = 20, highest = 40;
}

LensGeometry lensGeometry(const LensTableInput& in) {
    LensGeometry g;
    g.cellWidth = std::clamp((in.width - lensNameColumn - 3) / std::max(1, in.positions), 8.0, widest);
    g.cellHeight =
        std::clamp((in.height - lensHeadHeight - lensFootHeight) / std::max<double>(1, static_cast<double>(in.shownRows.size())),
                   8.0, highest);
    if (g.cellHeight > lowest) g.cellHeight = std::floor(g.cellHeight);
    return g;
}

int lensColumnsThatFit(double width, std::span<const std::string> pieces) {
    const double room = width - lensNameColumn - 3;
    const int length = std::max(1, static_cast<int>(pieces.size()));
    if (length * narrowest <= room) return length;
    // Where it scrolls anyway, four of five tokens are to be read whole.
    std::vector<double> widths;
    for (const std::string& piece : pieces) widths.push_back(textWidth(piece, TypeSize::Small) + 4);
    const auto at = widths.begin() + static_cast<std::ptrdiff_t>(widths.size() * 4 / 5);
    std::nth_element(widths.begin(), at, widths.end());
    return std::clamp(static_cast<int>(room / std::clamp(*at, narrowest, easyWidth)), 1, length);
}

int lensRowsCapacity(double height) { return std::max(2, static_cast<int>((height - lensHeadHeight - lensFootHeight) / lowest)); }

std::vector<int> lensRowsThatFit(int rows, double height, int selectedRow, bool all, int firstFromTop) {
    const int capacity = lensRowsCapacity(height);
    std::vector<int> shown;
    if (rows <= capacity) {
        for (int r = rows - 1; r >= 0; --r) shown.push_back(r);
        return shown;
    }
    if (all) {
        const int first = std::clamp(firstFromTop, 0, rows - capacity);
        for (int i = first; i < first + capacity; ++i) shown.push_back(rows - 1 - i);
        return shown;
    }
    // All states next to the output, where most is decided, then every step-th; the first and the selected one in any case.
    const int room = std::max(2, static_cast<int>((height - lensHeadHeight - lensFootHeight) / easy));
    for (int step = 2;; ++step) {
        for (int near = rows; near >= 1; --near) {
            shown.clear();
            for (int i = 0; i < rows; ++i) {
                const int r = rows - 1 - i;
                if (i < near || (i - near) % step == step - 1 || r == 0 || r == selectedRow) shown.push_back(r);
            }
            if (static_cast<int>(shown.size()) <= room || (near == 1 && step >= rows)) return shown;
            if (near > room + step) near = room + step;
        }
    }
}

}  // namespace lw

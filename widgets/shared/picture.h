// Picture: what a view paints, as plain data: boxes, labels, strokes, rasters, and the spots that can be pointed at.
// Qt-free, so that a picture is tested as numbers; one painter draws every picture on the screen, in SVG, PNG and PDF.
// Lengths are in logical pixels at 100 % font size; colours are roles of the palette or values of a colour map.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/trace/locus.h"

namespace lw {

enum class Ink {
    None,
    Ground,
    Panel,
    Line,
    Grid,
    Text,
    Muted,
    Faint,
    Accent,
    SelectedFill,
    SelectedFrame,
    Attention,
    FeedForward,
    Recurrent,
    Erased,
    Kept,
    Written,
    New,
    Read,
    Query,
    Key,
    Value
};
enum class ColourMap { Sequential, Diverging };

// A colour: a role, or a value of a map (sequential: 0…1, diverging: −1…1; clamped).
struct Colour {
    Ink ink = Ink::None;
    std::optional<ColourMap> map;
    double value = 0;
    double alpha = 1;
    Colour() = default;
    Colour(Ink i, double a = 1) : ink(i), alpha(a) {}  // NOLINT: a role is a colour
    static Colour mapped(ColourMap m, double v) {
        Colour c;
        c.map = m;
        c.value = v;
        return c;
    }
    friend bool operator==(const Colour&, const Colour&) = default;
};

struct Rect {
    double x = 0, y = 0, w = 0, h = 0;
    bool contains(double px, double py) const { return px >= x && px < x + w && py >= y && py < y + h; }
    double right() const { return x + w; }
    double bottom() const { return y + h; }
    friend bool operator==(const Rect&, const Rect&) = default;
};

struct Box {
    Rect rect = {};
    Colour fill = {};
    Colour frame = {};
    double frameWidth = 1;
    double radius = 0;
    bool dashed = false;
    friend bool operator==(const Box&, const Box&) = default;
};

enum class Align { Left, Centre, Right };
enum class TypeSize { Small, Label, Body, Title, Big };  // 10 / 11.5 / 13 / 16 / 30

struct Label {
    Rect rect = {};         // the text is centred vertically and elided at the right to fit
    std::string text = {};  // UTF-8, special characters already made visible
    TypeSize size = TypeSize::Body;
    Align align = Align::Left;
    Colour colour = Ink::Text;
    std::optional<Colour> on = {};  // stands on this fill: black or white, whichever contrasts more, instead of `colour`
    bool bold = false;
    bool mono = false;  // numbers that stand under each other
    double angle = 0;   // degrees, counter-clockwise about the rect's left bottom corner (45 for column heads)
    friend bool operator==(const Label&, const Label&) = default;
};

struct Point {
    double x = 0, y = 0;
    friend bool operator==(const Point&, const Point&) = default;
};
struct Stroke {
    std::vector<Point> points = {};
    Colour colour = Ink::Line;
    double width = 1;
    bool dashed = false;
    bool arrow = false;   // head at the last point
    bool closed = false;  // filled polygon with `fill`
    Colour fill = {};
    friend bool operator==(const Stroke&, const Stroke&) = default;
};

// A matrix of colours, nearest neighbour. Small ones (cells >= 5 px) are better drawn as boxes with gaps.
struct Raster {
    Rect rect = {};
    int rows = 0, cols = 0;
    std::vector<float> values = {};  // rows × cols, already scaled to the map's range; NaN = the panel's colour (masked)
    ColourMap map = ColourMap::Sequential;
    friend bool operator==(const Raster& a, const Raster& b);  // masked cells are equal to masked cells
};

using PictureItem = std::variant<Box, Label, Stroke, Raster>;

// Something that can be pointed at: hovering shows `says`, clicking selects `place`.
struct Spot {
    Rect rect = {};
    Locus place = {};       // the parts of the place that it sets
    std::string says = {};  // one line for the status bar and for screen readers: "query 7 “sat” reads key 2 “cat”: 0.4127"
    std::optional<double> value = {};  // the number it stands for, full precision
    std::string action = {};           // for what is no place ("force:123", "view:logit-lens"); empty otherwise
    bool raster = false;               // covers a raster of many cells; the view finds the cell itself
};

// The numbers behind a picture, for CSV and NPY.
struct DataTable {
    std::string name = {};                                // "pattern_L3_H5"
    std::vector<std::string> columns = {};                // heads
    std::vector<std::string> rowNames = {};               // may be empty
    std::vector<std::vector<double>> rows = {};           // numbers (NaN = empty cell)
    std::vector<std::vector<std::string>> textRows = {};  // used instead of rows for tables of words
};

struct Picture {
    double width = 0, height = 0;
    std::string title, subtitle;
    std::vector<PictureItem> items;  // painted in order
    std::vector<Spot> spots;         // later ones lie above earlier ones
    std::vector<DataTable> tables;

    void box(Box b) { items.emplace_back(std::move(b)); }
    void label(Label l) { items.emplace_back(std::move(l)); }
    void stroke(Stroke s) { items.emplace_back(std::move(s)); }
    void raster(Raster r) { items.emplace_back(std::move(r)); }
    void spot(Spot s) { spots.push_back(std::move(s)); }
    /// The uppermost spot at a point, or nullptr.
    const Spot* at(double x, double y) const;
    /// Every text in it, for tests ("does the picture say 0.4127?").
    std::vector<std::string> texts() const;
};

/// Whether both look the same (their spots and tables may differ).
bool sameDrawing(const Picture& a, const Picture& b);

}  // namespace lw

// What the logit lens view draws, from the readings that are there.
#include <algorithm>

#include "widgets/logit_lens/lens_cell_picture.h"
#include "widgets/logit_lens/lens_words.h"
#include "widgets/logit_lens/logit_lens_view.h"
#include "widgets/shared/picture_parts.h"
#include "widgets/shared/pills.h"
#include "widgets/shared/place_picture.h"

namespace lw {

namespace {
constexpr int margin = 14;
constexpr double roomyHeight = 470, curveHeadHeight = pillHeight + 20;
}  // namespace

Picture LogitLensView::headingPicture(double width, bool withSubtitle) const {
    Picture picture;
    picture.width = width;
    picture.height = headingHeight;
    std::string title = lensWords(QT_TRANSLATE_NOOP("LogitLens", "Logit lens")), subtitle;
    if (difference()) {
        title += lensWords(QT_TRANSLATE_NOOP("LogitLens", ": B − A"));
        subtitle = fill(lensWords(QT_TRANSLATE_NOOP("LogitLens", "probability of B's first token, minus what A gives it; %1")),
                        {difference()->name});
    } else {
        subtitle = lensWords(QT_TRANSLATE_NOOP(
            "LogitLens", "what each layer's stream would already say: final norm and unembedding of every state"));
    }
    addHeading(picture, 0, 0, width, title, withSubtitle ? subtitle : std::string());
    picture.subtitle = subtitle;
    return picture;
}

LensTableInput LogitLensView::tableInput(double width, double height) const {
    LensTableInput in;
    in.rows = m_columns->rows();
    in.firstPosition = m_firstPosition;
    in.positions = std::min(lensColumnsThatFit(width, shown()->pieces), shown()->trace->length() - m_firstPosition);
    in.pieces = shown()->pieces;
    in.column = [this](int p) { return m_columns->column(p); };
    in.token = m_token.value_or(-1);
    in.followed = [this](int p) { return m_columns->followed(p); };
    if (difference()) in.minus = [this](int p) { return m_columns->difference(p); };
    in.piece = [facts = shown()](TokenId id) { return facts->piece(id); };
    in.show = m_token ? m_show : LensShow::Top;
    in.vocabulary = shown()->trace->model().vocabulary;
    in.selectedRow = row();
    in.selectedPosition = position();
    in.promptLength = shown()->promptLength;
    in.unit = shown()->unit;
    in.width = width;
    in.height = height;
    in.say = lensWords;
    return in;
}

void LogitLensView::draw() {
    if (m_empty->isHidden() == !sentence().empty()) arrange();
    if (!sentence().empty()) return;
    updateScrollBars();
    m_heading->setPicture(headingPicture(m_heading->availableWidth(), height() / scale() >= roomyHeight));
    drawControls();
    const std::vector<int> shownRows = rowsShown();
    LensTableInput in = tableInput(m_table->availableWidth(), m_table->availableHeight());
    in.shownRows = shownRows;
    m_table->setPicture(lensTablePicture(in));
    const int at = position(), r = row();
    const LensColumn* column = m_columns->column(at);
    LensCellInput cell;
    cell.row = &m_columns->rows()[static_cast<std::size_t>(r)];
    cell.cell = column ? &column->cells[static_cast<std::size_t>(r)] : nullptr;
    cell.position = at;
    cell.piece = at < static_cast<int>(shown()->pieces.size()) ? shown()->pieces[static_cast<std::size_t>(at)] : std::string();
    cell.word = in.piece;
    cell.token = followedToken();
    cell.unit = shown()->unit;
    cell.width = m_cell->availableWidth();
    cell.mostTokens = std::clamp(static_cast<int>((m_cell->availableHeight() - lensCellHeight(0)) / 18), 3, lensTop);
    cell.say = lensWords;
    m_cell->setPicture(lensCellPicture(cell));
    drawChart();
}

void LogitLensView::drawControls() {
    Picture picture;
    picture.width = m_controls->availableWidth();
    picture.height = pillHeight + 2;
    std::vector<Pill> shows = {{lensWords(QT_TRANSLATE_NOOP("LogitLens", "top token")), "show:top",
                                !m_token || m_show == LensShow::Top,
                                lensWords(QT_TRANSLATE_NOOP("LogitLens", "show each state's most probable token"))}};
    if (m_token) {
        const std::string word = shown()->piece(*m_token);
        shows.push_back({fill(lensWords(QT_TRANSLATE_NOOP("LogitLens", "p of “%1”")), {word}), "show:probability",
                         m_show == LensShow::Probability,
                         lensWords(QT_TRANSLATE_NOOP("LogitLens", "show the followed token's probability in every cell"))});
        shows.push_back({fill(lensWords(QT_TRANSLATE_NOOP("LogitLens", "rank of “%1”")), {word}), "show:rank",
                         m_show == LensShow::Rank,
                         lensWords(QT_TRANSLATE_NOOP("LogitLens", "show the followed token's rank in every cell"))});
        shows.push_back({"×", "follow:-1", false, lensWords(QT_TRANSLATE_NOOP("LogitLens", "follow no chosen token"))});
    }
    double x = addPills(picture, 1, 1, shows) + 12;
    const std::vector<Pill> rows = {
        {lensWords(QT_TRANSLATE_NOOP("LogitLens", "mid rows")), "rows:mid", withMid(),
         lensWords(QT_TRANSLATE_NOOP("LogitLens", "rows between attention and feed-forward too"))},
        {lensWords(QT_TRANSLATE_NOOP("LogitLens", "every row")), "rows:all", m_allRows,
         lensWords(QT_TRANSLATE_NOOP("LogitLens", "every row, scrolled, instead of as many as fit"))}};
    x = addPills(picture, x, 1, rows) + 10;
    if (!m_note.isEmpty() && picture.width - x > 40) {
        picture.label({.rect = {x, 1, picture.width - x, pillHeight},
                       .text = m_note.toStdString(),
                       .size = TypeSize::Small,
                       .colour = Ink::Muted});
    }
    m_controls->setPicture(std::move(picture));
}

void LogitLensView::drawChart() {
    const LensColumn* column = m_columns->column(position());
    Picture head;
    head.width = m_curveHead->availableWidth();
    head.height = curveHeadHeight;
    const std::vector<Pill> curves = {
        {lensWords(QT_TRANSLATE_NOOP("LogitLens", "probability")), "curve:probability", m_curve == LensCurve::Probability, {}},
        {lensWords(QT_TRANSLATE_NOOP("LogitLens", "rank")), "curve:rank", m_curve == LensCurve::Rank, {}},
        {lensWords(QT_TRANSLATE_NOOP("LogitLens", "entropy")), "curve:entropy", m_curve == LensCurve::Entropy,
         lensWords(QT_TRANSLATE_NOOP("LogitLens", "entropy, and the divergence from the output"))}};
    addPills(head, 1, 2, curves);
    std::string what;
    if (column && m_curve != LensCurve::Entropy) {
        const auto word = [this](TokenId id) { return shown()->piece(id); };
        what = m_token ? fill(lensWords(QT_TRANSLATE_NOOP("LogitLens", "“%1” through the layers")), {word(*m_token)})
                       : stableSentence(m_columns->rows(), *column, word, lensWords);
    }
    head.label({.rect = {0, pillHeight + 5, head.width, 14}, .text = what, .size = TypeSize::Small, .colour = Ink::Muted});
    m_curveHead->setPicture(std::move(head));
    LensCurveInput curve;
    curve.curve = m_curve;
    curve.rows = m_columns->rows();
    curve.column = column;
    if (column) curve.path = m_token ? m_columns->followed(position()) : &column->output;
    if (curve.path) curve.word = shown()->piece(curve.path->token);
    curve.selectedRow = row();
    curve.unit = shown()->unit;
    curve.say = lensWords;
    m_chart->setData(lensCurve(curve));
}

Picture LogitLensView::exportPicture() const {
    Picture picture;
    if (const std::string why = sentence(); !why.empty()) {
        picture.width = width() / scale();
        picture.height = 90;
        addHeading(picture, margin, 10, picture.width - 2 * margin, lensWords(QT_TRANSLATE_NOOP("LogitLens", "Logit lens")), "");
        picture.label({.rect = {margin, 48, picture.width - 2 * margin, 24}, .text = why, .colour = Ink::Muted});
        return picture;
    }
    // All rows, and as many positions as are known side by side with the ones in sight.
    std::vector<int> rows;
    for (int r = static_cast<int>(m_columns->rows().size()) - 1; r >= 0; --r) rows.push_back(r);
    LensTableInput in = tableInput(0, 0);
    int first = m_firstPosition, last = m_firstPosition + columnsShown() - 1;
    while (first > 0 && m_columns->column(first - 1)) --first;
    while (last + 1 < shown()->trace->length() && m_columns->column(last + 1)) ++last;
    in.firstPosition = first;
    in.positions = std::min(last, shown()->trace->length() - 1) - first + 1;
    in.shownRows = rows;
    in.width = std::max(400.0, 64 + 56.0 * in.positions);
    in.height = 60 + 20.0 * static_cast<double>(rows.size());
    placePicture(picture, headingPicture(in.width, true), margin, 10);
    placePicture(picture, lensTablePicture(in), margin, 10 + headingHeight + 8);
    const double y = picture.height + 10;
    placePicture(picture, Picture(m_cell->picture()), margin, y);
    const Picture heading = headingPicture(in.width, true);
    picture.title = heading.title;
    picture.subtitle = heading.subtitle;
    picture.tables.push_back(m_chart->table());
    picture.width += margin;
    picture.height += margin;
    return picture;
}

}  // namespace lw

// The number inspector: where the number at the selected place comes from. Check is an intent that is answered through
// setCheckResult; a reading of the logit lens, which needs the whole vocabulary, is explained in the background.
#pragma once

#include <QWidget>

#include <optional>
#include <vector>

#include "core/analysis/check.h"
#include "core/analysis/explain.h"
#include "widgets/inspector/explanation_picture.h"
#include "widgets/inspector/next_tokens_picture.h"
#include "widgets/shared/latest_job.h"
#include "widgets/shared/text_width.h"
#include "widgets/view.h"

class QLabel;
class QPushButton;
class QScrollArea;
class QStackedLayout;

namespace lw {

class PictureWidget;

enum class CopyKind { Value, Row, TensorCsv, TensorNpy, TensorSafetensors };

class NumberInspector : public QWidget {
    Q_OBJECT
public:
    NumberInspector(ViewServices services, QWidget* parent = nullptr);

    void setShown(ShownPtr shown);
    /// The answer to Intents::check for the place that is shown.
    void setCheckResult(const Result<CheckResult>& result);
    void setStale(bool stale);
    /// Narrowed to an upright line at the window's edge.
    void setNarrow(bool narrow);
    bool narrow() const { return m_narrow; }

    const std::optional<Explanation>& explanation() const { return m_explanation; }
    /// The sentence under the buttons: the check's result.
    QString checkText() const;
    bool complete() const { return !m_readingWanted; }
    PictureWidget* upper() const { return m_upper; }
    PictureWidget* lower() const { return m_lower; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

public Q_SLOTS:
    void followBack();  // to the first operand
    void goBack();      // to where a link was followed from

Q_SIGNALS:
    /// Value and Row are already on the clipboard; a whole tensor is the window's to save.
    void copyRequested(lw::CopyKind kind, const lw::Locus& place);
    void narrowChanged(bool narrow);
    void completed();  // complete() became true

protected:
    void changeEvent(QEvent*) override;
    void resizeEvent(QResizeEvent*) override;

private:
    void buildButtons();
    void retranslate();
    void gather();  // explanation and next tokens of the selected place
    bool gatherVector(const Locus& place);
    void gatherReading(const Locus& place);
    void layOut();
    void act(const QString& action);
    void follow(const Locus& place);
    void ask(bool wholeRun);
    void copy(CopyKind kind);
    std::vector<InspectorRow> tokenRows() const;
    std::string pieceAt(Position position) const;

    ViewServices m_services;
    ShownPtr m_shown;
    Measure m_measure;
    QStackedLayout* m_pages;
    QScrollArea* m_scroll;
    PictureWidget* m_upper;
    PictureWidget* m_lower;
    PictureWidget* m_line;  // when narrow
    QWidget* m_buttons;
    QPushButton *m_check, *m_follow, *m_copy;
    QLabel* m_result;

    std::optional<Explanation> m_explanation;
    std::optional<Explanation> m_probability;
    std::optional<VectorFacts> m_vector;
    std::string m_sentence;  // why there is no number
    std::vector<NextToken> m_next;
    Position m_position;
    std::vector<Locus> m_trail;  // places that links were followed from
    std::optional<Locus> m_asked;
    ShownPtr m_gathered;  // what is explained was read from this run
    Locus m_gatheredAt;
    bool m_following = false, m_allDigits = false, m_narrow = false;
    bool m_readingWanted = false;
    LatestJob<Explanation> m_reading{picturePool()};
};

}  // namespace lw

// The page to browse a vocabulary: searched by text, bytes or expression, sorted, filtered. The search runs in the background.
#pragma once

#include <QWidget>

#include "widgets/shared/latest_job.h"
#include "widgets/shared/picture_widget.h"
#include "widgets/tokenizer/vocabulary_picture.h"
#include "widgets/view.h"

class QLineEdit;

namespace lw {

class VocabularyPage : public QWidget {
    Q_OBJECT
public:
    VocabularyPage(const ViewServices& services, QWidget* parent);

    /// Whose vocabulary (may be null), by what name, and the text that is open now.
    void setSource(std::shared_ptr<const Tokenizer> tokenizer, const QString& name, const std::string& text);
    PictureWidget* bar() const { return m_bar; }
    PictureWidget* picture() const { return m_picture; }
    QLineEdit* field() const { return m_field; }
    std::size_t matches() const { return m_input.found.size(); }
    bool complete() const { return !m_job.running(); }
    Picture exportPicture(double width) const;
    QJsonObject saveState() const;
    void restoreState(const QJsonObject& state);
    void draw();

Q_SIGNALS:
    void completed();
    void stateChanged();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    struct Found {
        std::shared_ptr<const VocabularyIndex> index;
        std::vector<std::uint32_t> found;
        std::string problem;
    };
    enum class Unseen { Off, Present, Training };
    void search();
    void act(const QString& action);
    std::shared_ptr<const std::vector<std::int64_t>> occurrences() const;  // null: not known for this tokenizer

    ViewServices m_services;
    PictureWidget *m_bar, *m_picture;
    QLineEdit* m_field;
    LatestJob<Found> m_job{picturePool()};
    VocabularyInput m_input;
    VocabularyQuery m_query;
    Unseen m_unseen = Unseen::Off;
    QString m_name;
    std::string m_text;
};

}  // namespace lw

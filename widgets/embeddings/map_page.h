// Page "map": the table in two dimensions by principal components or t-SNE, lists of words as clusters, sums of vectors.
#pragma once

#include <optional>

#include "widgets/embeddings/map_facts.h"
#include "widgets/embeddings/page.h"
#include "widgets/shared/latest_job.h"

class QLineEdit;
class QPlainTextEdit;

namespace lw {

class MapPage : public EmbeddingsPage {
    Q_OBJECT
public:
    MapPage(const ViewServices& services, QWidget* parent);

    void refresh() override;
    bool complete() const override;
    std::string title() const override;
    std::string about() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject& state) override;

    void setTsne(bool on);
    void setTable(const std::string& key);
    const TableMapPtr& map() const { return m_map; }
    const std::optional<WordLayout>& layout() const { return m_words; }
    const std::optional<Arithmetic>& sum() const { return m_sum; }
    QLineEdit* sumField() const { return m_sumField; }
    QPlainTextEdit* listsField() const { return m_listsField; }

Q_SIGNALS:
    void tokenChosen(const QString& table, int id);

protected:
    void act(const QString& action) override;

private:
    void layOut(bool anew);
    void goOn();
    void add();
    void match();
    void draw();
    void openTables();
    void openCounts();

    QLineEdit* m_sumField;
    QPlainTextEdit* m_listsField;
    LatestJob<TableMapPtr> m_mapJob{picturePool()};
    LatestJob<WordLayout> m_layoutJob{picturePool()};
    LatestJob<Arithmetic> m_sumJob{picturePool()};
    TableMapPtr m_map;
    MatchedLists m_lists;
    std::optional<WordLayout> m_words;
    std::optional<Arithmetic> m_sum;
    const Model* m_askedModel = nullptr;
    std::string m_asked, m_table = "embed", m_failure, m_sumAsked;
    int m_count = 1000;
    std::uint64_t m_seed = 1;
    bool m_tsne = false, m_stopped = false;
};

}  // namespace lw

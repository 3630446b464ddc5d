// Page "row": the selected token's row of a table, and what lies near it.
#pragma once

#include <optional>

#include "widgets/embeddings/page.h"
#include "widgets/embeddings/row_facts.h"
#include "widgets/shared/latest_job.h"

namespace lw {

class RowPage : public EmbeddingsPage {
    Q_OBJECT
public:
    RowPage(const ViewServices& services, QWidget* parent);

    void refresh() override;
    bool complete() const override { return !m_job.running(); }
    std::string title() const override;
    std::string about() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject& state) override;

    /// The token whose row is shown instead of the selected one's, until another place is selected; −1: the selected one's.
    void setToken(TokenId id);
    void setTable(const std::string& key);
    const std::optional<RowFacts>& facts() const { return m_facts; }

protected:
    void act(const QString& action) override;

private:
    struct Question {
        std::shared_ptr<const Model> model;
        std::string table;
        TokenId id = -1;
        friend bool operator==(const Question&, const Question&) = default;
    };
    double addControls(Picture& picture) const;
    void draw();

    LatestJob<RowFacts> m_job{picturePool()};
    std::optional<RowFacts> m_facts;
    Question m_asked;
    std::string m_table = "embed", m_failure, m_lacking;  // m_lacking: a word that the table has no row of
    TokenId m_token = -1;
    int m_tokenAt = -1;  // the position that was selected when another token was chosen
};

}  // namespace lw

// Page "contexts": the selected token here and in a second text, layer by layer.
#pragma once

#include <optional>

#include "widgets/embeddings/context_facts.h"
#include "widgets/embeddings/page.h"

class QLineEdit;

namespace lw {

class ContextsPage : public EmbeddingsPage {
    Q_OBJECT
public:
    ContextsPage(const ViewServices& services, QWidget* parent);

    void refresh() override;
    bool complete() const override;
    std::string title() const override;
    std::string about() const override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject& state) override;

    QLineEdit* field() const { return m_field; }
    const std::optional<ContextFacts>& facts() const { return m_facts; }
    /// A prompt and a second text that share a word, which is looked at in both.
    void showExample(int index);

protected:
    void act(const QString& action) override;

private:
    void ask();

    QLineEdit* m_field;
    std::optional<ContextFacts> m_facts;
    std::string m_word;       // is to be selected once the texts are there
    bool m_restored = false;  // the field's text has not been asked for yet
    int m_chosen = -1;        // in the second text; −1: where the same token stands
};

}  // namespace lw

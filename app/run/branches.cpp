#include "app/run/branches.h"

#include <algorithm>
#include <cassert>
#include <set>

namespace lw {

namespace {

std::int64_t bytesOf(const TraceBlock& block) {
    std::int64_t bytes = 0;
    for (const auto& layer : block.values) {
        for (const Tensor& tensor : layer) {
            if (tensor.defined())
                bytes += static_cast<std::int64_t>(tensor.value().size()) * static_cast<std::int64_t>(sizeof(float));
        }
    }
    return bytes;
}

}  // namespace

Branches::Branches(Origin origin, PromptFit fit, CaptureSpec spec, RunNodePtr root)
    : m_origin(std::move(origin)), m_fit(std::move(fit)), m_spec(std::move(spec)) {
    assert(root && !root->parent());
    m_index[root.get()] = 0;
    m_bytes = bytesOf(*root->block()) + (root->state() ? root->state()->bytes() : 0);
    m_nodes.push_back(std::move(root));
}

void Branches::showFirst(int count) { m_count = std::clamp(count, 1, static_cast<int>(m_nodes.size())); }

int Branches::indexOf(const RunNode* node) const {
    const auto found = m_index.find(node);
    return found == m_index.end() || found->second >= m_count ? -1 : found->second;
}

RunNodePtr Branches::add(RunNodePtr node) {
    assert(indexOf(node->parent().get()) >= 0);
    for (const RunNodePtr& child : children(node->parent())) {
        const Choice &there = child->choice(), &made = node->choice();
        if (there.id != made.id || (made.draw && made.draw != there.draw)) continue;
        if (made.draw)
            m_reseeded.insert_or_assign(node->parent().get(), Reseeded{node->random(), m_count});  // the dice have rolled
        return child;
    }
    while (static_cast<int>(m_nodes.size()) > m_count) {
        const RunNode* hidden = m_nodes.back().get();
        m_bytes -= bytesOf(*hidden->block());
        m_index.erase(hidden);
        m_forward.erase(hidden);
        m_reseeded.erase(hidden);
        m_names.erase(hidden);
        std::erase_if(m_forward, [&](const auto& way) { return way.second.get() == hidden; });
        m_nodes.pop_back();
    }
    m_index[node.get()] = m_count++;
    m_bytes += bytesOf(*node->block());  // the state's pages are the parent's, up to one page
    m_nodes.push_back(node);
    return node;
}

std::vector<RunNodePtr> Branches::children(const RunNodePtr& node) const {
    std::vector<RunNodePtr> result;
    for (int i = 0; i < m_count; ++i) {
        if (this->node(i)->parent() == node) result.push_back(this->node(i));
    }
    return result;
}

std::vector<RunNodePtr> Branches::leaves() const {
    std::set<const RunNode*> parents;
    for (int i = 0; i < m_count; ++i) parents.insert(node(i)->parent().get());
    std::vector<RunNodePtr> result;
    for (int i = 0; i < m_count; ++i) {
        if (!parents.contains(node(i).get())) result.push_back(node(i));
    }
    return result;
}

void Branches::walkTo(const RunNodePtr& node) {
    for (RunNodePtr at = node; at && at->parent(); at = at->parent()) m_forward[at->parent().get()] = at;
}

RunNodePtr Branches::forward(const RunNodePtr& node) const {
    const auto found = m_forward.find(node.get());
    if (found != m_forward.end() && indexOf(found->second.get()) >= 0) return found->second;
    const std::vector<RunNodePtr> all = children(node);
    return all.empty() ? nullptr : all.back();
}

Pcg32 Branches::diceAt(const RunNodePtr& node) const {
    const auto reseeded = m_reseeded.find(node.get());
    const std::vector<RunNodePtr> all = children(node);
    for (auto child = all.rbegin(); child != all.rend(); ++child) {
        if (!(*child)->choice().draw) continue;
        if (reseeded != m_reseeded.end() && indexOf(child->get()) < reseeded->second.count) break;
        return (*child)->random();
    }
    return reseeded == m_reseeded.end() ? node->random() : reseeded->second.dice;
}

void Branches::reseed(const RunNodePtr& node, std::uint64_t seed) {
    m_reseeded.insert_or_assign(node.get(), Reseeded{Pcg32(seed), m_count});
}

void Branches::setName(const RunNode* node, const std::string& name) {
    if (indexOf(node) <= 0) return;
    if (name.empty())
        m_names.erase(node);
    else
        m_names[node] = name;
}

std::string Branches::nameOf(const RunNode* node) const {
    const auto found = m_names.find(node);
    return found == m_names.end() ? std::string() : found->second;
}

std::map<const RunNode*, std::string> Branches::names() const {
    std::map<const RunNode*, std::string> shown;
    for (const auto& [node, name] : m_names)
        if (indexOf(node) > 0) shown[node] = name;
    return shown;
}

RunNodePtr rehung(const RunNodePtr& child, const RunNodePtr& parent) {
    return std::make_shared<RunNode>(parent, child->block(), child->state(), child->choice(), child->random());
}

RunNodePtr withDice(const RunNodePtr& node, Pcg32 dice) {
    return std::make_shared<RunNode>(node->parent(), node->block(), node->state(), node->choice(), dice);
}

}  // namespace lw

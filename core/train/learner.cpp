#include "core/train/learner.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "core/base/parallel.h"
#include "core/models/registry.h"
#include "core/nn/cross_entropy.h"

namespace lw::train {

namespace {

constexpr std::uint64_t dropoutPurpose = 2;
constexpr std::int64_t valuesAtOnce = 1 << 15;

std::vector<Tensor> leavesOf(const Model& model) {
    std::vector<Tensor> leaves;
    for (const Parameter& parameter : model.parameters()) {
        for (const Weight& weight : parameter.weights) {
            if (weight.isTrainable()) leaves.push_back(weight.leaf());
        }
    }
    return leaves;
}

// Calls body(part, begin, end) for ranges of all parts, spread over the threads.
template <class Body>
void forRanges(const std::vector<Tensor>& leaves, const Body& body) {
    struct Range {
        std::size_t part;
        Eigen::Index begin, end;
    };
    std::vector<Range> ranges;
    for (std::size_t p = 0; p < leaves.size(); ++p) {
        const Eigen::Index n = leaves[p].value().size();
        for (Eigen::Index i = 0; i < n; i += valuesAtOnce) ranges.push_back({p, i, std::min<Eigen::Index>(n, i + valuesAtOnce)});
    }
    parallelFor(static_cast<std::int64_t>(ranges.size()), 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const Range& range = ranges[static_cast<std::size_t>(i)];
            body(range.part, range.begin, range.end);
        }
    });
}

}  // namespace

Result<Learner> Learner::create(const nlohmann::json& config, const std::string& name, const std::string& where,
                                std::uint64_t seed, int lanes) {
    assert(lanes >= 1);
    const auto type = config.find("model_type");
    const std::string typeName = type != config.end() && type->is_string() ? type->get<std::string>() : "";
    const Architecture* architecture = findByModelType(typeName);
    if (!architecture)
        return fail(ErrorKind::Unsupported,
                    fmt::format("{}: the architecture “{}” (model_type) is not supported; supported are {}.", where, typeName,
                                supportedArchitectures()),
                    "model_type");
    Learner learner;
    for (int lane = 0; lane < lanes; ++lane) {
        const auto source = std::make_shared<InitSource>(seed, config, where);
        auto built = architecture->build({config, *source, name, where, false, true});
        if (!built) return Unexpected(built.error());
        if (lane == 0) {
            learner.m_source = source;
            learner.m_warnings = built->warnings;
        }
        learner.m_models.push_back(built->model);
        learner.m_leaves.push_back(leavesOf(*built->model));
    }
    if (learner.m_leaves.front().empty())
        return fail(ErrorKind::Unsupported,
                    fmt::format("{}: the architecture “{}” has no weights that could be learned by gradients.", where, typeName),
                    "model_type");
    for (const Parameter& parameter : learner.model().parameters()) {
        int index = 0;
        for (const Weight& weight : parameter.weights) {
            if (!weight.isTrainable()) continue;
            Part part;
            part.name = index == 0 ? parameter.stored : fmt::format("{}#{}", parameter.stored, index);
            part.moment1 = Matrix::Zero(weight.rows(), weight.cols());
            part.moment2 = part.moment1;
            learner.m_parts.push_back(std::move(part));
            ++index;
        }
    }
    return learner;
}

void Learner::setValues(std::size_t part, const Matrix& values) {
    for (const auto& leaves : m_leaves) {
        assert(values.rows() == leaves[part].rows() && values.cols() == leaves[part].cols());
        leaves[part].leafValue() = values;
    }
}

void Learner::chooseDecay(bool embeddings, std::span<const std::string> endings) {
    const Weight &token = model().weight(WeightId::Embed), &position = model().weight(WeightId::PosEmbed);
    for (std::size_t p = 0; p < m_parts.size(); ++p) {
        const Matrix& w = values(p);
        const std::string name = m_parts[p].name.substr(0, m_parts[p].name.find('#'));
        const bool isEmbedding =
            (token.isTrainable() && &token.leaf().value() == &w) || (position.isTrainable() && &position.leaf().value() == &w);
        m_parts[p].decays = w.rows() > 1 && (embeddings || !isEmbedding) &&
                            std::ranges::none_of(endings, [&](const std::string& ending) { return name.ends_with(ending); });
    }
}

Result<double> Learner::gradients(std::span<const Sequence> batch, double dropout, std::uint64_t seed, std::int64_t first,
                                  const Job& job) {
    std::int64_t counted = 0;
    for (const Sequence& sequence : batch) counted += sequence.counted();
    assert(counted > 0);
    struct Lane {
        double loss = 0;  // sum over its counted targets, divided by the number of all
        std::optional<Error> error;
    };
    std::vector<Lane> results(m_models.size());
    const auto run = [&](std::size_t lane) {
        for (const Tensor& leaf : m_leaves[lane]) leaf.gradient().setZero();
        for (std::size_t i = lane; i < batch.size(); i += m_models.size()) {
            const std::int64_t here = batch[i].counted();
            if (here == 0) continue;
            const auto state = m_models[lane]->start();
            if (dropout > 0) {
                const auto number = static_cast<std::uint64_t>(first) + i;
                state->dropout = nn::Dropout(dropout, randomFor(seed, dropoutPurpose, number));
            }
            const auto logits = m_models[lane]->forward(batch[i].ids, *state, Tap(), {.stop = job.stop});
            if (!logits) {
                results[lane].error = logits.error();
                return;
            }
            const double share = static_cast<double>(here) / static_cast<double>(counted);
            const Tensor loss = nn::crossEntropy(*logits, batch[i].targets);
            results[lane].loss += share * loss.value()(0, 0);
            loss.backward(Matrix::Constant(1, 1, static_cast<float>(share)));
        }
    };
    parallelFor(lanes(), 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t lane = begin; lane < end; ++lane) run(static_cast<std::size_t>(lane));
    });
    double loss = 0;
    for (const Lane& lane : results) {
        if (lane.error) return Unexpected(*lane.error);
        loss += lane.loss;
    }
    forRanges(m_leaves.front(), [&](std::size_t part, Eigen::Index begin, Eigen::Index end) {
        float* sum = leaf(part, 0).gradient().data();
        for (std::size_t lane = 1; lane < m_leaves.size(); ++lane) {
            const float* more = leaf(part, lane).grad().data();
            for (Eigen::Index i = begin; i < end; ++i) sum[i] += more[i];
        }
    });
    return loss;
}

double Learner::gradientNorm() const {
    double sum = 0;
    for (const Tensor& leaf : m_leaves.front()) sum += sumOfSquares(leaf.grad().data(), leaf.grad().size());
    return std::sqrt(sum);
}

void Learner::update(const AdamW& optimizer, std::int64_t step, double rate, double decay, double gradientScale) {
    forRanges(m_leaves.front(), [&](std::size_t p, Eigen::Index begin, Eigen::Index end) {
        Part& part = m_parts[p];
        float* values = leaf(p, 0).leafValue().data();
        optimizer.update(values + begin, leaf(p, 0).grad().data() + begin, part.moment1.data() + begin,
                         part.moment2.data() + begin, end - begin, step, rate, part.decays ? decay : 0.0, gradientScale);
        for (std::size_t lane = 1; lane < m_leaves.size(); ++lane)
            std::copy(values + begin, values + end, leaf(p, lane).leafValue().data() + begin);
    });
}

}  // namespace lw::train

#include "app/companions.h"

#include <algorithm>
#include <filesystem>

#include "app/run/run_text.h"
#include "core/bundled.h"

namespace lw {

namespace {

constexpr int soonMs = 40;       // small models are read every few milliseconds: not a picture for each
constexpr int expectedKept = 8;  // most probable tokens that are kept for each position

std::string nameOf(const std::string& asked) {
    const std::filesystem::path path(asked);
    const bool file = path.extension() == ".gguf" || path.extension() == ".safetensors";
    return file ? path.stem().string() : path.filename().string();
}

bool sameTokens(const std::vector<Token>& a, const std::vector<Token>& b) {
    return std::ranges::equal(a, b,
                              [](const Token& x, const Token& y) { return x.id == y.id && x.from == y.from && x.to == y.to; });
}

bool isModel(const std::string& asked, const LoadedModel& model) {
    if (asked == model.name) return true;
    const auto path = resolveModel(asked);
    std::error_code ignored;
    return path && std::filesystem::equivalent(*path, model.path, ignored);
}

}  // namespace

Companions::Companions(QObject* parent) : QObject(parent) {
    connect(&m_job, &LatestJobBase::finished, this, &Companions::next);
    m_soon.setSingleShot(true);
    m_soon.setInterval(soonMs);
    connect(&m_soon, &QTimer::timeout, this, &Companions::publish);
}

std::vector<OfferedModel> Companions::offers(const std::vector<std::string>& recent) const {
    std::vector<OfferedModel> result;
    const auto add = [&](const std::string& asked, const std::string& what) {
        if (m_open && isModel(asked, *m_open)) return;
        if (std::ranges::count(result, asked, &OfferedModel::asked) == 0) result.push_back({asked, nameOf(asked), what});
    };
    for (const BundledModel& model : bundledModels()) add(std::string(model.name), std::string(model.what));
    for (const std::filesystem::path& path : foundModels()) add(path.string(), path.string());
    for (const std::string& path : recent) add(path, path);
    return result;
}

void Companions::read(const QStringList& asked, const std::shared_ptr<const LoadedModel>& open, const ShownPtr& shown,
                      const std::vector<std::string>& recent) {
    if (!open || !shown || !shown->trace) return;
    const std::vector<Token> tokens =
        shown->tokenizer ? tokensOfRun(*shown->tokenizer, shown->text, shown->trace->ids()) : std::vector<Token>();
    if (open == m_open && asked == m_asked && !m_rows.empty() && sameTokens(tokens, m_tokens) && shown->text == m_text) return;
    m_job.cancel();
    m_open = open;
    m_asked = asked;
    m_text = shown->text;
    m_tokens = tokens;
    m_offers = offers(recent);
    m_rows.clear();
    m_gradientsAt = -1;
    m_rows.push_back({.facts = {.asked = open->name, .name = open->name, .open = true}, .model = open});
    if (shown->tokenizer) {
        std::vector<std::string> names;
        for (const QString& name : asked) names.push_back(name.toStdString());
        if (asked.isEmpty()) {
            for (const BundledModel& model : bundledModels()) {
                if (!model.task()) names.emplace_back(model.name);
            }
        }
        for (const std::string& name : names) {
            if (!isModel(name, *open)) m_rows.push_back({.facts = {.asked = name, .name = nameOf(name)}, .model = nullptr});
        }
    } else {
        m_rows.front().facts.problem = tr("%1 has no tokenizer: other models cannot read what it is given.")
                                           .arg(QString::fromStdString(open->name))
                                           .toStdString();
    }
    std::erase_if(m_before, [this](const auto& one) {  // models that are read no more are let go
        return std::ranges::none_of(m_rows, [&](const Row& row) { return row.facts.asked == one.first; });
    });
    for (Row& row : m_rows) {
        const auto before = m_before.find(row.facts.asked);
        if (!row.model && before != m_before.end()) row.model = before->second.model;
    }
    publish();
    next();
}

void Companions::pause() {
    m_paused = true;
    m_job.cancel();
}

void Companions::resume() {
    m_paused = false;
    next();
}

void Companions::next() {
    if (m_paused || m_job.running()) return;  // its end calls again
    const auto waits = [](const Row& row) { return !row.facts.reading && row.facts.problem.empty(); };
    const auto at = std::ranges::find_if(m_rows, waits);
    if (at == m_rows.end()) return nextGradients();
    const std::string asked = at->facts.asked;
    const auto last = m_before.find(asked);
    const auto before = last != m_before.end() && last->second.model == at->model ? last->second.reading : nullptr;
    m_job.start(
        [asked, model = at->model, text = m_text, shown = m_tokens, open = at->facts.open,
         before](const Job& job) -> Result<Read> {
            Read read{model, nullptr};
            if (!read.model) {
                auto loaded = loadModel(asked, {}, job);
                if (!loaded) return tl::unexpected(loaded.error());
                read.model = *loaded;
            }
            if (!read.model->tokenizer)
                return fail(ErrorKind::BadInput, tr("It has no tokenizer, so it cannot read a text.").toStdString());
            std::vector<Token> tokens = shown;
            if (!open) {
                auto encoded = read.model->tokenizer->encode(text);
                if (!encoded) return tl::unexpected(encoded.error());
                tokens = std::move(encoded->tokens);
            }
            return readAlong(*read.model->model, *read.model->tokenizer, std::move(tokens), expectedKept, before.get(), job)
                .map([&](Reading&& reading) {
                    read.reading = std::make_shared<const Reading>(std::move(reading));
                    return read;
                });
        },
        [this, asked](Result<Read> read) {
            const auto row = std::ranges::find_if(m_rows, [&](const Row& r) { return r.facts.asked == asked; });
            if (row == m_rows.end()) return;
            if (read) {
                row->model = read->model;
                row->facts.reading = read->reading;
                m_before[asked] = *read;
            } else if (m_asked.isEmpty() && !row->facts.open) {
                m_rows.erase(row);  // nobody asked for it by name
            } else {
                row->facts.problem = read.error().message;
            }
            publishSoon();
        });
}

void Companions::readGradients(std::int64_t bytes) {
    if (bytes == m_gradientsAt) return;
    m_gradientsAt = bytes;
    for (Row& row : m_rows) {
        row.facts.gradients.reset();
        row.facts.gradientProblem.clear();
    }
    if (m_rows.empty()) return;
    publish();
    next();
}

bool Companions::wantsGradients(const Row& row) const {
    return m_gradientsAt >= 0 && row.facts.reading && !row.facts.gradients && row.facts.gradientProblem.empty() &&
           row.model->model->info().hasMixer() && row.facts.reading->tokenAt(m_gradientsAt) >= 0;
}

void Companions::nextGradients() {
    const auto at = std::ranges::find_if(m_rows, [this](const Row& row) { return wantsGradients(row); });
    if (at == m_rows.end()) return;
    m_job.start(
        [read = Read{at->model, at->facts.reading}, bytes = m_gradientsAt](const Job& job) -> Result<Read> {
            const int position = read.reading->tokenAt(bytes);
            std::vector<TokenId> ids;
            for (const ReadToken& token : read.reading->tokens) ids.push_back(token.id);
            const auto next = static_cast<std::size_t>(position) + 1;
            const TokenId target =
                next < ids.size() ? ids[next] : read.reading->tokens[static_cast<std::size_t>(position)].next.front().token.id;
            return stateGradients(*read.model->model, ids, Position(position), target, job).map([&](StateGradients&& gradients) {
                return Read{read.model, read.reading, std::make_shared<const StateGradients>(std::move(gradients))};
            });
        },
        [this, asked = at->facts.asked, bytes = m_gradientsAt](Result<Read> read) {
            const auto row = std::ranges::find_if(m_rows, [&](const Row& r) { return r.facts.asked == asked; });
            if (row == m_rows.end() || bytes != m_gradientsAt) return;
            if (read) {
                row->facts.gradients = read->gradients;
            } else {
                row->facts.gradientProblem = read.error().message;
            }
            publishSoon();
        });
}

void Companions::publishSoon() {
    const bool last = std::ranges::all_of(
        m_rows, [this](const Row& row) { return (row.facts.reading || !row.facts.problem.empty()) && !wantsGradients(row); });
    if (last) return publish();
    if (!m_soon.isActive()) m_soon.start();
}

void Companions::publish() {
    m_soon.stop();
    ReadingFacts facts;
    facts.gradientsAt = m_gradientsAt;
    facts.columns = m_tokens;
    facts.offers = m_offers;
    facts.complete = true;
    for (Row& row : m_rows) {
        if (row.model) {
            const ModelInfo& info = row.model->model->info();
            row.facts.architecture = info.architecture;
            row.facts.parameters = info.parameters;
        }
        facts.complete = facts.complete && (row.facts.reading || !row.facts.problem.empty()) && !wantsGradients(row);
        facts.rows.push_back(row.facts);
    }
    m_readings.set(std::move(facts));
}

}  // namespace lw

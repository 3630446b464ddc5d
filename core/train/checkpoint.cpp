#include "core/train/checkpoint.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/formats/safetensors.h"
#include "core/formats/safetensors_writer.h"
#include "core/text/json_text.h"

namespace lw::train {

namespace {

namespace fs = std::filesystem;
constexpr std::string_view beginning = "checkpoint-", ending = ".safetensors";
constexpr std::size_t kept = 2;

Result<Matrix> readMatrix(const SafetensorsFile& file, const std::string& name, const Matrix& like) {
    const auto values = file.floats(name);
    if (!values || static_cast<Eigen::Index>(values->size()) != like.size())
        return fail(ErrorKind::Mismatch,
                    fmt::format("{}: the array {} is not there with the {} × {} values of this model.", file.where(), name,
                                like.rows(), like.cols()),
                    name);
    return Matrix(Eigen::Map<const Matrix>(values->data(), like.rows(), like.cols()));
}

}  // namespace

std::vector<fs::path> checkpointsIn(const fs::path& folder) {
    std::vector<fs::path> found;
    std::error_code problem;
    for (fs::directory_iterator it(folder, problem), end; !problem && it != end; it.increment(problem)) {
        const std::string name = it->path().filename().string();
        if (name.size() <= beginning.size() + ending.size() || !name.starts_with(beginning) || !name.ends_with(ending)) continue;
        const std::string number = name.substr(beginning.size(), name.size() - beginning.size() - ending.size());
        if (std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; })) found.push_back(it->path());
    }
    std::ranges::sort(found, [](const fs::path& a, const fs::path& b) {
        const std::string x = a.filename().string(), y = b.filename().string();
        return x.size() != y.size() ? x.size() > y.size() : x > y;
    });
    return found;
}

Result<void> writeCheckpoint(const fs::path& folder, std::int64_t step, const Learner& learner, const std::vector<Matrix>& best,
                             const nlohmann::json& training) {
    std::vector<ArrayDeclaration> arrays;
    std::vector<const Matrix*> contents;
    const auto add = [&](const char* kind, const std::string& name, const Matrix& matrix) {
        arrays.push_back({fmt::format("{}/{}", kind, name), "F32", {matrix.rows(), matrix.cols()}});
        contents.push_back(&matrix);
    };
    for (std::size_t p = 0; p < learner.parts().size(); ++p) {
        const Learner::Part& part = learner.parts()[p];
        add("weight", part.name, learner.values(p));
        add("moment1", part.name, part.moment1);
        add("moment2", part.name, part.moment2);
        if (!best.empty()) add("best", part.name, best[p]);
    }
    const fs::path path = folder / fmt::format("{}{:06}{}", beginning, step, ending);
    auto writer = SafetensorsWriter::create(path, std::move(arrays), {{"training", training.dump()}});
    if (!writer) return Unexpected(writer.error());
    for (std::size_t i = 0; i < contents.size(); ++i) {
        const std::span<const float> values(contents[i]->data(), static_cast<std::size_t>(contents[i]->size()));
        if (auto ok = writer->append(i, values); !ok) return ok;
    }
    if (auto ok = writer->finish(); !ok) return ok;
    const auto all = checkpointsIn(folder);
    std::error_code ignored;
    for (std::size_t i = kept; i < all.size(); ++i) fs::remove(all[i], ignored);
    return {};
}

Result<nlohmann::json> readCheckpointJson(const fs::path& path) {
    const auto file = SafetensorsFile::open(path);
    if (!file) return Unexpected(file.error());
    const auto found = (*file)->metadata().find("training");
    if (found == (*file)->metadata().end())
        return fail(ErrorKind::BadFormat, fmt::format("{}: the file is no checkpoint of a training.", path.string()),
                    path.string());
    return parseJson(found->second, path.string());
}

Result<void> readCheckpoint(const fs::path& path, Learner& learner, std::vector<Matrix>& best) {
    const auto file = SafetensorsFile::open(path);
    if (!file) return Unexpected(file.error());
    static constexpr std::array<const char*, 3> kinds{"weight", "moment1", "moment2"};
    std::vector<std::array<Matrix, 3>> read(learner.parts().size());
    std::vector<Matrix> readBest;
    for (std::size_t p = 0; p < read.size(); ++p) {
        const std::string& name = learner.parts()[p].name;
        for (std::size_t k = 0; k < kinds.size(); ++k) {
            auto matrix = readMatrix(**file, fmt::format("{}/{}", kinds[k], name), learner.values(p));
            if (!matrix) return Unexpected(matrix.error());
            read[p][k] = *std::move(matrix);
        }
        if ((*file)->find("best/" + name)) {
            auto matrix = readMatrix(**file, "best/" + name, learner.values(p));
            if (!matrix) return Unexpected(matrix.error());
            readBest.push_back(*std::move(matrix));
        }
    }
    for (std::size_t p = 0; p < read.size(); ++p) {
        learner.setValues(p, read[p][0]);
        learner.parts()[p].moment1 = std::move(read[p][1]);
        learner.parts()[p].moment2 = std::move(read[p][2]);
    }
    best = std::move(readBest);
    return {};
}

}  // namespace lw::train

// The reference models in tests/data/zoo: random weights with outputs computed in double precision by other programs.
#pragma once

#include <cmath>
#include <filesystem>
#include <string>

#include "core/formats/safetensors.h"
#include "core/load.h"
#include "core/run.h"
#include "tests/catch.h"

namespace lw::test {

inline std::string zooPath(const std::string& name) { return std::string(LAYERWALK_TEST_DATA) + "/zoo/" + name; }

inline std::shared_ptr<const LoadedModel> openModel(const std::string& path, bool trainable = false) {
    auto loaded = loadModel(path, {.trainable = trainable});
    if (!loaded) FAIL(loaded.error().message);
    return *loaded;
}

struct Reference {
    std::shared_ptr<const SafetensorsFile> file;
    explicit Reference(const std::string& path) {
        auto opened = SafetensorsFile::open(path);
        if (!opened) FAIL(opened.error().message);
        file = *opened;
    }
    bool has(const std::string& name) const { return file->find(name) != nullptr; }
    std::vector<float> floats(const std::string& name) const {
        auto values = file->floats(name);
        if (!values) FAIL(values.error().message);
        return *values;
    }
    std::vector<TokenId> ids(const std::string& name) const {
        auto values = file->integers(name);
        if (!values) FAIL(values.error().message);
        return {values->begin(), values->end()};
    }
};

/// Largest difference, as a share of the largest finite value; infinities must stand at the same places.
inline double relativeDifference(const float* got, const std::vector<float>& want) {
    double worst = 0, largest = 1e-6;
    for (std::size_t i = 0; i < want.size(); ++i) {
        if (std::isinf(want[i]) || std::isinf(got[i])) {
            if (want[i] != got[i]) return INFINITY;
            continue;
        }
        if (!std::isfinite(got[i])) return INFINITY;
        worst = std::max(worst, std::abs(double(got[i]) - want[i]));
        largest = std::max(largest, std::abs(double(want[i])));
    }
    return worst / largest;
}

inline RunResult runAll(const LoadedModel& loaded, const std::vector<TokenId>& ids, int chunk = 0) {
    auto result = run(*loaded.model, ids, CaptureSpec::all(loaded.model->info()), {.chunk = chunk});
    if (!result) FAIL(result.error().message);
    return *result;
}

}  // namespace lw::test

#include "core/models/ngram_table.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include <fmt/format.h>

namespace lw {

namespace {

class TableReader {
public:
    TableReader(const WeightSource& source, const IntegerSource& integers) : m_source(source), m_integers(integers) {}

    Result<void> readDiscounts(NgramTable& table) const {
        const auto weight = m_source.weight("discounts");
        if (!weight) return Unexpected(weight.error());
        if (weight->rows() != table.order() || weight->cols() != 3)
            return bad("discounts",
                       fmt::format("the shape is [{}, {}]; expected [{}, 3].", weight->rows(), weight->cols(), table.order()));
        const Matrix values = weight->toMatrix();
        for (int k = 0; k < table.order(); ++k) {
            for (int i = 0; i < 3; ++i) {
                const double d = values(k, i);
                if (!(d >= 0 && d <= i + 1))
                    return bad("discounts", fmt::format("{} is taken off a count of {}; expected 0 to {}.", d, i + 1, i + 1));
                table.orders[static_cast<std::size_t>(k)].discounts[static_cast<std::size_t>(i)] = d;
            }
        }
        return {};
    }

    Result<std::vector<std::uint32_t>> numbers(const std::string& name, std::size_t count) const {
        const auto read = m_integers.integers(name);
        if (!read) return Unexpected(read.error());
        if (read->size() != count) return bad(name, fmt::format("there are {} numbers; expected {}.", read->size(), count));
        std::vector<std::uint32_t> values(count);
        for (std::size_t i = 0; i < count; ++i) {
            const std::int64_t n = (*read)[i];
            if (n < 0 || n > std::numeric_limits<std::uint32_t>::max())
                return bad(name, fmt::format("number {} is {}; expected 0 to 4294967295.", i, n));
            values[i] = static_cast<std::uint32_t>(n);
        }
        return values;
    }

    Result<std::size_t> lengthOf(const std::string& name) const {
        const TensorEntry* entry = m_source.find(name);
        if (!entry) return fail(ErrorKind::NotFound, fmt::format("{}: the tensor {} is missing.", m_source.where(), name), name);
        if (entry->shape.size() != 1) return bad(name, fmt::format("it has {} dimensions; expected 1.", entry->shape.size()));
        return static_cast<std::size_t>(entry->shape.front());
    }

    Unexpected bad(const std::string& name, const std::string& what) const {
        return fail(ErrorKind::Mismatch, fmt::format("{}, tensor {}: {}", m_source.where(), name, what), name);
    }

private:
    const WeightSource& m_source;
    const IntegerSource& m_integers;
};

// Children in rising order and inside their bounds; counts that do not exceed what their context has.
Result<void> check(const TableReader& reader, const NgramOrder& order, int k, std::size_t parents, std::uint32_t vocabulary) {
    const auto named = [&](const char* what) { return fmt::format("orders.{}.{}", k, what); };
    if (order.first.front() != 0 || order.first.back() != order.ids.size() || !std::ranges::is_sorted(order.first))
        return reader.bad(named("first"), fmt::format("the places must rise from 0 to {}.", order.ids.size()));
    for (std::size_t j = 0; j < parents; ++j) {
        std::uint64_t sum = 0;
        for (std::uint32_t e = order.first[j]; e < order.first[j + 1]; ++e) {
            if (order.ids[e] >= vocabulary || (e > order.first[j] && order.ids[e] <= order.ids[e - 1]))
                return reader.bad(named("ids"),
                                  fmt::format("the ids after context {} must rise and be below {}.", j, vocabulary));
            sum += order.counts[e];
        }
        if (sum > order.totals[j])
            return reader.bad(named("totals"), fmt::format("context {} has a total of {}, less than the {} of its counts.", j,
                                                           order.totals[j], sum));
    }
    return {};
}

}  // namespace

std::int64_t NgramTable::entries() const {
    std::int64_t n = 0;
    for (const NgramOrder& order : orders)
        n += std::ranges::count_if(order.counts, [](std::uint32_t count) { return count > 0; });
    return n;
}

Result<NgramTable> readNgramTable(const WeightSource& source, const IntegerSource& integers, int order, int vocabulary) {
    const TableReader reader(source, integers);
    NgramTable table;
    table.orders.resize(static_cast<std::size_t>(order));
    if (auto ok = reader.readDiscounts(table); !ok) return Unexpected(ok.error());
    for (int k = 1; k <= order; ++k) {
        NgramOrder& here = table.orders[static_cast<std::size_t>(k) - 1];
        const auto read = [&](const char* what, std::size_t count, std::vector<std::uint32_t>& into) -> Result<void> {
            auto values = reader.numbers(fmt::format("orders.{}.{}", k, what), count);
            if (!values) return Unexpected(values.error());
            into = *std::move(values);
            return {};
        };
        if (k == 1) {
            if (auto ok = read("counts", static_cast<std::size_t>(vocabulary), here.counts); !ok) return Unexpected(ok.error());
            const auto total = std::accumulate(here.counts.begin(), here.counts.end(), std::uint64_t{0});
            if (total > std::numeric_limits<std::uint32_t>::max())
                return reader.bad("orders.1.counts", fmt::format("the counts add up to {}; expected less than 2³².", total));
            continue;
        }
        const std::size_t parents = table.orders[static_cast<std::size_t>(k) - 2].counts.size();
        const auto entries = reader.lengthOf(fmt::format("orders.{}.ids", k));
        if (!entries) return Unexpected(entries.error());
        if (auto ok = read("first", parents + 1, here.first); !ok) return Unexpected(ok.error());
        if (auto ok = read("totals", parents, here.totals); !ok) return Unexpected(ok.error());
        if (auto ok = read("ids", *entries, here.ids); !ok) return Unexpected(ok.error());
        if (auto ok = read("counts", *entries, here.counts); !ok) return Unexpected(ok.error());
        if (auto ok = check(reader, here, k, parents, static_cast<std::uint32_t>(vocabulary)); !ok) return Unexpected(ok.error());
    }
    return table;
}

}  // namespace lw

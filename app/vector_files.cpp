#include "app/vector_files.h"

#include <filesystem>
#include <utility>

#include "core/bundled.h"
#include "core/formats/word_vectors.h"

namespace lw {

namespace {

constexpr const char* bundledFile = "glove-twitter-25d.bin";
constexpr const char* bundledName = "GloVe (Twitter, 25 numbers)";

Result<VectorTable> readTable(const std::filesystem::path& path, const std::string& name, const Job& job) {
    auto read = readWordVectors(path, {}, job);
    if (!read) return tl::unexpected(read.error());
    VectorTable table;
    table.name = name;
    table.what = path.string() + " · " + read->kind;
    if (read->cut) table.what += " · " + VectorFiles::tr("the first %1 words").arg(read->words.size()).toStdString();
    table.words = std::make_shared<const std::vector<std::string>>(std::move(read->words));
    table.rows = Weight::fromMatrix(std::move(read->vectors));
    return table;
}

}  // namespace

VectorFiles::VectorFiles(QObject* parent) : QObject(parent) {}

void VectorFiles::want() {
    if (std::exchange(m_wanted, true)) return;
    m_facts.set({{.name = bundledName, .what = "Pennington, Socher, Manning 2014"}}, false);
    m_reading.start([](const Job& job) { return readTable(resourcesFolder() / "vectors" / bundledFile, bundledName, job); },
                    [this](Result<VectorTable> read) {
                        std::vector<VectorTable> tables = m_facts.tables();
                        if (read) {
                            tables.back() = std::move(*read);  // the bundled ones stand last
                        } else {
                            tables.back().problem = read.error().message;
                        }
                        m_facts.set(std::move(tables), true);
                    });
}

void VectorFiles::open(const QString& path) {
    want();
    m_opening.start(
        [path](const Job& job) -> Result<VectorTable> {
            const std::filesystem::path file(path.toStdString());
            return readTable(file, file.filename().string(), job);
        },
        [this](Result<VectorTable> opened) {
            if (!opened) {
                Q_EMIT failed(opened.error());
                return;
            }
            std::vector<VectorTable> tables = m_facts.tables();
            std::erase_if(tables, [&](const VectorTable& table) { return table.name == opened->name; });  // opened again
            tables.insert(tables.begin(), std::move(*opened));
            m_facts.set(std::move(tables), m_facts.complete());
        });
}

}  // namespace lw

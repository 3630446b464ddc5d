#include "app/session.h"

#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>

#include <cmath>
#include <filesystem>

#include <fmt/format.h>

#include "app/version.h"
#include "core/formats/atomic_file.h"

namespace lw {

namespace {

constexpr int sessionVersion = 1;
constexpr qint64 largestFile = 256LL << 20;  // bytes; a session of a book-long prompt with 100,000 steps stays far below
constexpr const char* contextNames[] = {"cut-end", "cut-front", "beyond"};
constexpr const char* captureNames[] = {"everything", "stream-and-attention"};
constexpr const char* compareNames[] = {"off", "beside", "difference"};

QString text(const std::string& s) { return QString::fromStdString(s); }
// 64-bit numbers do not fit JSON's: they stand as text.
QString text(std::uint64_t n) { return QString::number(n); }

QJsonObject toJson(const TreeRecord& tree) {
    QJsonArray nodes;
    for (const NodeRecord& node : tree.nodes) {
        QJsonObject o{{"parent", node.parent},
                      {"id", node.id},
                      {"logit", static_cast<double>(node.logit)},
                      {"probability", node.probability},
                      {"dice", text(node.dice)}};
        if (node.draw) o["draw"] = *node.draw;
        if (node.forced) o["forced"] = true;
        if (node.kept) o["kept"] = true;
        if (!node.name.empty()) o["name"] = text(node.name);
        nodes.append(o);
    }
    return {{"prompt_tokens", tree.promptTokens}, {"seed", text(tree.seed)}, {"nodes", nodes}, {"current", tree.current}};
}

// Reads fields and remembers the first thing that is wrong.
class Fields {
public:
    Fields(QJsonObject object, std::string path, std::optional<Error>& error)
        : m_object(std::move(object)), m_path(std::move(path)), m_error(error) {}

    bool has(const char* name) const { return m_object.contains(QLatin1String(name)); }

    std::string string(const char* name, const std::string& otherwise = {}) {
        const QJsonValue v = value(name);
        if (v.isUndefined()) return otherwise;
        if (!v.isString()) return wrong(name, "a text", v), otherwise;
        return v.toString().toStdString();
    }
    double number(const char* name, double otherwise, double low, double high) {
        const QJsonValue v = value(name);
        if (v.isUndefined()) return otherwise;
        if (!v.isDouble() || !(v.toDouble() >= low && v.toDouble() <= high)) {
            return wrong(name, fmt::format("a number from {} to {}", low, high), v), otherwise;
        }
        return v.toDouble();
    }
    int integer(const char* name, int otherwise, int low, int high) {
        const double d = number(name, otherwise, low, high);
        if (d != std::floor(d)) return wrong(name, "a whole number", value(name)), otherwise;
        return static_cast<int>(d);
    }
    std::uint64_t integer64(const char* name) {
        if (!has(name)) return 0;
        const QJsonValue v = value(name);
        bool ok = v.isString();
        const std::uint64_t n = ok ? v.toString().toULongLong(&ok) : 0;
        if (!ok) wrong(name, "a whole number written as text", v);
        return n;
    }
    bool boolean(const char* name, bool otherwise) {
        const QJsonValue v = value(name);
        if (v.isUndefined()) return otherwise;
        if (!v.isBool()) wrong(name, "true or false", v);
        return v.toBool(otherwise);
    }
    template <class Enum, std::size_t N>
    Enum oneOf(const char* name, const char* const (&names)[N]) {
        const std::string chosen = string(name, names[0]);
        for (std::size_t i = 0; i < N; ++i) {
            if (chosen == names[i]) return static_cast<Enum>(i);
        }
        wrong(name, fmt::format("one of {}", fmt::join(names, ", ")), value(name));
        return Enum{};
    }
    Fields object(const char* name) {
        const QJsonValue v = value(name);
        if (!v.isUndefined() && !v.isObject()) wrong(name, "an object", v);
        return Fields(v.toObject(), m_path + name + ".", m_error);
    }
    QJsonArray array(const char* name) {
        const QJsonValue v = value(name);
        if (!v.isUndefined() && !v.isArray()) wrong(name, "a list", v);
        return v.toArray();
    }
    Fields element(const QJsonArray& array, const char* name, int i) {
        const std::string at = fmt::format("{}[{}]", name, i);
        if (!array[i].isObject()) wrong(at.c_str(), "an object", array[i]);
        return Fields(array[i].toObject(), m_path + at + ".", m_error);
    }
    const QJsonObject& json() const { return m_object; }
    void wrong(const char* name, const std::string& expected, const QJsonValue& found) {
        if (m_error) return;
        const QByteArray shown = QJsonDocument(QJsonArray{found}).toJson(QJsonDocument::Compact).mid(1).chopped(1).left(60);
        m_error = Error{ErrorKind::BadFormat,
                        fmt::format("the field “{}{}” should be {}, but is {}.", m_path, name, expected,
                                    found.isUndefined() ? "missing" : shown.toStdString()),
                        m_path + name};
    }

private:
    QJsonValue value(const char* name) const { return m_object.value(QLatin1String(name)); }
    QJsonObject m_object;
    std::string m_path;
    std::optional<Error>& m_error;
};

constexpr int most = 1 << 30;
constexpr double anyNumber = 1e300;

TreeRecord treeFrom(Fields fields) {
    TreeRecord tree;
    tree.promptTokens = fields.integer("prompt_tokens", 0, 0, most);
    tree.seed = fields.integer64("seed");
    const QJsonArray nodes = fields.array("nodes");
    for (int i = 0; i < nodes.size(); ++i) {
        Fields node = fields.element(nodes, "nodes", i);
        NodeRecord record;
        record.parent = node.integer("parent", 0, 0, i);  // a parent comes before its children
        record.id = node.integer("id", -1, 0, most);
        if (!node.has("id")) node.wrong("id", "a token's id", QJsonValue::Undefined);
        record.logit = static_cast<float>(node.number("logit", 0, -anyNumber, anyNumber));
        record.probability = node.number("probability", 0, 0, 1.0000001);
        if (node.has("draw")) record.draw = node.number("draw", 0, 0, 1);
        record.dice = node.integer64("dice");
        record.forced = node.boolean("forced", false);
        record.kept = node.boolean("kept", false);
        record.name = node.string("name");
        tree.nodes.push_back(record);
    }
    tree.current = fields.integer("current", 0, 0, static_cast<int>(tree.nodes.size()));
    return tree;
}

Locus placeFrom(Fields& fields) {
    const auto place = parseLocus(fields.string("place"));
    if (!place) fields.wrong("place", "a place such as “L3 H5 q7”", fields.json().value("place"));
    return place.value_or(Locus{});
}

QJsonObject toJson(const ModelRef& model) {
    return {{"name", text(model.name)},
            {"path", text(model.path)},
            {"fingerprint", text(model.fingerprint)},
            {"architecture", text(model.architecture)}};
}

ModelRef modelFrom(Fields fields) {
    return {.name = fields.string("name"),
            .path = fields.string("path"),
            .fingerprint = fields.string("fingerprint"),
            .architecture = fields.string("architecture")};
}

}  // namespace

QJsonObject toJson(const Session& s) {
    QJsonArray views;
    for (const QString& id : s.views.views) views.append(id);
    QJsonObject json{
        {"format", "layerwalk-session"},
        {"version", sessionVersion},
        {"program", programVersion},
        {"model", toJson(s.model)},
        {"text", text(s.text)},
        {"context", contextNames[static_cast<int>(s.context)]},
        {"capture", captureNames[static_cast<int>(s.capture)]},
        {"tree", toJson(s.tree)},
        {"sampling", QJsonObject{{"greedy", s.sampling.greedy},
                                 {"temperature", s.sampling.temperature},
                                 {"top_k", s.sampling.topK},
                                 {"top_p", s.sampling.topP},
                                 {"min_p", s.sampling.minP},
                                 {"seed", text(s.sampling.seed)}}},
        {"place", text(print(s.place))},
        {"views", QJsonObject{{"panes", s.views.panes}, {"active", s.views.active}, {"ids", views}, {"states", s.views.states}}},
        {"compare", compareNames[static_cast<int>(s.compare)]},
        {"notes", text(s.notes)}};
    if (s.pin) {
        json["pin"] = QJsonObject{{"text", text(s.pin->text)},
                                  {"context", contextNames[static_cast<int>(s.pin->context)]},
                                  {"capture", captureNames[static_cast<int>(s.pin->capture)]},
                                  {"path", toJson(s.pin->path)},
                                  {"place", text(print(s.pin->place))},
                                  {"name", text(s.pin->name)},
                                  {"model", toJson(s.pin->model)}};
    }
    return json;
}

Result<Session> sessionFromJson(const QJsonObject& json) {
    if (json.value("format").toString() != "layerwalk-session") {
        return fail(ErrorKind::BadFormat, "it is JSON, but not a Layerwalk session (no field “format”: “layerwalk-session”).");
    }
    if (const int version = json.value("version").toInt(); version != sessionVersion) {
        return fail(ErrorKind::Unsupported,
                    fmt::format("it is a session of version {}; this program reads version {}.", version, sessionVersion));
    }
    std::optional<Error> error;
    Fields fields(json, "", error);
    Session s;
    s.model = modelFrom(fields.object("model"));
    s.text = fields.string("text");
    s.context = fields.oneOf<ContextChoice>("context", contextNames);
    s.capture = fields.oneOf<CaptureChoice>("capture", captureNames);
    s.tree = treeFrom(fields.object("tree"));

    Fields sampling = fields.object("sampling");
    s.sampling.greedy = sampling.boolean("greedy", false);
    s.sampling.temperature = sampling.number("temperature", 1, 1e-6, 1e6);
    s.sampling.topK = sampling.integer("top_k", 0, 0, most);
    s.sampling.topP = sampling.number("top_p", 1, 1e-9, 1);
    s.sampling.minP = sampling.number("min_p", 0, 0, 0.999999999);
    s.sampling.seed = sampling.integer64("seed");

    s.place = placeFrom(fields);
    Fields views = fields.object("views");
    s.views.panes = views.integer("panes", 1, 1, 4);
    s.views.active = views.integer("active", 0, 0, 3);
    for (const QJsonValue& id : views.array("ids")) s.views.views.push_back(id.toString());
    s.views.states = views.object("states").json();
    s.compare = fields.oneOf<CompareChoice>("compare", compareNames);
    s.notes = fields.string("notes");
    if (fields.has("pin")) {
        Fields pin = fields.object("pin");
        s.pin = PinRecord{.text = pin.string("text"),
                          .context = pin.oneOf<ContextChoice>("context", contextNames),
                          .capture = pin.oneOf<CaptureChoice>("capture", captureNames),
                          .path = treeFrom(pin.object("path")),
                          .place = placeFrom(pin),
                          .name = pin.string("name")};
        if (pin.has("model")) s.pin->model = modelFrom(pin.object("model"));
    }
    if (error) return tl::unexpected(*error);
    return s;
}

Result<Session> readSession(const QString& file) {
    const std::string name = QFileInfo(file).fileName().toStdString();
    QFile input(file);
    if (!input.exists())
        return fail(ErrorKind::NotFound, fmt::format("There is no session file “{}”.", file.toStdString()), name);
    if (!input.open(QIODevice::ReadOnly)) {
        return fail(ErrorKind::Unreadable,
                    fmt::format("The session “{}” cannot be read: {}.", name, input.errorString().toStdString()), name);
    }
    if (input.size() > largestFile) {
        return fail(ErrorKind::BadFormat,
                    fmt::format("The session “{}” cannot be opened: {} bytes are too many for a session.", name, input.size()),
                    name);
    }
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(input.readAll(), &problem);
    if (!document.isObject()) {
        const std::string why = problem.error == QJsonParseError::NoError
                                    ? "it holds no JSON object."
                                    : fmt::format("at byte {}: {}.", problem.offset, problem.errorString().toStdString());
        return fail(ErrorKind::BadFormat, fmt::format("The session “{}” cannot be opened: {}", name, why), name);
    }
    auto session = sessionFromJson(document.object());
    if (!session) {
        Error error = session.error();
        error.message = fmt::format("The session “{}” cannot be opened: {}", name, error.message);
        return tl::unexpected(error);
    }
    return session;
}

Result<void> writeSession(const QString& file, const Session& session) {
    const QByteArray json = QJsonDocument(toJson(session)).toJson();
    return writeFileAtomically(std::filesystem::path(file.toStdString()), {json.data(), static_cast<std::size_t>(json.size())});
}

}  // namespace lw

// forms: one system computed in several ways: by its recurrence, in parallel, in chunks, as a scan, as a convolution.
#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/request.h"
#include "core/analysis/forms.h"
#include "core/run.h"

namespace lw::cli {

namespace {

struct FormsRequest : Request {
    int chunk = 16;
};

int forms(const FormsRequest& request) {
    const auto loaded = openModel(request.model);
    if (!loaded) return complain(loaded.error());
    const Model& model = *(*loaded)->model;
    const auto ids = readIds(request.text, (*loaded)->tokenizer.get(), (*loaded)->name);
    if (!ids) return complain(ids.error());
    const std::vector<std::string> patterns{"blocks.*.mixer.*"};
    const auto spec = CaptureSpec::parse(patterns, model.info());
    const auto result =
        run(model, *ids, spec ? *spec : CaptureSpec::none(), {.beyondContext = request.text.beyondContext}, progressJob());
    if (!result) return complain(result.error());
    Json rows = Json::array();
    for (int l = 0; l < model.info().layers(); ++l) {
        const MixerInfo& mixer = model.info().block(Layer(l)).mixer;
        if (formsOf(mixer).size() < 2) continue;
        // Of a scan all channels are one row: the largest difference of any.
        const int heads = mixer.hasMatrixState() ? mixer.heads : mixer.inner;
        FormsCompared whole;
        for (int h = 0; h < heads; ++h) {
            const auto compared = compareForms(*result->trace, model, Layer(l), Head(h), request.chunk, progressJob());
            if (!compared) return complain(compared.error());
            const bool first = whole.others.empty() || mixer.hasMatrixState();
            if (first) {
                whole = *compared;
            } else {
                whole.scale = std::max(whole.scale, compared->scale);
                for (std::size_t i = 0; i < whole.others.size(); ++i)
                    whole.others[i].largest = std::max(whole.others[i].largest, compared->others[i].largest);
            }
            if (!mixer.hasMatrixState() && h + 1 < heads) continue;
            Json row{{"layer", l}, {"kind", mixerKindName(mixer.kind)}, {"scale", number(whole.scale)}};
            if (mixer.hasMatrixState()) row["head"] = h;
            std::string words;
            for (const FormDifference& one : whole.others) {
                row["differences"][std::string(formName(one.form))] = number(one.largest);
                words += fmt::format("  {} {:.2g}", formName(one.form), one.largest);
            }
            rows.push_back(std::move(row));
            if (!request.json)
                printLine(fmt::format(
                    "layer {:>2}  {:16} {:10} reads up to {:.4g}; apart from the recurrence:{}", l, mixerKindTitle(mixer.kind),
                    mixer.hasMatrixState() ? fmt::format("head {}", h) : fmt::format("{} channels", heads), whole.scale, words));
        }
    }
    if (rows.empty())
        return complain(
            Error{ErrorKind::Unsupported,
                  fmt::format("No layer of {} carries a state that can be computed in more than one form.", (*loaded)->name),
                  {},
                  {}});
    if (request.json) printJson(rows);
    return Done;
}

}  // namespace

void addForms(CLI::App& program, Action& chosen) {
    auto request = std::make_shared<FormsRequest>();
    CLI::App* command =
        program.add_subcommand("forms", "Recurrent models: the same memory by recurrence, in parallel, in chunks");
    request->addModel(*command);
    request->text.addTo(*command);
    command->add_option("--chunk", request->chunk, "Tokens in a chunk")->check(CLI::PositiveNumber)->capture_default_str();
    request->addJson(*command);
    command->footer("Example:\n  layerwalk-cli forms layerwalk-recall-deltanet --text \"a2l7n5o4e7|e7l7n5o\"");
    command->callback([&chosen, request] { chosen = [request] { return forms(*request); }; });
}

}  // namespace lw::cli

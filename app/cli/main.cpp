// layerwalk-cli: the numbers of the window, for scripts. Links the core only and needs no display.
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>

#include <fmt/format.h>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "app/cli/request.h"

using namespace lw::cli;

int main(int argc, char** argv) {
    std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error like a full disk, not the program's end
    CLI::App program(
        "See how a language model works, number by number: tokens, forward passes, captures, generation, logit lens.",
        "layerwalk-cli");
    program.set_version_flag("--version", "layerwalk-cli " LAYERWALK_VERSION);
    program.set_help_all_flag("--help-all", "The help of every command");
    program.require_subcommand(1);
    program.footer(
        "Each command has its own help: layerwalk-cli run --help\nExit status: 0 done, 1 it could not be done, 2 wrong use.");
    Action chosen;
    static constexpr auto commands = std::to_array<AddCommand>({
        addModels,
        addInspect,
        addSites,
        addTokenizers,
        addTokenize,
        addCountTokens,
        addDetokenize,
        addMerges,
        addTrainTokenizer,
        addRun,
        addGenerate,
        addLens,
        addAttribute,
        addNeighbours,
        addOrders,
        addForms,
        addExposure,
        addCompare,
        addBench,
        addTrain,
        addEvaluate,
    });
    for (const AddCommand add : commands) add(program, chosen);

    const std::string hint = "See layerwalk-cli --help.";
    if (argc > 1 && argv[1][0] != '-') {
        const auto names = program.get_subcommands([](CLI::App*) { return true; });
        if (std::ranges::none_of(names, [&](const CLI::App* command) { return command->get_name() == argv[1]; })) {
            return wrongUse(fmt::format("there is no command “{}”.", argv[1]), hint);
        }
    }
    try {
        program.parse(argc, argv);
    } catch (const CLI::Success& success) {
        return program.exit(success);  // help or version
    } catch (const CLI::ParseError& error) {
        std::string message = error.what();
        std::ranges::replace(message, '\n', ' ');
        const bool known = argc > 1 && argv[1][0] != '-';
        return wrongUse(message, known ? fmt::format("See layerwalk-cli {} --help.", argv[1]) : hint);
    }
    try {
        const int status = chosen();
        if (std::fflush(stdout) != 0 || std::ferror(stdout))
            return complain({lw::ErrorKind::NotWritable, "Standard output cannot be written.", {}, {}});
        return status;
    } catch (const Usage& usage) {
        return wrongUse(usage.message, fmt::format("See layerwalk-cli {} --help.", argv[1]));
    } catch (const std::bad_alloc&) {
        return complain({lw::ErrorKind::OverBudget, "The machine has not enough memory for this.", {}, {}});
    }
}

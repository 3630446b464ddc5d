// The command line program as a script sees it: arguments in; status, standard output and standard error out.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/core/formats/temporary_folder.h"

namespace lw::test {

struct Ended {
    int status = -1;  // 128 + the signal if one ended it
    std::string out, err;

    nlohmann::json json() const {
        INFO(err);
        REQUIRE(status == 0);
        return nlohmann::json::parse(out);  // exactly one document
    }
    int errorLines() const { return static_cast<int>(std::count(err.begin(), err.end(), '\n')); }
};

struct Start {
    std::string input = {};             // standard input
    std::filesystem::path folder = {};  // where it runs
    const char* out = nullptr;          // standard output goes there instead
    void (*before)() = nullptr;         // in the new process
};

inline Ended program(const std::string& file, std::vector<std::string> arguments, const Start& start = {}) {
    const TemporaryFolder files;
    const auto out = files / "out", err = files / "err", in = files.write("in", start.input);
    arguments.insert(arguments.begin(), file);
    std::vector<char*> list;
    for (std::string& argument : arguments) list.push_back(argument.data());
    list.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto become = [](int number, const char* path, int flags) { ::dup2(::open(path, flags, 0600), number); };
        become(0, in.c_str(), O_RDONLY);
        become(1, start.out ? start.out : out.c_str(), O_WRONLY | O_CREAT);
        become(2, err.c_str(), O_WRONLY | O_CREAT);
        if (!start.folder.empty() && ::chdir(start.folder.c_str()) != 0) ::_exit(126);
        if (start.before) start.before();
        ::execvp(list[0], list.data());
        ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), start.out ? "" : contentOf(out), contentOf(err)};
}

inline const std::string cliPath = LAYERWALK_BIN "/layerwalk-cli";

inline Ended cli(std::vector<std::string> arguments, const Start& start = {}) {
    return program(cliPath, std::move(arguments), start);
}

inline nlohmann::json cliJson(std::vector<std::string> arguments, const Start& start = {}) {
    arguments.emplace_back("--json");
    return cli(std::move(arguments), start).json();
}

}  // namespace lw::test

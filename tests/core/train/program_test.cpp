// The program itself: killed at any moment, stopped by Ctrl-C, on a full disk, and what it prints.
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/train/checkpoint.h"
#include "tests/core/train/training.h"

using namespace lw::test;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

const std::string program = LAYERWALK_BIN "/layerwalk-cli";

// A running program whose standard output is read line by line.
class Running {
public:
    explicit Running(const std::vector<std::string>& arguments, const fs::path& errors = "/dev/null") {
        int ends[2];
        REQUIRE(pipe(ends) == 0);
        m_pid = fork();
        REQUIRE(m_pid >= 0);
        if (m_pid == 0) {
            dup2(ends[1], STDOUT_FILENO);
            const int log = open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
            dup2(log, STDERR_FILENO);
            close(ends[0]);
            std::vector<char*> list;
            for (const std::string& argument : arguments) list.push_back(const_cast<char*>(argument.c_str()));
            list.push_back(nullptr);
            execvp(list[0], list.data());
            _exit(127);
        }
        close(ends[1]);
        m_output = fdopen(ends[0], "r");
    }
    ~Running() {
        if (m_pid > 0) {
            kill(m_pid, SIGKILL);
            waitpid(m_pid, nullptr, 0);
        }
        std::fclose(m_output);
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    std::optional<std::string> line() {
        char text[4096];
        if (!std::fgets(text, sizeof text, m_output)) return std::nullopt;
        std::string result(text);
        if (!result.empty() && result.back() == '\n') result.pop_back();
        return result;
    }
    void signal(int number) const { kill(m_pid, number); }
    /// The exit status, or −signal.
    int wait() {
        int status = 0;
        waitpid(m_pid, &status, 0);
        m_pid = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

private:
    pid_t m_pid = 0;
    std::FILE* m_output = nullptr;
};

struct Setting {
    TemporaryFolder folder;
    fs::path config = folder.path() / "config.json";
    explicit Setting(json training = copyTraining()) {
        training["report_every"] = 1;
        std::ofstream(config) << training;
    }
    std::vector<std::string> command(const std::string& out) const {
        return {program, "train", config.string(), "--out", (folder.path() / out).string(), "--json"};
    }
    std::string model(const std::string& out) const { return bytesOf(folder.path() / out / "model.safetensors"); }
};

// Runs to the end; the lines.
std::vector<json> finish(const std::vector<std::string>& command) {
    const TemporaryFolder folder;
    Running run(command, folder.path() / "errors");
    std::vector<json> lines;
    while (const auto line = run.line()) lines.push_back(json::parse(*line));
    const int status = run.wait();
    INFO(bytesOf(folder.path() / "errors"));
    CHECK(status == 0);
    return lines;
}

// Lets it go on until it has reported this step.
void readUntil(Running& run, std::int64_t step) {
    while (const auto line = run.line()) {
        if (json::parse(*line)["step"] >= step) return;
    }
    FAIL("the training ended before step " << step);
}

}  // namespace

TEST_CASE("killed at step 23 of 40, a training comes to the same numbers as one that was left alone") {
    const Setting setting;
    const auto whole = finish(setting.command("whole"));
    REQUIRE(whole.size() == 40);
    for (const json& line : whole) {
        CHECK(line.contains("step"));
        CHECK(line["loss"].is_number());
        CHECK(line.contains("validation_loss"));
        CHECK(line["tokens_per_second"].is_number());
    }
    {
        Running run(setting.command("killed"));
        readUntil(run, 23);
        run.signal(SIGKILL);
        CHECK(run.wait() == -SIGKILL);
    }
    const auto rest = finish(setting.command("killed"));
    REQUIRE_FALSE(rest.empty());
    CHECK(rest.front()["step"] > 1);
    CHECK(rest.back()["loss"] == whole.back()["loss"]);
    CHECK(rest.back()["validation_loss"] == whole.back()["validation_loss"]);
    CHECK(setting.model("killed") == setting.model("whole"));
}

TEST_CASE("killed again and again, nothing that can be seen is half written") {
    json training = copyTraining();
    training["checkpoint_every"] = 1;
    const Setting setting(training);
    finish(setting.command("whole"));
    for (int i = 0; i < 6; ++i) {
        Running run(setting.command("killed"));
        run.line();
        usleep(1000 * (3 + 7 * i % 11));
        run.signal(SIGKILL);
        run.wait();
        for (const fs::path& path : lw::train::checkpointsIn(setting.folder.path() / "killed"))
            CHECK(lw::train::readCheckpointJson(path));
    }
    finish(setting.command("killed"));
    CHECK(setting.model("killed") == setting.model("whole"));
}

TEST_CASE("a training that was killed before its first checkpoint begins again in its folder") {
    json training = copyTraining();
    training["checkpoint_every"] = 100000;
    const Setting setting(training);
    {
        Running run(setting.command("out"));
        readUntil(run, 1);
        run.signal(SIGKILL);
        run.wait();
    }
    CHECK(lw::train::checkpointsIn(setting.folder.path() / "out").empty());
    CHECK(finish(setting.command("out")).front()["step"] == 1);
}

TEST_CASE("Ctrl-C ends a training after a checkpoint, and says how to go on") {
    json training = copyTraining();
    training["steps"] = 100000;
    training["checkpoint_every"] = 100000;
    const Setting setting(training);
    const fs::path errors = setting.folder.path() / "errors";
    Running run(setting.command("out"), errors);
    readUntil(run, 5);
    run.signal(SIGINT);
    std::int64_t last = 0;
    while (const auto line = run.line()) last = json::parse(*line)["step"];
    CHECK(run.wait() == 1);
    CHECK(bytesOf(errors).find("goes on from there") != std::string::npos);
    const auto checkpoints = lw::train::checkpointsIn(setting.folder.path() / "out");
    REQUIRE(checkpoints.size() == 1);
    const json state = lw::train::readCheckpointJson(checkpoints.front()).value();
    CHECK(state["progress"]["step"].get<std::int64_t>() >= last);
    CHECK(fs::exists(setting.folder.path() / "out" / "model.safetensors"));
}

TEST_CASE("when no room is left for a checkpoint, the older one stays and the training can be gone on with") {
    const Setting setting;
    finish(setting.command("whole"));
    {
        Running run(setting.command("full"));
        readUntil(run, 12);
        run.signal(SIGKILL);
        run.wait();
    }
    const fs::path folder = setting.folder.path() / "full";
    const auto before = lw::train::checkpointsIn(folder);
    REQUIRE_FALSE(before.empty());
    const std::string content = bytesOf(before.front());
    REQUIRE(content.size() > 8192);
    std::string line;
    for (const std::string& word : setting.command("full")) line += "'" + word + "' ";
    const fs::path errors = setting.folder.path() / "errors";
    const auto runWithin = [&](std::size_t blocks) {  // files cannot grow beyond so many blocks of 512 bytes
        Running run({"sh", "-c", "trap '' XFSZ; ulimit -f " + std::to_string(blocks) + "; exec " + line}, errors);
        while (run.line()) {
        }
        return run.wait();
    };
    // Neither a checkpoint nor the model has room: the last sentence says where it goes on.
    CHECK(runWithin(8) == 1);
    std::string said = bytesOf(errors);
    INFO(said);
    CHECK(said.find("checkpoint-") != std::string::npos);
    const std::string last = said.substr(said.rfind("layerwalk-cli: "));
    CHECK(last.find("is untouched") != std::string::npos);
    CHECK(last.find("The same command goes on from there.") != std::string::npos);
    CHECK(bytesOf(before.front()) == content);
    CHECK(lw::train::checkpointsIn(folder) == before);
    // There is room for the model and for no checkpoint: the training ends with the model.
    const fs::path whole = setting.folder.path() / "whole";
    const std::size_t room =
        std::max(fs::file_size(whole / "model.safetensors"), fs::file_size(whole / "training.json")) / 512 + 2;
    REQUIRE(content.size() > room * 512);
    CHECK(runWithin(room) == 0);
    said = bytesOf(errors);
    INFO(said);
    CHECK(said.find("The model is written without another.") != std::string::npos);
    CHECK(lw::train::checkpointsIn(folder) == before);
    CHECK(setting.model("full") == setting.model("whole"));
    finish(setting.command("full"));  // complete, although the checkpoint is of an earlier step
    CHECK(setting.model("full") == setting.model("whole"));
}

TEST_CASE("evaluate prints the loss over a file") {
    const TemporaryFolder folder;
    std::ofstream(folder.path() / "story.txt") << "Once upon a time there was a little girl.\n--\nShe had a red ball.";
    const std::vector<std::string> command{
        program, "evaluate", "stories260K", "--text-file", (folder.path() / "story.txt").string(), "--separator", "--", "--json"};
    const auto lines = finish(command);
    REQUIRE(lines.size() == 1);
    CHECK(lines[0]["documents"] == 2);
    CHECK(lines[0]["bytes"] == 41 + 19);
    CHECK(lines[0]["loss"].get<double>() > 0.5);
    CHECK(lines[0]["loss"].get<double>() < 4);
    const double bits =
        lines[0]["loss"].get<double>() * lines[0]["tokens"].get<double>() / std::log(2.0) / lines[0]["bytes"].get<double>();
    CHECK(lines[0]["bits_per_byte"].get<double>() == Approx(bits));
}

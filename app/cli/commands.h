// One function a command: adds it to the parser and leaves behind what runs it.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <string>

namespace lw::cli {

using Action = std::function<int()>;
using AddCommand = void (*)(CLI::App& program, Action& chosen);

void addModels(CLI::App& program, Action& chosen);
void addInspect(CLI::App& program, Action& chosen);
void addSites(CLI::App& program, Action& chosen);
void addTokenizers(CLI::App& program, Action& chosen);
void addTokenize(CLI::App& program, Action& chosen);
void addDetokenize(CLI::App& program, Action& chosen);
void addCountTokens(CLI::App& program, Action& chosen);
void addMerges(CLI::App& program, Action& chosen);
void addRun(CLI::App& program, Action& chosen);
void addGenerate(CLI::App& program, Action& chosen);
void addLens(CLI::App& program, Action& chosen);
void addAttribute(CLI::App& program, Action& chosen);
void addOrders(CLI::App& program, Action& chosen);
void addForms(CLI::App& program, Action& chosen);
void addExposure(CLI::App& program, Action& chosen);
void addCompare(CLI::App& program, Action& chosen);
void addNeighbours(CLI::App& program, Action& chosen);
void addBench(CLI::App& program, Action& chosen);
void addTrainTokenizer(CLI::App& program, Action& chosen);
void addTrain(CLI::App& program, Action& chosen);
void addEvaluate(CLI::App& program, Action& chosen);

}  // namespace lw::cli

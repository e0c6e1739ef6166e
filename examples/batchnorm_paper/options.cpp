#include "options.h"

#include <algorithm>

#include "experiment.h"

namespace examples::paper {

int parse(int argc, char** argv, Options& options) {
  CLI::App app(
      "Repeats the experiments of the Batch Normalization paper (Ioffe and Szegedy 2015) on handwritten digits.",
      "batchnorm_paper");
  app.fallthrough();  // options may stand behind the name of the experiment
  app.add_flag("--quick", options.quick, "a small part of the work, to check that everything runs; no evidence");
  add_shared_options(app, options, "CSV files, figures and the report");
  app.add_subcommand("all", "every experiment, and report.html with all figures");
  for (const Experiment& experiment : experiments()) app.add_subcommand(experiment.name, experiment.title);
  for (CLI::App* const sub : app.get_subcommands({})) sub->set_help_flag();  // --help is that of the program
  app.footer(
      "Ctrl-C stops at the next step and keeps the experiments that are done.\n"
      "Exit code: 0 done (whether or not the claims hold), 1 something failed, 2 wrong command line, 130 stopped.");
  app.callback([&] {
    if (app.get_subcommands().empty()) {  // asked here, so that a wrong name is named first
      std::string names = "all";
      for (const Experiment& experiment : experiments()) names += std::string(", ") + experiment.name;
      throw CLI::RequiredError("A subcommand is required: one or more of " + names, CLI::ExitCodes::RequiredError);
    }
  });
  if (const int code = examples::parse(app, argc, argv); code >= 0) return code;
  for (const CLI::App* chosen : app.get_subcommands()) options.names.push_back(chosen->get_name());
  options.all = std::find(options.names.begin(), options.names.end(), "all") != options.names.end();
  return -1;
}

}  // namespace examples::paper

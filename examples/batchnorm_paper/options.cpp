#include "options.h"

#include <taper/core/parallel.h>

#include <algorithm>
#include <thread>

#include "../common/validators.h"
#include "experiment.h"

namespace examples::paper {

int parse(int argc, char** argv, Options& options) {
  const int cores = std::max<int>(static_cast<int>(std::thread::hardware_concurrency()), taper::get_num_threads());
  options.threads = taper::get_num_threads();

  CLI::App app(
      "Repeats the experiments of the Batch Normalization paper (Ioffe and Szegedy 2015) on handwritten digits.",
      "batchnorm_paper");
  app.fallthrough();  // options may stand behind the name of the experiment
  app.add_flag("--quick", options.quick, "a small part of the work, to see that everything runs; proves nothing");
  app.add_option("--data", options.data,
                 "folder with the files of MNIST, Fashion-MNIST or KMNIST, raw or .gz;\n"
                 "without it, digits drawn by the program (SynthDigits)")
      ->type_name("DIR")
      ->check(not_empty())
      ->envname("TAPER_DATA");
  app.add_option("--seed", options.seed, "of the initial weights and the order of the images")
      ->type_name("N")
      ->check(whole<uint64_t>(0, UINT64_MAX))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "processors to use; the results are the same for any number")
      ->type_name("N")
      ->check(whole(1, cores, ", the processors there are"))
      ->capture_default_str();
  app.add_option("--out", options.out, "folder for CSV files, pictures and the report")
      ->type_name("DIR")
      ->check(not_empty())
      ->capture_default_str();
  app.add_option("--json", options.json, "write the results for programs")->type_name("FILE")->check(not_empty());
  app.add_subcommand("all", "every experiment, and report.html with all pictures");
  for (const Experiment& experiment : experiments()) app.add_subcommand(experiment.name, experiment.title);
  for (CLI::App* const sub : app.get_subcommands({})) sub->set_help_flag();  // --help is that of the program
  app.footer(
      "Ctrl-C stops at the next step and keeps the experiments that are done.\n"
      "Exit code: 0 done (whether or not the claims hold), 1 something failed, 2 wrong command line, 130 stopped.");
  try {
    app.parse(argc, argv);
    if (app.get_subcommands().empty()) {  // asked here, so that a wrong name is named first
      std::string names = "all";
      for (const Experiment& experiment : experiments()) names += std::string(", ") + experiment.name;
      throw CLI::RequiredError("A subcommand is required: one or more of " + names, CLI::ExitCodes::RequiredError);
    }
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  for (const CLI::App* chosen : app.get_subcommands()) options.names.push_back(chosen->get_name());
  options.all = std::find(options.names.begin(), options.names.end(), "all") != options.names.end();
  return -1;
}

}  // namespace examples::paper

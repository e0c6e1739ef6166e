// batchnorm_paper: the experiments of the Batch Normalization paper (Ioffe and Szegedy 2015), repeated on digits.
//
//   ./run paper                      all of them, and a page to read: out/paper/report.html
//   ./run paper --data FOLDER        on MNIST instead of generated digits
//   ./run paper --quick              a small part of the work, to check that everything runs
//   ./run example batchnorm_paper figure1 sigmoid        some of them
//   ./run example batchnorm_paper --help                 their names
//
// All experiments take less than 20 minutes on two cores. Each checks its claim and prints `holds` or `does not hold`,
// with the figures.
//
// Files: experiments/ has a source per experiment, of the same name; lab.h the shared networks and training.
#include <taper/core/random.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>

#include "../common/interrupt.h"
#include "../common/program.h"
#include "../common/text.h"
#include "lab.h"
#include "report.h"

namespace examples::paper {
namespace {

Finished carry_out(const Experiment& experiment, Lab& lab, const Options& options) {
  taper::manual_seed(options.seed);  // each alone gives what it gives among the others
  const auto start = std::chrono::steady_clock::now();
  Finished finished{&experiment, experiment.run(lab), 0, {}};
  lab.finish();
  finished.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return finished;
}

// The figures and tables of one experiment.
bool keep_all(Finished& finished, const Options& options) {
  bool ok = true;
  for (const Columns& columns : finished.outcome.data) {
    ok &= keep("batchnorm_paper", options.out + "/" + columns.name + ".csv", csv(columns));
  }
  for (const Picture& picture : finished.outcome.pictures) {
    std::string why;
    finished.pngs.push_back(draw(picture.chart, why));
    if (finished.pngs.back().empty()) {
      std::printf("no figure %s: %s\n", picture.name.c_str(), why.c_str());
    } else {
      ok &= keep("batchnorm_paper", options.out + "/" + picture.name + ".png", finished.pngs.back());
    }
  }
  return ok;
}

int run(const Options& options) {
  prepare(options);
  Lab lab(options);
  introduce(options);
  std::printf("data: %s%s\n", lab.source().c_str(), data_hint(options).c_str());
  if (options.quick) std::fputs(quick_note().c_str(), stdout);
  bool ok = true;
  std::vector<Finished> all;
  for (const Experiment& experiment : experiments()) {
    const bool wanted = options.all || std::count(options.names.begin(), options.names.end(), experiment.name) > 0;
    if (!wanted || interrupted()) continue;
    try {
      all.push_back(carry_out(experiment, lab, options));
      std::fputs(text(all.back()).c_str(), stdout);
      ok &= keep_all(all.back(), options);
    } catch (const Interrupted&) {
      lab.finish();
      break;
    } catch (const std::exception& error) {  // the others are not lost
      lab.finish();
      std::fprintf(stderr, "batchnorm_paper: %s: %s\n", experiment.name, error.what());
      ok = false;
    }
  }
  tell_of_interrupt(format("; finished: %zu", all.size()));
  if (all.size() > 1) std::fputs(overview(all).c_str(), stdout);
  if (options.quick && !all.empty()) std::fputs(quick_note().c_str(), stdout);
  if (!options.json.empty())
    ok &= keep("batchnorm_paper", options.json, json(all, options, lab.source(), interrupted() != 0));
  if (options.all && !all.empty())
    ok &= keep("batchnorm_paper", options.out + "/report.html", html(all, options, lab.source()));
  return exit_code(ok);
}

}  // namespace
}  // namespace examples::paper

int main(int argc, char** argv) {
  namespace paper = examples::paper;
  paper::Options options;
  if (const int code = paper::parse(argc, argv, options); code >= 0) return code;
  return examples::run_main("batchnorm_paper", [&] { return paper::run(options); });
}

#include "options.h"

#include <taper/core/blas.h>
#include <taper/core/blas_bf16.h>
#include <taper/core/parallel.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <thread>
#include <vector>

#include "validators.h"

namespace examples {
namespace {

constexpr int64_t kMany = int64_t{1} << 31;

CLI::Validator learning_rate() {
  return CLI::Validator(
      [](const std::string& text) -> std::string {
        float value = 0;  // the weights are floats: what overflows or vanishes in one is no rate
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error == std::errc() && end == text.data() + text.size() && value > 0 && std::isfinite(value)) return "";
        return "must be a finite number above 0; got " + text;
      },
      "");
}

// Letters to insert, remove or replace to make one of the other (Levenshtein 1966).
size_t distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);  // from the first i letters of a to the first j of b
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

// " (did you mean NAME?)" for the name that is most like `word`, if there is one.
std::string suggestion(const std::string& word, const std::vector<std::string>& names) {
  std::string best;
  size_t least = word.size() / 3 + 1;  // more is another word
  for (const std::string& name : names) {
    const size_t changes = name.starts_with(word) ? 1 : distance(word, name);
    if (changes < least) least = changes, best = name;
  }
  return best.empty() ? "" : " (did you mean " + best + "?)";
}

// What to say of the first thing on the command line that the program does not know.
std::string unknown(const CLI::App& app) {
  const std::vector<std::string> extras = app.remaining(/*recurse=*/true);
  const auto is_option = [](const std::string& word) { return word.size() > 1 && word[0] == '-'; };
  const auto option = std::find_if(extras.begin(), extras.end(), is_option);
  std::vector<std::string> names;
  if (option != extras.end()) {  // a value behind it is not to blame
    const std::string word = option->substr(0, option->find('='));
    for (const CLI::Option* known : app.get_options()) {
      for (const std::string& name : known->get_lnames()) names.push_back("--" + name);
    }
    return word + ": there is no such option" + suggestion(word, names);
  }
  for (const CLI::App* known : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(known->get_name());
  }
  const std::string word = extras.empty() ? "" : extras.front();
  if (names.empty()) return word + ": the program takes options only";
  return word + ": there is no such subcommand" + suggestion(word, names);
}

}  // namespace

void add_shared_options(CLI::App& app, SharedOptions& options, const std::string& out) {
  const int cores = std::max<int>(static_cast<int>(std::thread::hardware_concurrency()), taper::get_num_threads());
  options.threads = taper::get_num_threads();
  app.add_option("--data", options.data,
                 "folder with the files of MNIST, Fashion-MNIST or KMNIST, raw or .gz;\n"
                 "without it, generated digits (SynthDigits)")
      ->type_name("DIR")
      ->check(not_empty())
      ->envname("TAPER_DATA");
  app.add_option("--seed", options.seed, "of the initial weights and the order of the images")
      ->type_name("N")
      ->check(whole<uint64_t>(0, UINT64_MAX))
      ->capture_default_str();
  app.add_option("--threads", options.threads, "processors to use; the results are the same for any number")
      ->type_name("N")
      ->check(whole(1, cores, ", the number of processors"))
      ->capture_default_str();
  app.add_option("--out", options.out, "folder for " + out)
      ->type_name("DIR")
      ->check(not_empty())
      ->capture_default_str();
  app.add_option("--json", options.json, "write the results for programs")->type_name("FILE")->check(not_empty());
}

void add_training_options(CLI::App& app, TrainingOptions& options, const std::string& optimizer) {
  app.add_option("--epochs", options.epochs, "times each training image is seen")
      ->type_name("N")
      ->check(whole<int64_t>(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--batch-size", options.batch_size, "images in a step of training")
      ->type_name("N")
      ->check(whole<int64_t>(1, kMany))
      ->capture_default_str();
  app.add_option("--lr", options.lr, "learning rate " + optimizer)
      ->type_name("RATE")
      ->check(learning_rate())
      ->capture_default_str();
  app.add_option("--train-size", options.train_size, "train on the first N images only")
      ->type_name("N")
      ->check(whole<int64_t>(2, kMany));
  app.footer(
      "Ctrl-C stops at the next step and keeps the results so far; a second one stops at once.\n"
      "Exit code: 0 done, 1 something failed, 2 wrong command line, 130 stopped by Ctrl-C.");
}

void need_two_per_batch(CLI::App& app, const TrainingOptions& options) {
  app.callback([&] {
    if (options.batch_size == 1) throw CLI::ValidationError("--batch-size", "must be at least 2 for BatchNorm; got 1");
  });
}

void add_test_size(CLI::App& app, TrainingOptions& options) {
  app.add_option("--test-size", options.test_size, "test on the first N images only")
      ->type_name("N")
      ->check(whole<int64_t>(1, kMany));
}

void add_precision(CLI::App& app, TrainingOptions& options) {
  app.add_option_function<std::string>(
         "--precision", [&options](const std::string& type) { options.bf16 = type == "bf16"; },
         "type of the products: float32 or bf16, bfloat16 by autocast; weights stay float32")
      ->type_name("TYPE")
      ->check(CLI::IsMember({"float32", "bf16"}))
      ->default_str("float32");
}

void introduce_precision(const TrainingOptions& options) {
  if (options.bf16) std::printf("products in bfloat16, computed by: %s\n\n", taper::blas::bf16_backend().c_str());
}

int parse(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    const std::string advice = taper::blas::advice();
    if (!advice.empty()) std::fprintf(stderr, "%s\n", advice.c_str());
    return -1;
  } catch (const CLI::CallForHelp&) {  // always the program's, whatever stands in front of --help
    std::fputs(app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal).c_str(), stdout);
    return 0;
  } catch (const CLI::ExtrasError&) {
    std::fprintf(stderr, "%s\nRun with --help for more information.\n", unknown(app).c_str());
    return 2;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
}

}  // namespace examples

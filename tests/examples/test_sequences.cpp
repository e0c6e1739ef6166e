// The reader of rows, run as users run it: small, on a small part of the data.
#include <taper/taper.h>

#include <algorithm>
#include <csignal>

#include "program.h"

namespace {

struct Sequences : Run {
  explicit Sequences(const Arguments& arguments) : Run(TAPER_SEQUENCES, arguments) {}
};

const Arguments kSmall = {"--train-size", "3000", "--batch-size", "32", "--test-size", "500",
                          "--epochs",     "2",    "--hidden",     "32", "--lr",        "0.01"};

}  // namespace

TEST_CASE("sequences learns, and keeps table, JSON, CSV and weights; the same with one thread") {
  Sequences all(kSmall), one(with(kSmall, {"--threads", "1"}));
  INFO(all.program.err());
  REQUIRE(all.program.wait() == 0);
  REQUIRE(one.program.wait() == 0);

  const auto json = all.json();
  CHECK(json["net"] == "LSTM");
  REQUIRE(json["epochs"].size() == 2);
  CHECK(json["epochs"][1]["test_accuracy"] > 50);
  REQUIRE(json["accuracy_after_rows"].size() == 28);
  CHECK(json["accuracy_after_rows"][27] == json["epochs"][1]["test_accuracy"]);
  CHECK(json["accuracy_after_rows"][0] < json["accuracy_after_rows"][27]);
  CHECK_THAT(all.program.out(), ContainsSubstring("rows read   recognised") && ContainsSubstring("images/s"));
  const std::string csv = read_bytes(all.folder / "out/rows.csv");
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 29);

  const std::string file = "out/sequences.safetensors";
  CHECK(read_bytes(all.folder / file) == read_bytes(one.folder / file));
  CHECK(taper::serialize::load_safetensors(all.folder / file)["lstm.weight_ih_l0"].sizes() ==
        taper::IntArrayRef({128, 28}));
}

TEST_CASE("sequences trains a GRU of several layers") {
  Sequences gru(
      {"--gru", "--layers", "2", "--train-size", "200", "--test-size", "100", "--hidden", "8", "--epochs", "1"});
  INFO(gru.program.err());
  REQUIRE(gru.program.wait() == 0);
  CHECK(gru.json()["net"] == "GRU");
  CHECK_THAT(gru.program.out(), ContainsSubstring("GRU, 2 layers of 8 units"));
}

TEST_CASE("sequences keeps its results when it is stopped") {
  Sequences run({"--train-size", "100", "--test-size", "50", "--hidden", "4", "--epochs", "100000"});
  REQUIRE(run.program.says("test "));
  run.program.send(SIGTERM);
  CHECK(run.program.wait() == 128 + SIGTERM);
  CHECK(run.json()["interrupted"] == true);
}

TEST_CASE("sequences refuses a wrong command line") {
  check_refused<Sequences>({
      {{"--hidden", "0"}, "--hidden: must be a whole number from 1"},
      {{"--layers", "x"}, "--layers"},
  });
}

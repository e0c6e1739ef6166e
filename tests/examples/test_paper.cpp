// The experiments of the paper, run as users run them, with little work.
#include <taper/taper.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>

#include "program.h"

namespace {

struct Paper : Run {
  explicit Paper(const Arguments& arguments) : Run(TAPER_PAPER, with(arguments, {"--quick"})) {}
};

}  // namespace

TEST_CASE("batchnorm_paper: experiments say whether their claim holds, with the figures") {
  Paper paper({"bias", "scale"});
  INFO(paper.program.err());
  REQUIRE(paper.program.wait() == 0);
  const auto json = paper.json();
  CHECK(json["data"] == "SynthDigits");
  CHECK(json["quick"] == true);
  CHECK(json["version"] == taper::kVersion);
  REQUIRE(json["experiments"].size() == 2);
  for (const char* name : {"bias", "scale"}) {
    INFO(name << ": " << json["experiments"][name].dump());
    CHECK(json["experiments"][name]["holds"] == true);
    CHECK(json["experiments"][name]["seconds"] >= 0);
    CHECK_THAT(paper.program.out(), ContainsSubstring(std::string("== ") + name));
  }
  CHECK(json["experiments"]["bias"]["layer_bias_outside"] > 1);
  CHECK_THAT(paper.program.out(), ContainsSubstring("holds: "));
  CHECK(read_bytes(paper.folder / "out/bias.csv").rfind("step,bias_outside,", 0) == 0);
  CHECK_FALSE(std::filesystem::exists(paper.folder / "out/report.html"));
}

TEST_CASE("batchnorm_paper all: every experiment runs and is on the page") {
  Paper paper({"all"});
  INFO(paper.program.err());
  REQUIRE(paper.program.wait() == 0);
  const auto json = paper.json();
  const std::string page = read_bytes(paper.folder / "out/report.html");
  CHECK(json["experiments"].size() == 12);
  for (const auto& [name, entry] : json["experiments"].items()) {
    INFO(name);
    CHECK(entry["holds"].is_boolean());
    CHECK(entry["finding"].get<std::string>().size() > 20);
    CHECK(entry.size() > 3);  // figures
    CHECK_THAT(page, ContainsSubstring("<h2 id=\"" + name + "\">"));
  }
  CHECK_THAT(page, ContainsSubstring("too little training") && ContainsSubstring("(quick run)") &&
                       ContainsSubstring("</html>"));
  const std::string out = paper.program.out(), note = "too little training for evidence";
  CHECK(out.find(note) < out.find("== figure1"));
  CHECK(out.rfind(note) > out.find("together"));
}

TEST_CASE("batchnorm_paper gives the same figures again, with one thread too") {
  const auto figures = [](Arguments arguments) {
    Paper paper(std::move(arguments));
    REQUIRE(paper.program.wait() == 0);
    auto entry = paper.json()["experiments"]["sigmoid"];
    entry.erase("seconds");
    return entry.dump();
  };
  CHECK(figures({"sigmoid"}) == figures({"sigmoid", "--threads", "1"}));
}

TEST_CASE("batchnorm_paper refuses a wrong command line") {
  check_refused<Paper>({
      {{}, "A subcommand is required: one or more of all, figure1, learning-rates,"},
      {{"figure2"}, "figure2: there is no such subcommand (did you mean figure1?)"},
      {{"bias", "--quik"}, "--quik: there is no such option (did you mean --quick?)"},
      {{"bias", "--epoch", "1"}, "--epoch: there is no such option\n"},
      {{"bias", "--seed", "-1"}, "--seed: must be a whole number from 0"},
      {{"bias", "--seed", "010"}, "--seed: must be a whole number from 0 to 18446744073709551615; got 010"},
      {{"bias", "--threads", "0"}, "--threads: must be a whole number from 1"},
      {{"bias", "--data", ""}, "--data: must not be empty"},
  });
}

TEST_CASE("batchnorm_paper --help is the program's, behind a subcommand too") {
  for (const Arguments& arguments : {Arguments{"--help"}, {"all", "--help"}}) {
    Program program(TAPER_PAPER, arguments);
    CHECK(program.wait() == 0);
    CHECK_THAT(program.out(),
               ContainsSubstring("--data") && ContainsSubstring("--seed") && ContainsSubstring("figure1"));
  }
}

TEST_CASE("batchnorm_paper says where it looked for data") {
  Folder folder;
  Paper paper({"bias", "--data", folder / "none"});
  CHECK(paper.program.wait() == 1);
  CHECK_THAT(paper.program.err(), ContainsSubstring(folder / "none/train-images-idx3-ubyte"));
}

TEST_CASE("batchnorm_paper says how many images it needs") {
  Folder folder;
  for (const std::string part : {"train", "t10k"}) {  // 2 images
    folder.write(part + "-images-idx3-ubyte", support::idx_header({2, 28, 28}) + std::string(2 * 784, '\x10'));
    folder.write(part + "-labels-idx1-ubyte", support::idx_header({2}) + "\x01\x02");
  }
  Paper paper({"bias", "--data", folder / ""});
  CHECK(paper.program.wait() == 1);
  CHECK_THAT(paper.program.err(),
             ContainsSubstring("--data: the experiments need 6000 images to train and 1000 to test") &&
                 ContainsSubstring("has 2 and 2"));
}

TEST_CASE("batchnorm_paper says why a folder cannot be one") {
  Folder folder;
  const std::string loop = folder / "loop";
  std::filesystem::create_symlink(loop, loop);
  for (const std::string& bad : {loop, folder / std::string(300, 'x')}) {
    Program program(TAPER_PAPER, {"bias", "--quick", "--out", bad});
    CHECK(program.wait() == 1);
    CHECK_THAT(program.err(), ContainsSubstring("--out: must be a folder or one that can be made; got " + bad) &&
                                  ContainsSubstring("name a folder you may write to"));
  }
}

TEST_CASE("batchnorm_paper: a shorter file in /dev/shm takes the whole place of a longer one") {
  if (access("/dev/shm", W_OK) != 0) return;
  const std::string file = "/dev/shm/taper-test-" + std::to_string(getpid()) + ".json";
  std::ofstream(file) << std::string(100000, '#');
  Folder folder;
  Program program(TAPER_PAPER, {"bias", "--quick", "--out", folder / "out", "--json", file});
  CHECK(program.wait() == 0);
  const std::string text = read_bytes(file);
  std::filesystem::remove(file);
  CHECK(nlohmann::json::accept(text));
}

TEST_CASE("batchnorm_paper: JSON in the midst of what is printed") {
  Folder folder;
  Program program(TAPER_PAPER, {"bias", "--quick", "--out", folder / "out", "--json", "/dev/stdout"});
  CHECK(program.wait() == 0);
  const std::string out = program.out();  // a file
  const size_t begin = out.find("\n{"), end = out.find("\n}");
  REQUIRE((begin != std::string::npos && end != std::string::npos));
  CHECK_THAT(out.substr(0, begin), ContainsSubstring("data: SynthDigits") && ContainsSubstring("== bias"));
  CHECK(nlohmann::json::accept(out.substr(begin, end + 2 - begin)));
  CHECK(out.substr(end + 2) == "\nwrote /dev/stdout\n");
}

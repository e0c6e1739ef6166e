#include "report.h"

#include <taper/version.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "../common/text.h"

namespace examples::paper {
namespace {

std::string verdict(const Outcome& outcome) { return outcome.holds ? "holds" : "does not hold"; }

nlohmann::ordered_json to_json(double value) {
  if (!std::isfinite(value)) return nullptr;
  return value;
}
nlohmann::ordered_json to_json(const std::string& value) { return value; }
nlohmann::ordered_json to_json(const std::vector<double>& values) {
  auto list = nlohmann::ordered_json::array();
  for (double value : values) list.push_back(to_json(value));
  return list;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string base64(const std::string& bytes) {
  constexpr const char* kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t n = std::min<size_t>(3, bytes.size() - i);
    uint32_t word = 0;
    for (size_t k = 0; k < 3; ++k) word = word << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (size_t k = 0; k < 4; ++k) out += k <= n ? kDigits[word >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

constexpr const char* kQuickNote =
    "Run with --quick: too little training for evidence; whether a claim holds here means nothing.";

constexpr const char* kStyle = R"(
body { max-width: 62rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; color: #222; }
h2 { margin-top: 3rem; border-top: 1px solid #ccc; padding-top: 1rem; }
img { max-width: 100%; }
figure { margin: 1rem 0; } figcaption { color: #555; }
pre { background: #f5f5f5; padding: .75rem; overflow-x: auto; font-size: 14px; line-height: 1.35; }
table { border-collapse: collapse; } td, th { padding: .2rem 1rem .2rem 0; text-align: left; }
.holds { color: #0a6b2d; font-weight: 600; } .fails { color: #a4161a; font-weight: 600; }
)";

}  // namespace

std::string text(const Finished& finished) {
  const Outcome& outcome = finished.outcome;
  return format("\n== %s: %s\n", finished.experiment->name, finished.experiment->title) + outcome.table +
         verdict(outcome) + ": " + outcome.finding + format(" (%.1f s)\n", finished.seconds);
}

std::string quick_note() { return std::string("\n") + kQuickNote + '\n'; }

std::string overview(const std::vector<Finished>& all) {
  std::string out = "\n";
  double seconds = 0;
  for (const Finished& finished : all) {
    out +=
        format("%-16s %-14s %6.1f s\n", finished.experiment->name, verdict(finished.outcome).c_str(), finished.seconds);
    seconds += finished.seconds;
  }
  return out + format("%-16s %-14s %6.1f s\n", "together", "", seconds);
}

std::string csv(const Columns& columns) {
  const auto line = [](const std::vector<std::string>& cells) {
    std::string out;
    for (size_t i = 0; i < cells.size(); ++i) out += (i > 0 ? "," : "") + cells[i];
    return out + '\n';
  };
  std::string out = line(columns.header);
  for (const auto& row : columns.rows) out += line(row);
  return out;
}

std::string json(const std::vector<Finished>& all, const Options& options, const std::string& data, bool interrupted) {
  nlohmann::ordered_json root;
  root["version"] = taper::kVersion;
  root["data"] = data;
  root["seed"] = options.seed;
  root["threads"] = options.threads;
  root["quick"] = options.quick;
  root["interrupted"] = interrupted;
  root["experiments"] = nlohmann::ordered_json::object();
  for (const Finished& finished : all) {
    auto& entry = root["experiments"][finished.experiment->name];
    entry["holds"] = finished.outcome.holds;
    entry["finding"] = finished.outcome.finding;
    for (const auto& [name, figure] : finished.outcome.figures) {
      entry[name] = std::visit([](const auto& value) { return to_json(value); }, figure);
    }
    entry["seconds"] = finished.seconds;
  }
  return root.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

std::string html(const std::vector<Finished>& all, const Options& options, const std::string& data) {
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n"
      "<title>Batch normalization, repeated</title>\n<style>";
  out += kStyle;
  out += "</style>\n<h1>Batch normalization, repeated</h1>\n<p>The experiments of Ioffe and Szegedy, ";
  out +=
      "<a href=\"https://arxiv.org/abs/1502.03167\">Batch Normalization: Accelerating Deep Network Training by "
      "Reducing "
      "Internal Covariate Shift</a> (2015), and of others who tested its claims, on small networks.</p>\n<p>";
  out += format("taper %s; data: %s; seed %llu; %s.", taper::kVersion, escaped(data).c_str(),
                static_cast<unsigned long long>(options.seed), counted(options.threads, "thread").c_str());
  if (options.quick) out += std::string(" <b>") + kQuickNote + "</b>";
  out += "</p>\n<table>\n<tr><th>experiment<th>claim<th>seconds</tr>\n";
  const auto mark = [&](const Outcome& outcome) {
    return format("<span class=\"%s\">%s</span>", outcome.holds ? "holds" : "fails", verdict(outcome).c_str()) +
           (options.quick ? " (quick run)" : "");
  };
  for (const Finished& finished : all) {
    out += format("<tr><td><a href=\"#%s\">", finished.experiment->name) + escaped(finished.experiment->title) +
           "</a><td>" + mark(finished.outcome) + format("<td>%.1f</tr>\n", finished.seconds);
  }
  out += "</table>\n";
  for (const Finished& finished : all) {
    const Outcome& outcome = finished.outcome;
    out += format("<h2 id=\"%s\">", finished.experiment->name) + escaped(finished.experiment->title) + "</h2>\n<p>" +
           escaped(finished.experiment->did) + " " + escaped(outcome.finding) + " " +
           escaped(finished.experiment->paper) + " The claim " + mark(outcome) + ".</p>\n";
    for (size_t i = 0; i < outcome.pictures.size(); ++i) {
      const std::string caption = escaped(outcome.pictures[i].caption);
      if (finished.pngs[i].empty()) continue;
      out += "<figure><img alt=\"" + caption + "\" src=\"data:image/png;base64," + base64(finished.pngs[i]) +
             "\"><figcaption>" + caption + "</figcaption></figure>\n";
    }
    out += "<pre>" + escaped(outcome.table) + "</pre>\n";
  }
  return out + "</html>\n";
}

}  // namespace examples::paper

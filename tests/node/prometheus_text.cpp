#include "node/prometheus_text.hpp"

#include <regex.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <sstream>

#include "node/utf8.hpp"

namespace thicket::node::testing {
namespace {

/// A POSIX extended regular expression; std::regex draws a false warning of g++ 12 with sanitizers.
class Pattern {
 public:
  explicit Pattern(const char* text) { ::regcomp(&compiled_, text, REG_EXTENDED | REG_NOSUB); }
  ~Pattern() { ::regfree(&compiled_); }
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;
  bool matches(const std::string& text) const {
    return ::regexec(&compiled_, text.c_str(), 0, nullptr, 0) == 0;
  }

 private:
  regex_t compiled_{};
};

class Reader {
 public:
  PrometheusPage read(const std::string& text) {
    if (!text.ends_with('\n')) fault("the last line does not end");
    if (valid_utf8_prefix(text) != text.size()) fault("it is not UTF-8");
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("# HELP ")) {
        help(line.substr(7));
      } else if (line.starts_with("# TYPE ")) {
        type(line.substr(7));
      } else if (line.empty() || line.starts_with('#')) {
        fault("a line that nothing here needs: " + line);
      } else {
        sample(line);
      }
    }
    for (const auto& [name, family] : page_.families) check(name, family);
    return std::move(page_);
  }

 private:
  void fault(const std::string& what) { page_.faults.push_back(what); }

  void help(const std::string& line) {
    const std::size_t space = line.find(' ');
    current_ = line.substr(0, space);
    if (page_.families.contains(current_)) fault(current_ + " is there twice");
    MetricFamily& family = page_.families[current_];
    family.help = space == std::string::npos ? "" : line.substr(space + 1);
    if (family.help.empty()) fault(current_ + " has no help");
    static const Pattern kBadEscape(R"((^|[^\])(\\\\)*\\[^\n])");
    if (kBadEscape.matches(family.help)) fault(current_ + ": bad escape in its help");
  }

  void type(const std::string& line) {
    const std::size_t space = line.find(' ');
    const std::string type = space == std::string::npos ? "" : line.substr(space + 1);
    if (line.substr(0, space) != current_ || (type != "counter" && type != "gauge")) {
      return fault("no type of the metric before it: " + line);
    }
    MetricFamily& family = page_.families[current_];
    if (!family.type.empty() || !family.samples.empty()) fault(current_ + ": the type comes late");
    family.type = type;
  }

  void sample(const std::string& line) {
    const std::size_t name_end = line.find_first_of("{ ");
    if (name_end == std::string::npos || line.substr(0, name_end) != current_) {
      return fault("a sample of no metric, or of another one than before: " + line);
    }
    std::size_t at = name_end;
    MetricLabels labels;
    if (line[at] == '{' && !read_labels(line, at, labels)) return fault("bad labels: " + line);
    char* end = nullptr;
    const std::string number = line.substr(std::min(at + 1, line.size()));
    const double value = std::strtod(number.c_str(), &end);
    static const Pattern kNumber(R"(^(NaN|[+-]Inf|-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?)$)");
    if (at >= line.size() || line[at] != ' ' || !kNumber.matches(number)) {
      return fault("no number: " + line);
    }
    MetricFamily& family = page_.families[current_];
    for (const auto& [known, other] : family.samples) {
      if (known == labels) fault("twice: " + line);
    }
    family.samples.emplace_back(std::move(labels), value);
  }

  /// From '{' at `at` to behind '}'.
  static bool read_labels(const std::string& line, std::size_t& at, MetricLabels& labels) {
    static const Pattern kName("^[a-zA-Z_][a-zA-Z0-9_]*$");
    do {
      const std::size_t equals = line.find("=\"", ++at);
      if (equals == std::string::npos) return false;
      const std::string name = line.substr(at, equals - at);
      std::string value;
      for (at = equals + 2; at < line.size() && line[at] != '"'; ++at) {
        if (line[at] != '\\') {
          value += line[at];
          continue;
        }
        if (++at >= line.size()) return false;
        if (line[at] != '\\' && line[at] != '"' && line[at] != 'n') return false;
        value += line[at] == 'n' ? '\n' : line[at];
      }
      if (!kName.matches(name) || name.starts_with("__")) return false;
      if (!labels.emplace(name, value).second || ++at >= line.size()) return false;
    } while (line[at] == ',');
    return line[at++] == '}';
  }

  void check(const std::string& name, const MetricFamily& family) {
    static const Pattern kName("^(thicket|process)(_[a-z][a-z0-9]*)+$");
    // What promtool's linter says of units and words.
    static const Pattern kOtherUnit(
        "_(ms|milliseconds|microseconds|nanoseconds|minutes|hours|days|kb|mb|kilobytes|megabytes"
        "|bits|percent)(_|$)");
    static const std::set<std::string> kWords{"gauge", "counter", "count", "sum", "bucket"};
    const auto is_total = name.ends_with("_total");
    if (!kName.matches(name)) fault(name + ": not a name of ours");
    if (kOtherUnit.matches(name)) fault(name + ": not in base units");
    if (kWords.contains(name.substr(name.rfind('_') + 1))) fault(name + ": its end means another");
    if (family.type.empty()) fault(name + " has no type");
    if (is_total != (family.type == "counter")) fault(name + ": _total is for counters");
    for (const auto& [labels, value] : family.samples) {
      if (family.type == "counter" && !(value >= 0)) fault(name + ": a counter below 0");
      if (labels.contains("le") || labels.contains("quantile")) fault(name + ": reserved label");
    }
  }

  PrometheusPage page_;
  std::string current_;
};

}  // namespace

std::optional<double> PrometheusPage::value(const std::string& name,
                                            const MetricLabels& labels) const {
  const auto family = families.find(name);
  if (family == families.end()) return std::nullopt;
  for (const auto& [known, value] : family->second.samples) {
    if (known == labels) return value;
  }
  return std::nullopt;
}

double PrometheusPage::sum(const std::string& name) const {
  double sum = 0;
  const auto family = families.find(name);
  if (family == families.end()) return sum;
  for (const auto& [labels, value] : family->second.samples) sum += value;
  return sum;
}

PrometheusPage read_prometheus(const std::string& text) {
  return Reader().read(text);
}

}  // namespace thicket::node::testing

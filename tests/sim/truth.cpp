// Runs a described network in the simulator and prints what became of it, so that
// tests/interop/cases_truth.py can hold that against daemons which did the same.
//
//   truth DESCRIPTION.json
//
//   {"seed": 1, "jitter_ms": 0,
//    "keys": ["PRIVATE KEY", ...],
//    "links": [{"ends": [NODE, NODE], "latency_ms": MS}, ...],
//    "steps": [{"start": [NODE, ...]}, {"stop": [NODE, ...]}, {"link": [LINK, ...]},
//              {"cut": [LINK, ...]}, {"settle": SECONDS}, {"ping": [[FROM, TO], ...]}, ...]}
//
// "settle" runs until no node has moved and no link has changed for so long. After every "ping"
// follows a line of output:
//
//   {"nodes": [{"root": NODE, "parent": NODE, "coordinates": [PORT, ...]} or null if not running],
//    "answered": [true, ...]}
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

#include "sim/simulation.hpp"

namespace thicket::sim {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr Duration kSettleLimit = 60s;
/// As in the harness of the daemons: each ping is sent this often until there is an answer.
constexpr int kAttempts = 3;
constexpr Duration kPause = 2ms;
constexpr Duration kPatience = 3s;

enum class Word : std::uint8_t { request, answer };
/// No kind that a node knows: nobody but we looks at it.
constexpr std::uint8_t kKind = 0x7F;

class Truth final : public Observer {
 public:
  explicit Truth(const json& description) : simulation_(options_of(description)) {
    simulation_.add_observer(*this);
    jitter_ = milliseconds(description.value("jitter_ms", 0));
    for (const json& key : description.at("keys")) {
      auto identity = KeyPair::from_hex(key.get<std::string>());
      if (!identity) throw std::runtime_error("not a private key: " + key.dump());
      simulation_.add_node(std::move(*identity));
    }
    links_ = description.at("links");
  }

  /// What there is to print after the step; null: nothing.
  json run(const json& step) {
    const auto& [what, argument] = *step.items().begin();
    if (what == "settle") {
      settle(milliseconds(1000 * argument.get<double>()));
    } else if (what == "ping") {
      return json{{"answered", ping(argument)}, {"nodes", nodes()}};
    } else {
      for (const std::size_t index : argument) change(what, index);
    }
    return nullptr;
  }

  void position_changed(Time now, NodeIndex) override { last_change_ = now.steady; }
  void link_changed(Time now, LinkIndex) override { last_change_ = now.steady; }
  void delivered(Time, NodeIndex at, const PublicKey& from, ByteView data) override {
    if (data.size() != 2 || data[0] != kKind) return;
    const NodeIndex other = simulation_.find(from).value();
    if (data[1] == static_cast<std::uint8_t>(Word::request)) {
      to_answer_.emplace_back(at, other);
    } else {
      answered_[{at, other}] = true;
    }
  }

 private:
  using Pair = std::pair<NodeIndex, NodeIndex>;

  static Duration milliseconds(double count) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(count));
  }
  static SimulationOptions options_of(const json& description) {
    SimulationOptions options;
    options.seed = description.value("seed", std::uint64_t{1});
    return options;
  }

  void change(const std::string& what, std::size_t index) {
    if (what == "start") {
      simulation_.start(static_cast<NodeIndex>(index));
    } else if (what == "stop") {
      simulation_.stop(static_cast<NodeIndex>(index));
    } else if (what == "link") {
      const json& link = links_.at(index);
      LinkProperties properties;
      properties.latency = milliseconds(link.at("latency_ms"));
      properties.jitter = jitter_;
      index_of_[index] = simulation_.add_link(link.at("ends")[0], link.at("ends")[1], properties);
    } else if (what == "cut") {
      simulation_.cut(index_of_.at(index));
    } else {
      throw std::runtime_error("no such step: " + what);
    }
  }

  void settle(Duration quiet) {
    last_change_ = simulation_.now().steady;
    const Instant limit = last_change_ + kSettleLimit;
    while (simulation_.now().steady < last_change_ + quiet) {
      if (limit < simulation_.now().steady) throw std::runtime_error("it does not settle");
      simulation_.run_for(last_change_ + quiet - simulation_.now().steady);
    }
  }

  void say(const Pair& pair, Word word) {
    const std::array<std::uint8_t, 2> data{kKind, static_cast<std::uint8_t>(word)};
    simulation_.send(pair.first, simulation_.key(pair.second), data);
  }

  /// Lets time go on; nodes answer what they are asked at once.
  void run_for(Duration time) {
    const Instant end = simulation_.now().steady + time;
    while (simulation_.run_until([this] { return !to_answer_.empty(); },
                                 end - simulation_.now().steady)) {
      for (const Pair& pair : std::exchange(to_answer_, {})) say(pair, Word::answer);
    }
  }

  json ping(const std::vector<Pair>& pairs) {
    answered_.clear();
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      for (const Pair& pair : pairs) {
        if (answered_[pair]) continue;
        say(pair, Word::request);
        run_for(kPause);
      }
      run_for(kPatience);
    }
    json answered = json::array();
    for (const Pair& pair : pairs) answered.push_back(answered_[pair]);
    return answered;
  }

  json nodes() const {
    json nodes = json::array();
    for (NodeIndex node = 0; node < simulation_.nodes(); ++node) {
      if (!simulation_.running(node)) {
        nodes.push_back(nullptr);
        continue;
      }
      const routing::Router& router = simulation_.router(node);
      json coordinates = json::array();
      for (const routing::Port port : router.coordinates()) coordinates.push_back(port.value);
      nodes.push_back({{"root", simulation_.find(router.root()).value()},
                       {"parent", simulation_.find(router.parent()).value()},
                       {"coordinates", std::move(coordinates)}});
    }
    return nodes;
  }

  Simulation simulation_;
  Duration jitter_{};
  json links_;
  std::map<std::size_t, LinkIndex> index_of_;
  Instant last_change_{};
  std::vector<Pair> to_answer_;
  std::map<Pair, bool> answered_;
};

}  // namespace
}  // namespace thicket::sim

int main(int count, char** arguments) {
  try {
    if (count != 2) throw std::runtime_error("usage: truth DESCRIPTION.json");
    std::ifstream file(arguments[1]);
    const auto description = nlohmann::json::parse(file);
    thicket::sim::Truth truth(description);
    for (const auto& step : description.at("steps")) {
      const auto report = truth.run(step);
      if (!report.is_null()) std::cout << report << std::endl;
    }
    return 0;
  } catch (const std::exception& problem) {
    std::cerr << "truth: " << problem.what() << '\n';
    return 1;
  }
}

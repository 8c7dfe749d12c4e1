#include "sim/lookup_command.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cxxopts.hpp>
#include <filesystem>
#include <optional>
#include <string>

#include "sim/exit_code.hpp"
#include "sim/graph_options.hpp"
#include "sim/interruption.hpp"
#include "sim/lookup_report.hpp"
#include "sim/number_text.hpp"
#include "sim/progress_bar.hpp"
#include "sim/result_files.hpp"
#include "sim/run_options.hpp"
#include "sim/version.hpp"
#include "sim/watched_run.hpp"

namespace thicket::sim {

namespace {

constexpr std::uint64_t kModelStream = 0x6d6f64656c;
constexpr std::size_t kEventsShown = 20;
constexpr std::size_t kMaxLookups = 1'000'000;

using Problem = std::optional<std::string>;

struct Request {
  GraphOptions graph;
  LookupStudy study;
  std::vector<routing::LookupPolicy> policies;
  std::string out;
  bool quiet = false;
  bool json = false;
};

std::string found(const std::string& option, const std::string& text, std::string_view expected) {
  return fmt::format("--{}: found \"{}\", expected {}", option, text, expected);
}

/// Seconds with at most nine decimals, between the two; `place` stays as it is if there are none.
template <class Place>
Problem read_seconds(const cxxopts::ParseResult& parsed, const std::string& option, Duration least,
                     Place& place) {
  const std::string text = option_text(parsed, option);
  if (text.empty()) return std::nullopt;
  const auto value = parse_decimal(text, 9);
  if (!value || Duration(*value) < least || Duration(*value) > std::chrono::hours(24)) {
    return found(option, text,
                 least > Duration{} ? "seconds from 1 to 86400" : "seconds from 0 to 86400");
  }
  place = Duration(*value);
  return std::nullopt;
}

Problem read_study(const cxxopts::ParseResult& parsed, LookupStudy& study) {
  if (const std::string text = option_text(parsed, "seed"); !text.empty()) {
    const auto seed = parse_number(text);
    if (!seed) return found("seed", text, "a whole number below 2^64");
    study.seed = *seed;
  }
  if (const std::string text = option_text(parsed, "crypto"); !text.empty()) {
    if (text != "real" && text != "fast") return found("crypto", text, "real or fast");
    study.cryptography = text == "real" ? CryptographyKind::real : CryptographyKind::fast;
  }
  if (const std::string text = option_text(parsed, "lookups"); !text.empty()) {
    const auto lookups = parse_number(text);
    if (!lookups || *lookups == 0 || *lookups > kMaxLookups) {
      return found("lookups", text, fmt::format("a whole number from 1 to {}", kMaxLookups));
    }
    study.lookups = static_cast<std::size_t>(*lookups);
  }
  if (const std::string text = option_text(parsed, "hostile"); !text.empty()) {
    const auto share = parse_decimal(text, 6);
    if (!share || *share >= 1'000'000) return found("hostile", text, "a share from 0 to below 1");
    study.hostile_ppm = static_cast<std::uint32_t>(*share);
  }
  study.crash = parsed.count("crash") != 0;
  using std::chrono::seconds;
  if (auto problem = read_seconds(parsed, "settle", Duration{}, study.settle)) return problem;
  if (auto problem = read_seconds(parsed, "idle", seconds(1), study.idle)) return problem;
  if (auto problem = read_seconds(parsed, "churn", seconds(1), study.lifetime)) return problem;
  if (study.crash && !study.lifetime) return std::string("--crash needs --churn SECONDS");
  return std::nullopt;
}

/// Names between commas, each once.
Problem read_policies(const std::string& text, std::vector<routing::LookupPolicy>& policies) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const auto policy = parse_lookup_policy(std::string_view(text).substr(begin, end - begin));
    if (!policy || std::ranges::find(policies, *policy) != policies.end()) {
      return found("lookup", text, "each of auto, bloom, dht, both at most once, with commas");
    }
    policies.push_back(*policy);
    begin = end + 1;
  }
  return std::nullopt;
}

Result<Request, std::string> request_of(const cxxopts::ParseResult& parsed) {
  Request request;
  auto graph = graph_options_of(parsed);
  if (!graph) return failure(graph.error());
  if (!graph->given()) return failure(std::string("needs --graph FILE or --topology KIND"));
  request.graph = std::move(*graph);
  if (auto problem = read_study(parsed, request.study)) return failure(std::move(*problem));
  if (const std::string text = option_text(parsed, "lookup"); !text.empty()) {
    if (auto problem = read_policies(text, request.policies)) return failure(std::move(*problem));
  } else {
    request.policies.assign(kLookupPolicies.begin(), kLookupPolicies.end());
  }
  request.out = option_text(parsed, "out");
  request.quiet = parsed.count("quiet") != 0;
  request.json = parsed.count("json") != 0;
  return request;
}

/// A folder that is new or empty, or holds nothing but an earlier summary.json, which goes.
Result<void, std::string> prepare_folder(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !fs::is_directory(folder)) {
    return failure(fmt::format("{}: it cannot be made a folder: {}", folder.string(),
                               error ? error.message() : "there is a file of that name"));
  }
  for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator();
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name == "summary.json") continue;
    return failure(fmt::format("{}: there is something else in it ({}); name a new or empty folder",
                               folder.string(), name));
  }
  if (error) return failure(fmt::format("{}: {}", folder.string(), error.message()));
  fs::remove(folder / "summary.json", error);
  return {};
}

LookupModel model_of(const Graph& graph, const LookupStudy& study) {
  // The keys that the simulation will give.
  Simulation identities({.seed = study.seed});
  std::vector<PublicKey> keys;
  for (std::size_t i = 0; i < graph.nodes; ++i)
    keys.push_back(identities.key(identities.add_node()));
  return model_lookups(graph, keys, study.lookups, Prng(study.seed).fork(kModelStream));
}

int failed(const Command& command, routing::LookupPolicy policy, const RunFailure& violation) {
  std::string text = fmt::format(
      "an invariant did not hold: {}\nlookup policy {}, seed {}, event {}\nlast events:\n",
      violation.what, name_of(policy), violation.seed, violation.event);
  const auto& events = violation.last_events;
  for (std::size_t i = events.size() - std::min(events.size(), kEventsShown); i < events.size();
       ++i) {
    text += fmt::format("  {}\n", describe(events[i]));
  }
  return command_error(command.name, text, kExitViolation);
}

/// The exit status, if a study failed.
std::optional<int> study_all(const Command& command, const Request& request, const Graph& graph,
                             LookupReport& report) {
  const Interruption interruption;
  for (const routing::LookupPolicy policy : request.policies) {
    std::optional<ProgressBar> bar;
    if (!request.quiet) bar.emplace();
    const auto figures = study_lookups(graph, request.study, policy, [&](const Progress& progress) {
      if (Interruption::asked()) throw Interrupted{progress.elapsed};
      if (bar) bar->show(progress);
    });
    if (!figures) return failed(command, policy, figures.error());
    report.lookups.emplace_back(policy, *figures);
  }
  return std::nullopt;
}

}  // namespace

void declare_lookup(cxxopts::Options& options) {
  const auto text = [] { return cxxopts::value<std::string>(); };
  auto add = options.add_options();
  add("seed", "Seed of all randomness (1)", text(), "N");
  add("crypto", "real (libsodium's, the default) or fast (stand-in for large runs)", text(),
      "KIND");
  add("lookups", "Lookups under each policy (1000)", text(), "N");
  add("lookup", "Policies to compare (auto,bloom,dht,both)", text(), "LIST");
  add("settle", "Simulated time until the network is left in peace (1800)", text(), "SECONDS");
  add("idle", "Then: time over which maintenance is measured (1200)", text(), "SECONDS");
  add("hostile", "Share of nodes that swallow finds and stores, or deny every find (0)", text(),
      "SHARE");
  add("churn", "Nodes come and go: mean lifetime, from the end of --settle on", text(), "SECONDS");
  add("crash", "With --churn: nodes go without a word");
  add_graph_options(options);
  auto output = options.add_options("Output");
  output("o,out", "Folder for summary.json", text(), "DIR");
  output("q,quiet", "Show neither progress nor a table");
  output("json", "Print summary.json in place of the table");
}

int lookup_command(const Command& command, const Arguments& arguments) {
  const auto request = request_of(arguments.options);
  if (!request) return usage_error(command.name, request.error());
  const auto graph = make_graph(request->graph, request->study.seed);
  if (!graph) return command_error(command.name, graph.error(), kExitFailure);
  if (graph->nodes < 2) {
    return command_error(command.name, "the graph has fewer than two nodes", kExitFailure);
  }
  if (!request->out.empty()) {
    const auto prepared = prepare_folder(request->out);
    if (!prepared) return command_error(command.name, prepared.error(), kExitFailure);
  }
  LookupReport report;
  report.version = build_version();
  report.topology = request->graph.file
                        ? std::filesystem::path(*request->graph.file).filename().string()
                        : std::string(name_of(request->graph.topology->kind));
  report.study = request->study;
  report.nodes = graph->nodes;
  report.links = graph->edges.size();
  const auto start = std::chrono::steady_clock::now();
  try {
    report.model = model_of(*graph, request->study);
    if (const auto status = study_all(command, *request, *graph, report)) return *status;
  } catch (const Interrupted&) {
    return command_error(command.name, "interrupted: there are no results", kExitInterrupted);
  }
  report.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  report.rss_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  const std::string json = lookup_json(report);
  if (!request->out.empty()) {
    const auto written = write_file(std::filesystem::path(request->out) / "summary.json", json);
    if (!written) return command_error(command.name, written.error(), kExitFailure);
  }
  if (request->json) return print(json);
  return request->quiet ? kExitOk : print(lookup_table(report));
}

}  // namespace thicket::sim

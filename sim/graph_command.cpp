#include "sim/graph_command.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <cxxopts.hpp>
#include <nlohmann/json.hpp>

#include "sim/graph_description.hpp"
#include "sim/graph_file.hpp"
#include "sim/graph_options.hpp"
#include "sim/number_text.hpp"

namespace thicket::sim {

namespace {

enum ExitCode : int { kOk = 0, kFailure = 1, kUsage = 2 };

constexpr std::string_view kIntroduction =
    "thicket-sim graph: generate, convert or describe a graph\n\n"
    "Usage:\n"
    "  thicket-sim graph (--graph FILE | --topology KIND [--nodes N]) [OPTION…]\n\n"
    "Writes the graph, or with --describe some figures about it. The same seed and options give\n"
    "the same graph on any machine, and the one that 'thicket-sim run' would simulate.\n";
constexpr std::string_view kExamples =
    "\nExamples:\n"
    "  thicket-sim graph --topology geometric --nodes 50 --seed 7 --format json --out mesh.json\n"
    "  thicket-sim graph --topology ba --nodes 1000 --links 3 --describe\n"
    "  thicket-sim graph --graph city.json --largest-component --out city.edges\n"
    "\nExit status:\n"
    "  0  done\n"
    "  1  the graph cannot be read, made or written\n"
    "  2  the command line is wrong\n";

cxxopts::Options make_options() {
  cxxopts::Options options("thicket-sim graph");
  options.set_width(90);
  options.allow_unrecognised_options();
  add_graph_options(options);
  options.add_options("Output")("seed", "Seed of all randomness (1)", cxxopts::value<std::string>(),
                                "N")(
      "format", "Format to write: edges or json (by the name of FILE, else edges)",
      cxxopts::value<std::string>(),
      "FORMAT")("o,out", "File to write, instead of standard output", cxxopts::value<std::string>(),
                "FILE")("describe", "Print figures about the graph, instead of the graph")(
      "json", "With --describe: print them as JSON")("h,help", "Print this help");
  return options;
}

std::string help_page(const cxxopts::Options& options) {
  std::string page(kIntroduction);
  for (const char* group : {"Graph", "Output"}) {
    const std::string text = options.help({group}, false);
    page += fmt::format("\n{} options:\n{}", group, text.substr(text.find("\n  ") + 1));
  }
  return page + std::string(kExamples);
}

int usage_error(std::string_view what) {
  fmt::print(stderr, "thicket-sim graph: {}\nTry 'thicket-sim graph --help'.\n", what);
  return kUsage;
}

int command_error(std::string_view what) {
  fmt::print(stderr, "thicket-sim graph: {}\n", what);
  return kFailure;
}

bool write_all(std::FILE* file, std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0;
}

int write(const std::string& path, std::string_view text) {
  if (path.empty()) {
    if (write_all(stdout, text)) return kOk;
    return command_error(fmt::format("cannot write to standard output: {}", std::strerror(errno)));
  }
  std::FILE* file = std::fopen(path.c_str(), "wb");
  bool written = file != nullptr && write_all(file, text);
  if (file != nullptr && std::fclose(file) != 0) written = false;
  if (written) return kOk;
  return command_error(fmt::format("{}: cannot be written: {}", path, std::strerror(errno)));
}

std::string as_table(const GraphDescription& it) {
  const char* exactly = it.distances_exact ? "" : "at least ";
  const char* sampled = it.distances_exact ? "" : " (sampled)";
  std::string table;
  const auto row = [&](std::string_view name, const std::string& value) {
    table += fmt::format("{:<18} {}\n", name, value);
  };
  row("nodes", fmt::to_string(it.nodes));
  row("links", fmt::to_string(it.edges));
  row("components", fmt::to_string(it.components));
  row("degree",
      fmt::format("{} min, {:.2f} mean, {} max", it.degree_min, it.degree_mean, it.degree_max));
  row("diameter", fmt::format("{}{} hops", exactly, it.diameter));
  row("mean distance", fmt::format("{:.2f} hops{}", it.distance_mean, sampled));
  row("clustering", fmt::format("{:.4f}", it.clustering));
  if (!it.degree_histogram.empty()) table += "\n  degree   nodes\n";
  // Ranges that double keep it short where degrees are many.
  for (std::size_t low = 0; low <= it.degree_max && it.nodes != 0;) {
    const std::size_t high = low < 8 ? low : 2 * low - 1;
    std::size_t nodes = 0;
    for (auto at = it.degree_histogram.lower_bound(low);
         at != it.degree_histogram.end() && at->first <= high; ++at) {
      nodes += at->second;
    }
    const std::string range = low == high ? fmt::to_string(low) : fmt::format("{}-{}", low, high);
    if (nodes != 0) table += fmt::format("{:>8} {:>7}\n", range, nodes);
    low = high + 1;
  }
  return table;
}

std::string as_json(const GraphDescription& it) {
  nlohmann::ordered_json histogram = nlohmann::ordered_json::object();
  for (const auto& [degree, nodes] : it.degree_histogram) {
    histogram[fmt::to_string(degree)] = nodes;
  }
  const nlohmann::ordered_json object{{"nodes", it.nodes},
                                      {"links", it.edges},
                                      {"components", it.components},
                                      {"degree_min", it.degree_min},
                                      {"degree_mean", it.degree_mean},
                                      {"degree_max", it.degree_max},
                                      {"diameter", it.diameter},
                                      {"distance_mean", it.distance_mean},
                                      {"distances_exact", it.distances_exact},
                                      {"clustering", it.clustering},
                                      {"degree_histogram", histogram}};
  return object.dump(2) + "\n";
}

struct Request {
  GraphOptions graph;
  std::uint64_t seed = 1;
  GraphFormat format = GraphFormat::edges;
  std::string out;
  bool describe = false;
  bool json = false;
};

Result<Request, std::string> request_of(const cxxopts::ParseResult& parsed) {
  Request request;
  auto graph = graph_options_of(parsed);
  if (!graph) return failure(graph.error());
  if (!graph->given()) return failure(std::string("needs --graph FILE or --topology KIND"));
  request.graph = std::move(*graph);
  if (parsed.count("seed") != 0) {
    const auto text = parsed["seed"].as<std::string>();
    const auto seed = parse_number(text);
    if (!seed) {
      return failure(fmt::format("--seed: found \"{}\", expected a whole number below 2^64", text));
    }
    request.seed = *seed;
  }
  if (parsed.count("out") != 0) request.out = parsed["out"].as<std::string>();
  if (request.out == "-") request.out.clear();
  request.describe = parsed.count("describe") != 0;
  request.json = parsed.count("json") != 0;
  if (request.json && !request.describe) {
    return failure(std::string("--json needs --describe; to write a graph as JSON: --format json"));
  }
  std::string format = request.out.ends_with(".json") ? "json" : "edges";
  if (parsed.count("format") != 0) {
    format = parsed["format"].as<std::string>();
    if (request.describe) return failure(std::string("--format does not go with --describe"));
  }
  if (format != "edges" && format != "json") {
    return failure(fmt::format("--format: found \"{}\", expected edges or json", format));
  }
  request.format = format == "json" ? GraphFormat::json : GraphFormat::edges;
  return request;
}

}  // namespace

int run_graph_command(int argc, const char* const* argv) {
  cxxopts::Options options = make_options();
  std::optional<cxxopts::ParseResult> parsed;
  try {
    parsed = options.parse(argc, argv);
  } catch (const cxxopts::exceptions::exception& error) {
    return usage_error(error.what());
  }
  if (parsed->count("help") != 0) return write("", help_page(options));
  for (const std::string& word : parsed->unmatched()) {
    return usage_error(fmt::format(
        "{} \"{}\"", word.starts_with('-') ? "unknown option" : "unexpected argument", word));
  }
  const auto request = request_of(*parsed);
  if (!request) return usage_error(request.error());
  const auto graph = make_graph(request->graph, request->seed);
  if (!graph) return command_error(graph.error());
  if (!request->describe) return write(request->out, to_text(*graph, request->format));
  const GraphDescription description = describe(*graph);
  return write(request->out, request->json ? as_json(description) : as_table(description));
}

}  // namespace thicket::sim

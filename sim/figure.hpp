#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/result.hpp"

namespace thicket::sim {

enum class FigureUnit : std::uint8_t {
  count,
  share,
  ratio,
  seconds,
  milliseconds,
  bytes,
  bytes_per_s
};
enum class Better : std::uint8_t { unknown, lower, higher };

/// What a figure of summary.json means.
struct FigureKind {
  std::string title;  ///< "Round trip, median"
  FigureUnit unit = FigureUnit::count;
  Better better = Better::unknown;
};

/// What is known about a key of summary.json; keys of objects in it are joined by dots:
/// "round_trip_ms.p95". An unknown key is its own title.
FigureKind figure_kind(std::string_view key);

/// A figure as people read it: "98.4 %", "1.25 kB", "2 min 5 s", "12,345".
std::string readable(double value, FigureUnit unit);
/// The same where it may be missing: then "-".
std::string readable(const std::optional<double>& value, FigureUnit unit);
/// The shortest text that is the same number again; for files that programs read.
std::string exact(double value);

/// One value of summary.json.
struct Figure {
  std::string key;              ///< dotted
  std::string text;             ///< the value as it stands there, strings without quotes
  std::optional<double> value;  ///< if it is a number
};

/// The values of a summary.json in its order, objects flattened; null, arrays and the
/// "options" of the run left out. Fails
/// with a sentence if the text is no JSON object.
Result<std::vector<Figure>, std::string> figures_of(std::string_view summary_json);

}  // namespace thicket::sim

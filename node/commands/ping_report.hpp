#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/time.hpp"

namespace thicket::node {

/// What `thicket ping` says of the answers of the administration request `ping`. Answers may be
/// anything: what is missing in them is left out.
class PingReport {
 public:
  /// `target` as it was given; `data_size` of echoes, in bytes.
  PingReport(std::string_view target, std::uint64_t data_size);

  /// What stands above all else.
  std::string heading() const;
  /// Counts an answer; returns its lines: what it took to get there, if anything, and what came.
  std::string add(std::uint64_t sequence, const nlohmann::json& answer);
  /// How all went, ping(8)'s way. `took`: from the first to the end.
  std::string summary(Duration took) const;
  nlohmann::json summary_json(Duration took) const;

  std::uint64_t sent() const { return sent_; }
  std::uint64_t answered() const { return times_.count; }

 private:
  /// In milliseconds.
  struct Times {
    std::uint64_t count = 0;
    double least = 0;
    double most = 0;
    double sum = 0;
    double squares = 0;
    void add(double time);
    double mean() const;
    double deviation() const;
  };

  std::string target_;
  std::uint64_t data_size_;
  std::uint64_t sent_ = 0;
  std::uint64_t by_host_ = 0;
  Times times_;
};

}  // namespace thicket::node

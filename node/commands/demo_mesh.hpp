#pragma once

#include <array>
#include <asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "crypto/public_key.hpp"
#include "crypto/random.hpp"
#include "crypto/result.hpp"

namespace thicket::node {

/// Five nodes in one process, linked over TCP on loopback in a ring with a chord, and pings between
/// all of them.
class DemoMesh {
 public:
  static constexpr std::size_t kNodes = 5;
  /// The two nodes that the chord links.
  static constexpr std::size_t kChordFrom = 0;
  static constexpr std::size_t kChordTo = 2;

  using Clock = std::chrono::steady_clock;

  /// What is known of the pings from one node to another.
  struct Pair {
    std::uint32_t answered = 0;
    std::optional<Clock::duration> first_after;  ///< from the start of the mesh to the first answer
    std::optional<Clock::duration> last;         ///< the last answer's round trip
  };

  /// References must outlive the mesh.
  DemoMesh(asio::io_context& io, Random& random);
  ~DemoMesh();

  /// Starts and links the nodes. The error is one sentence.
  Result<void, std::string> start();
  /// Sends one ping from every node to every other.
  void ping_all();
  void stop();

  const Pair& pair(std::size_t from, std::size_t to) const { return pairs_[from][to]; }
  std::size_t answered_pairs() const;    ///< of kNodes * (kNodes - 1)
  std::uint32_t fewest_answers() const;  ///< of any pair
  const PublicKey& key(std::size_t node) const;

 private:
  class Host;
  void answered(std::size_t from, std::size_t to, Clock::duration round_trip);

  asio::io_context& io_;
  Random& random_;
  Clock::time_point started_{};
  std::array<std::unique_ptr<Host>, kNodes> hosts_;
  std::array<std::array<Pair, kNodes>, kNodes> pairs_{};
};

}  // namespace thicket::node

#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "crypto/key_pair.hpp"
#include "crypto/random.hpp"
#include "crypto/time.hpp"
#include "transport/links.hpp"

namespace thicket::node {

/// What became of one try to link to a node.
struct ProbeOutcome {
  bool answered = false;
  Duration setup{};      ///< from connecting until the handshake was done
  PublicKey key;         ///< of who answered
  std::string remote;    ///< numeric end point that answered
  std::string reason{};  ///< why nobody did; one sentence
};

/// Tries whether nodes could be peers: connects, shakes hands under a key made for that alone, and
/// hangs up. A node that answers speaks our version of the protocol, and the URI's password and
/// keys fit. It carries no traffic and takes no part in the mesh.
class PeerProbes final : private transport::LinkObserver {
 public:
  using Handler = std::function<void(const ProbeOutcome&)>;
  /// Both must outlive the object. A try is given up after `patience`.
  PeerProbes(asio::io_context& io, Random& random, Duration patience);
  ~PeerProbes() override;
  PeerProbes(const PeerProbes&) = delete;
  PeerProbes& operator=(const PeerProbes&) = delete;

  /// Calls `done` once, later, unless stop() comes before. A peer of the same name must not be
  /// being tried already.
  void start(const std::string& uri, Handler done);
  std::size_t running() const { return tries_.size(); }
  /// Nothing keeps the io_context busy afterwards.
  void stop();

 private:
  struct Try;
  void settle(std::string_view name, ProbeOutcome outcome);

  void link_up(const transport::LinkInfo& link) override;
  void link_down(const transport::LinkInfo& link, std::string_view reason) override;
  void link_heard(routing::LinkId) override {}
  void frame_received(routing::LinkId, Packet) override {}
  void batch_received(routing::LinkId) override {}
  std::optional<Packet> next_frame(routing::LinkId) override { return std::nullopt; }
  void link_failed(std::string_view uri, transport::LinkOrigin origin,
                   std::string_view reason) override;

  asio::io_context& io_;
  const Duration patience_;
  const KeyPair identity_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::map<std::string, std::shared_ptr<Try>, std::less<>> tries_;  // by name
  transport::Links links_;                                          // last: it calls back
};

}  // namespace thicket::node

#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "crypto/random.hpp"
#include "crypto/result.hpp"
#include "node/config/config.hpp"
#include "node/public_peers/peer_list.hpp"
#include "node/public_peers/peer_probe.hpp"
#include "node/public_peers/peer_selection.hpp"
#include "node/wiring.hpp"

namespace thicket::node {

/// Chooses peers out of a list of public ones and keeps the choice good (PeerSelection): tries
/// candidates with PeerProbes and has the wiring link to those chosen. Other peers, inbound links
/// and those of local discovery are left alone.
class AutoPeers {
 public:
  /// References must outlive the object. Does nothing before follow().
  AutoPeers(asio::io_context& io, Random& random, Wiring& wiring);
  ~AutoPeers();
  AutoPeers(const AutoPeers&) = delete;
  AutoPeers& operator=(const AutoPeers&) = delete;

  /// Does as `config` says from now on. Error: the list cannot be read; nothing has changed.
  Result<void, std::string> follow(const AutoPeersConfig& config);
  /// Reads the list again. Error as above. True: it says something else.
  Result<bool, std::string> read_list_again();
  /// These are named by the configuration: one of them that was chosen is not ours any more.
  void leave_alone(const std::vector<std::string>& uris);
  /// Nothing keeps the io_context busy afterwards.
  void stop();

  bool enabled() const { return !config_.file.empty(); }
  /// Whether the peer of this name (a URI without options) was chosen here.
  bool chose(std::string_view name) const { return selection_.holds(name); }
  const PeerSelection& selection() const { return selection_; }
  const AutoPeersConfig& config() const { return config_; }

 private:
  void take_list(PeerList list, const std::filesystem::path& file);
  void schedule_poll();
  void poll();
  void look_at_links(Instant now);
  void carry_out_all();
  void carry_out(const SelectionAction& action);
  void probe(const std::string& name);
  void add(const SelectionAction& action);
  void remove(const SelectionAction& action);
  void arm_timer();

  asio::io_context& io_;
  Wiring& wiring_;
  AutoPeersConfig config_;
  std::vector<ListedPeer> list_;
  std::map<std::string, std::string, std::less<>> uris_;  // by name; with options
  std::set<std::string, std::less<>> probing_;
  PeerSelection selection_;
  std::set<std::string> configured_;
  asio::steady_timer timer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  bool poll_scheduled_ = false;
  std::optional<PeerProbes> probes_;  // present once it has been needed
  Random& random_;
};

}  // namespace thicket::node

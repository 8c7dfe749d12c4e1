#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/public_key.hpp"
#include "crypto/random.hpp"
#include "crypto/result.hpp"
#include "transport/discovery_rule.hpp"
#include "transport/interface_monitor.hpp"
#include "transport/links.hpp"

namespace thicket::transport {

class LocalSegment;

/// An interface on which local discovery is at work.
struct DiscoveryStatus {
  std::string interface;
  std::string address;  ///< "[fe80::1%eth0]:port"; empty: it does not listen for links
  bool beacon = false;
  bool listen = false;
  bool password = false;  ///< whether there is one
};

/// Finds nodes on local networks and lets them find us (wire.md §11), on every interface that the
/// rules are for, as interfaces come, go and change address. One per node, single-threaded.
class Discovery final : public std::enable_shared_from_this<Discovery> {
 public:
  /// The first rule that matches an interface's name counts. References must outlive the object.
  /// `news`: told on the io_context's thread, in one human sentence without a full stop.
  Discovery(asio::io_context& io, Links& links, Random& random, const PublicKey& self,
            std::vector<DiscoveryRule> rules, DiscoveryNews news);
  ~Discovery();

  /// Errors: the system tells nothing of its interfaces. Without rules it does nothing.
  Result<void, std::string> start();
  /// Links stay. Nothing is called back afterwards.
  void stop();
  /// Other rules from now on, started or not. Where the rule is another one it begins anew; links
  /// end where there is no rule any more, or one with another password. Errors as in start(): then
  /// nothing has changed.
  Result<void, std::string> change_rules(std::vector<DiscoveryRule> rules);

  /// By number of the interface.
  std::vector<DiscoveryStatus> interfaces() const;

 private:
  struct Local {
    std::string name;
    Ipv6Bytes address{};
    DiscoveryRule rule;
    std::shared_ptr<LocalSegment> segment;  // null: the interface does not run at the moment
  };

  /// One that is started; null: there are no rules.
  Result<std::shared_ptr<InterfaceMonitor>, std::string> monitor_for(
      const std::vector<DiscoveryRule>& rules);
  void follow(const InterfaceMonitor::Interfaces& interfaces);
  void end_what_is_gone(const InterfaceMonitor::Interfaces& interfaces);
  void begin_what_is_new(const InterfaceMonitor::Interfaces& interfaces);
  void refuse(const std::string& name);
  bool adapt(InterfaceIndex index, Local& local);
  void end(Local& local, std::string_view reason);
  const DiscoveryRule* rule_for(const std::string& name) const;

  asio::io_context& io_;
  Links& links_;
  Random& random_;
  const PublicKey self_;
  std::vector<DiscoveryRule> rules_;
  const DiscoveryNews news_;
  std::shared_ptr<InterfaceMonitor> monitor_;
  std::map<InterfaceIndex, Local> locals_;
  bool refused_ = false;  // an interface beyond the limit, and said so
};

}  // namespace thicket::transport

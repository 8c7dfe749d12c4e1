#include "transport/discovery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "transport/limits.hpp"
#include "transport/local_segment.hpp"

namespace thicket::transport {

namespace {

bool is_at_work(const DiscoveryRule* rule) {
  return rule != nullptr && (rule->beacon || rule->listen);
}

/// Whether both do the same on an interface that both match.
bool does_the_same(const DiscoveryRule& one, const DiscoveryRule& other) {
  return one.beacon == other.beacon && one.listen == other.listen && one.port == other.port &&
         one.priority == other.priority && one.password == other.password;
}

}  // namespace

Discovery::Discovery(asio::io_context& io, Links& links, Random& random, const PublicKey& self,
                     std::vector<DiscoveryRule> rules, DiscoveryNews news)
    : io_(io),
      links_(links),
      random_(random),
      self_(self),
      rules_(std::move(rules)),
      news_(std::move(news)) {}

Discovery::~Discovery() {
  stop();
}

Result<void, std::string> Discovery::start() {
  auto monitor = monitor_for(rules_);
  if (!monitor) return failure(monitor.error());
  monitor_ = std::move(*monitor);
  return {};
}

Result<std::shared_ptr<InterfaceMonitor>, std::string> Discovery::monitor_for(
    const std::vector<DiscoveryRule>& rules) {
  if (rules.empty()) return nullptr;
  auto monitor = std::make_shared<InterfaceMonitor>(
      io_, [weak = weak_from_this()](const InterfaceMonitor::Interfaces& interfaces) {
        if (const auto self = weak.lock(); self && self->monitor_) self->follow(interfaces);
      });
  if (auto started = monitor->start(); !started) return failure(started.error());
  return monitor;
}

void Discovery::stop() {
  if (monitor_) monitor_->stop();
  monitor_.reset();
  for (auto& [index, local] : locals_) {
    if (local.segment) local.segment->stop();
  }
  locals_.clear();
}

Result<void, std::string> Discovery::change_rules(std::vector<DiscoveryRule> rules) {
  // A new one asks for all interfaces, and so begins on those that have a rule now. If there cannot
  // be one, all stays as it was.
  auto monitor = monitor_for(rules);
  if (!monitor) return failure(monitor.error());
  rules_ = std::move(rules);
  for (auto local = locals_.begin(); local != locals_.end();) {
    local = adapt(local->first, local->second) ? std::next(local) : locals_.erase(local);
  }
  refused_ = false;
  if (monitor_) monitor_->stop();
  monitor_ = std::move(*monitor);
  return {};
}

/// false: there is nothing to do on the interface any more.
bool Discovery::adapt(InterfaceIndex index, Local& local) {
  const DiscoveryRule* rule = rule_for(local.name);
  if (!is_at_work(rule)) {
    end(local, "the configuration has changed");
    links_.close_local_links(index, "local discovery is off on " + local.name + " now");
    return false;
  }
  if (does_the_same(*rule, local.rule)) return true;
  end(local, "the configuration has changed");
  if (rule->password != local.rule.password) {
    links_.close_local_links(index,
                             "the password of local discovery on " + local.name + " has changed");
  }
  local.rule = *rule;
  return true;
}

std::vector<DiscoveryStatus> Discovery::interfaces() const {
  std::vector<DiscoveryStatus> all;
  for (const auto& [index, local] : locals_) {
    if (!local.segment) continue;
    all.push_back({local.name, local.segment->listens_at(), local.rule.beacon, local.rule.listen,
                   !local.rule.password.empty()});
  }
  return all;
}

void Discovery::follow(const InterfaceMonitor::Interfaces& interfaces) {
  end_what_is_gone(interfaces);
  begin_what_is_new(interfaces);
}

void Discovery::end_what_is_gone(const InterfaceMonitor::Interfaces& interfaces) {
  for (auto local = locals_.begin(); local != locals_.end();) {
    Local& known = local->second;
    const auto found = interfaces.find(local->first);
    std::string lost;
    if (found == interfaces.end()) {
      lost = fmt::format("the network interface {} is gone", known.name);
    } else if (std::ranges::count(found->second.addresses, known.address) == 0) {
      lost = fmt::format("the network interface {} has lost its address", known.name);
    } else if (found->second.name != known.name) {
      end(known, "it has another name now");
      local = locals_.erase(local);
      continue;
    } else if (!found->second.suitable) {
      end(known, "it does not run");  // its links may live on: the cable may be back in a moment
    }
    if (lost.empty()) {
      ++local;
      continue;
    }
    end(known, lost);
    links_.close_local_links(local->first, lost);
    local = locals_.erase(local);
  }
}

void Discovery::begin_what_is_new(const InterfaceMonitor::Interfaces& interfaces) {
  for (const auto& [index, interface] : interfaces) {
    if (!interface.suitable || interface.addresses.empty()) continue;
    const DiscoveryRule* rule = rule_for(interface.name);
    if (!is_at_work(rule)) continue;
    const auto known = locals_.find(index);
    if (known == locals_.end() && locals_.size() >= kMaxLocalInterfaces) {
      refuse(interface.name);
      continue;
    }
    Local& local = locals_[index];
    if (local.segment) continue;
    // One that only stopped running for a while still has its address.
    if (known == locals_.end()) local.address = interface.addresses.front();
    local.name = interface.name;
    local.rule = *rule;
    local.segment = std::make_shared<LocalSegment>(
        io_, links_, random_, self_, *rule,
        LocalSegment::Place{index, interface.name, local.address}, news_);
    local.segment->start();
  }
}

void Discovery::refuse(const std::string& name) {
  if (std::exchange(refused_, true)) return;
  news_(name, DiscoveryEvent::failed,
        fmt::format("there are {} interfaces already, as many as we use", kMaxLocalInterfaces));
}

void Discovery::end(Local& local, std::string_view reason) {
  if (!local.segment) return;
  local.segment->stop();
  local.segment.reset();
  news_(local.name, DiscoveryEvent::ended, reason);
}

const DiscoveryRule* Discovery::rule_for(const std::string& name) const {
  const auto found =
      std::ranges::find_if(rules_, [&](const DiscoveryRule& rule) { return rule.matches(name); });
  return found == rules_.end() ? nullptr : &*found;
}

}  // namespace thicket::transport

#include "node/link_log.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

#include "crypto/address.hpp"

namespace thicket::node {
namespace {

std::string name_of(const PublicKey& key) {
  return Address::of(key).to_string();
}
std::string_view direction_of(const transport::LinkInfo& link) {
  if (link.discovered) return link.inbound ? "inbound, local" : "outbound, local";
  return link.inbound ? "inbound" : "outbound";
}

}  // namespace

void LinkLog::up(Instant now, const transport::LinkInfo& link) {
  auto failure = failures_.lower_bound({link.uri, ""});
  while (failure != failures_.end() && failure->first == link.uri) {
    failure = failures_.erase(failure);
  }
  changed(now, link,
          fmt::format("link up: {} over {}, {}", name_of(link.peer), link.uri, direction_of(link)));
}

void LinkLog::down(Instant now, const transport::LinkInfo& link, std::string_view reason) {
  changed(now, link,
          fmt::format("link down: {} over {}, {}: {}", name_of(link.peer), link.uri,
                      direction_of(link), reason));
}

void LinkLog::changed(Instant now, const transport::LinkInfo& link, std::string_view line) {
  if (!link.inbound && !link.discovered) {
    spdlog::info("{}", line);
  } else if (!stranger_changes_.take(now)) {
    ++untold_stranger_changes_;
    spdlog::debug("{}", line);
  } else if (const std::uint64_t untold = std::exchange(untold_stranger_changes_, 0); untold != 0) {
    spdlog::info("{} ({} more before)", line, untold);
  } else {
    spdlog::info("{}", line);
  }
}

void LinkLog::failed(Instant now, std::string_view uri, transport::LinkOrigin origin,
                     std::string_view reason) {
  std::pair<std::string, std::string> failure(uri, reason);
  if (origin == transport::LinkOrigin::inbound) {
    stranger_failed(now, inbound_failures_, fmt::format("no link from {}: {}", uri, reason));
  } else if (failures_.contains(failure)) {
    spdlog::debug("still no link to {}: {}", uri, reason);
  } else {
    const std::string line = fmt::format("no link to {}: {}", uri, reason);
    if (origin == transport::LinkOrigin::configured) {
      spdlog::info("{}", line);
    } else if (!stranger_failed(now, discovered_failures_, line)) {
      return;  // it is still to be told
    }
    if (failures_.size() >= kMaxFailures) failures_.clear();
    failures_.insert(std::move(failure));
  }
}

bool LinkLog::stranger_failed(Instant now, Untold& untold, std::string_view line) {
  if (now < untold.until) {
    ++untold.count;
    spdlog::debug("{}", line);
    return false;
  }
  untold.until = now + kStrangerFailureInterval;
  const std::uint64_t before = std::exchange(untold.count, 0);
  spdlog::info("{}{}", line, before == 0 ? "" : fmt::format(" ({} more before)", before));
  return true;
}

void LinkLog::tree(Instant now, const PublicKey& self, const PublicKey& root,
                   const PublicKey& parent) {
  next_tree_ = now + kTreeInterval;
  if (root == root_ && parent == parent_) return;
  root_ = root;
  parent_ = parent;
  if (root == self) {
    spdlog::info("tree: this node is the root");
  } else {
    spdlog::info("tree: root {}, parent {}", name_of(root), name_of(parent));
  }
}

}  // namespace thicket::node

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
  if (!link.inbound) {
    spdlog::info("{}", line);
  } else if (!inbound_changes_.take(now)) {
    ++untold_inbound_changes_;
    spdlog::debug("{}", line);
  } else if (const std::uint64_t untold = std::exchange(untold_inbound_changes_, 0); untold != 0) {
    spdlog::info("{} ({} more before)", line, untold);
  } else {
    spdlog::info("{}", line);
  }
}

void LinkLog::failed(Instant now, std::string_view uri, bool inbound, std::string_view reason) {
  if (inbound) return inbound_failed(now, uri, reason);
  std::pair<std::string, std::string> failure(uri, reason);
  if (failures_.contains(failure)) {
    spdlog::debug("still no link to {}: {}", uri, reason);
    return;
  }
  if (failures_.size() >= kMaxFailures) failures_.clear();
  failures_.insert(std::move(failure));
  spdlog::info("no link to {}: {}", uri, reason);
}

void LinkLog::inbound_failed(Instant now, std::string_view uri, std::string_view reason) {
  if (now < next_inbound_failure_) {
    ++untold_inbound_failures_;
    spdlog::debug("no link from {}: {}", uri, reason);
    return;
  }
  next_inbound_failure_ = now + kInboundFailureInterval;
  if (untold_inbound_failures_ == 0) {
    spdlog::info("no link from {}: {}", uri, reason);
  } else {
    spdlog::info("no link from {}: {} ({} more before)", uri, reason, untold_inbound_failures_);
  }
  untold_inbound_failures_ = 0;
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

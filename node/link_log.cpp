#include "node/link_log.hpp"

#include <spdlog/spdlog.h>

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

void LinkLog::up(const transport::LinkInfo& link) {
  const auto failure = failures_.find(link.uri);
  if (failure != failures_.end()) failures_.erase(failure);
  spdlog::info("link up: {} over {}, {}", name_of(link.peer), link.uri, direction_of(link));
}

void LinkLog::down(const transport::LinkInfo& link, std::string_view reason) {
  spdlog::info("link down: {} over {}, {}: {}", name_of(link.peer), link.uri, direction_of(link),
               reason);
}

void LinkLog::failed(Instant now, std::string_view uri, bool inbound, std::string_view reason) {
  if (inbound) return inbound_failed(now, uri, reason);
  const auto known = failures_.find(uri);
  if (known != failures_.end() && known->second == reason) {
    spdlog::debug("still no link to {}: {}", uri, reason);
    return;
  }
  if (known == failures_.end() && failures_.size() >= kMaxFailures) failures_.clear();
  failures_.insert_or_assign(std::string(uri), std::string(reason));
  spdlog::info("no link to {}: {}; trying again", uri, reason);
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

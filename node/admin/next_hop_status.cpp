#include "node/admin/next_hop_status.hpp"

#include <nlohmann/json.hpp>
#include <optional>

#include "crypto/address.hpp"

namespace thicket::node {

namespace {

using nlohmann::json;

const char* name_of(NextHop::End end) {
  switch (end) {
    case NextHop::End::next:
      return "next";
    case NextHop::End::arrived:
      return "arrived";
    case NextHop::End::nobody:
      return "nobody nearer";
    case NextHop::End::silent:
      return "no answer";
    case NextHop::End::not_found:
      return "not found";
  }
  return "";
}

json node_status(const PublicKey& key, const std::optional<routing::Path>& path,
                 const routing::Path& target) {
  json status = {{"key", key.to_hex()}, {"address", Address::of(key).to_string()}};
  if (!path) return status;
  status["path"] = json::array();
  for (const routing::Port port : *path) status["path"].push_back(port.value);
  status["distance"] = routing::tree_distance(target, *path);
  return status;
}

}  // namespace

json next_hop_status(const NextHop& hop) {
  json status = {{"result", name_of(hop.end)}, {"found", hop.end != NextHop::End::not_found}};
  if (hop.end == NextHop::End::not_found) return status;
  status["target"] = node_status(hop.target, hop.target_path, hop.target_path);
  status["at"] = node_status(hop.at, hop.at_path, hop.target_path);
  if (hop.end == NextHop::End::arrived || hop.end == NextHop::End::silent) return status;
  status["peers"] = hop.peers;
  if (hop.located != 0) status["located"] = hop.located;
  if (hop.nearer != 0) status["nearer"] = hop.nearer;
  if (!hop.next) return status;
  status["next"] = node_status(*hop.next, hop.next_path, hop.target_path);
  status["certain"] = hop.certain;
  return status;
}

}  // namespace thicket::node

#include "node/commands/suggest_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "node/commands/table.hpp"
#include "node/display_text.hpp"
#include "node/units.hpp"

namespace thicket::node {

namespace {

using nlohmann::json;

constexpr std::size_t kMostRows = 20;

bool is_among(const std::vector<const SurveyedPeer*>& peers, const SurveyedPeer* peer) {
  return std::ranges::find(peers, peer) != peers.end();
}

std::vector<Cell> row_of(const SurveyedPeer& peer, bool suggested) {
  return {{peer.listed.name},
          {latency_text(static_cast<double>(peer.median().count()))},
          {fmt::format("{} of {}", peer.failed, peer.tries()),
           peer.failed == 0 ? Style::plain : Style::bad},
          suggested ? Cell{"suggested", Style::good} : Cell{},
          {peer.listed.region}};
}

std::string text_of(const SurveyedPeer& peer, bool utf8) {
  const std::string text =
      json(peer.listed.uri).dump(-1, ' ', !utf8, json::error_handler_t::replace);
  return displayable_json(text, utf8);
}

json peer_json(const SurveyedPeer& peer, bool suggested) {
  json out = {{"uri", peer.listed.uri},
              {"region", peer.listed.region},
              {"suggested", suggested},
              {"tries", peer.tries()},
              {"failed", peer.failed}};
  if (peer.answered()) {
    out["key"] = peer.key.to_hex();
    out["handshake"] = std::chrono::duration<double>(peer.median()).count();
  } else {
    out["reason"] = peer.reason;
  }
  return out;
}

std::size_t count_tried(const std::vector<SurveyedPeer>& peers) {
  return static_cast<std::size_t>(
      std::ranges::count_if(peers, [](const SurveyedPeer& peer) { return peer.tries() != 0; }));
}

}  // namespace

std::string suggest_view(const std::vector<SurveyedPeer>& peers, std::size_t count,
                         const Terminal& terminal) {
  const auto best = ranked(peers);
  const auto chosen = suggested(peers, count);
  if (best.empty()) {
    return fmt::format("None of {} answered. Is this machine online?\n",
                       count_text(count_tried(peers), "peer"));
  }
  Table table({{.title = "PEER", .least = 28},
               {.title = "HANDSHAKE", .right = true},
               {.title = "FAILED", .right = true},
               {.title = ""},
               {.title = "REGION", .least = 8, .dispensable = 1}});
  std::size_t rows = 0;
  for (const SurveyedPeer* peer : best) {
    if (rows++ < kMostRows || is_among(chosen, peer)) {
      table.add(row_of(*peer, is_among(chosen, peer)));
    }
  }
  std::string out = table.render(terminal);
  if (rows > kMostRows) out += "Slower ones are left out; --json shows all.\n";
  out += fmt::format("\n{} of {} answered. For the configuration:\n\n  Peers: [\n", best.size(),
                     count_text(count_tried(peers), "peer"));
  for (const SurveyedPeer* peer : chosen) {
    out += fmt::format("    {}\n", text_of(*peer, terminal.utf8));
  }
  return out + "  ]\n";
}

json suggest_json(const std::vector<SurveyedPeer>& peers, std::size_t count) {
  const auto best = ranked(peers);
  const auto chosen = suggested(peers, count);
  json uris = json::array();
  for (const SurveyedPeer* peer : chosen) uris.push_back(peer->listed.uri);
  json list = json::array();
  for (const SurveyedPeer* peer : best) list.push_back(peer_json(*peer, is_among(chosen, peer)));
  for (const SurveyedPeer& peer : peers) {
    if (!peer.answered() && peer.tries() != 0) list.push_back(peer_json(peer, false));
  }
  return {{"listed", peers.size()},
          {"tried", count_tried(peers)},
          {"answered", best.size()},
          {"suggested", std::move(uris)},
          {"peers", std::move(list)}};
}

}  // namespace thicket::node

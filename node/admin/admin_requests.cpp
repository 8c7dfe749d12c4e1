#include "node/admin/admin_requests.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "crypto/address.hpp"
#include "node/admin/admin_status.hpp"
#include "node/admin/auto_peers_status.hpp"
#include "node/admin/dht_status.hpp"
#include "node/admin/health_status.hpp"
#include "node/admin/lookup_status.hpp"
#include "node/admin/lookup_target.hpp"
#include "node/admin/reload_status.hpp"
#include "node/bounded_json.hpp"
#include "node/clock.hpp"
#include "node/monitoring/dashboard_status.hpp"

namespace thicket::node {
namespace {

using nlohmann::json;

std::string to_lower(std::string text) {
  for (char& letter : text) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return text;
}

/// The argument `name` if it is a string, else "".
std::string string_argument(const json& arguments, const char* name) {
  const auto found = arguments.find(name);
  return found != arguments.end() && found->is_string() ? found->get<std::string>() : "";
}

json echo(const std::string& name, const json& arguments) {
  return {{"request", name}, {"arguments", arguments}};
}

std::string reply_text(const json& echoed, const Result<json, std::string>& outcome) {
  json reply = {{"status", outcome ? "success" : "error"},
                {"request", echoed},
                {"response", outcome ? *outcome : json(nullptr)}};
  if (!outcome) reply["error"] = outcome.error();
  return to_text(reply, true) + "\n";
}

Result<PublicKey, std::string> key_argument(const json& arguments) {
  const std::string text = string_argument(arguments, "key");
  if (text.empty()) return failure(std::string("no remote public key supplied"));
  if (text.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) {
    return failure(std::string("failed to decode public key: not hexadecimal"));
  }
  const std::optional<PublicKey> key = PublicKey::from_hex(text);
  if (!key) return failure(std::string("invalid public key length"));
  return *key;
}

/// An answer of another node in the words of the socket. Its bytes are as they came.
Result<json, std::string> remote_answer(const PublicKey& from, Question question,
                                        const std::vector<std::uint8_t>& bytes) {
  if (question == Question::peers || question == Question::tree) {
    return json{{Address::of(from).to_string(), {{"keys", keys_in(bytes)}}}};
  }
  std::optional<json> object = parse_object(std::string(bytes.begin(), bytes.end()));
  if (!object) return failure(std::string("the node's answer is not a JSON object"));
  const std::string name =
      question == Question::node_info ? from.to_hex() : Address::of(from).to_string();
  return json{{name, std::move(*object)}};
}

}  // namespace

struct AdminRequests::Command {
  std::string_view name;
  std::string_view description;
  std::vector<std::string_view> fields;
  void (AdminRequests::*run)(const json& arguments, const OutcomeHandler& done);
};

struct AdminRequests::Table {
  std::vector<Command> commands{
      {"addpeer", "Add a peer to the peer list", {"uri", "interface"}, &AdminRequests::add_peer},
      {"debug_remotegetpeers", "Debug use only", {"key"}, &AdminRequests::remote_get_peers},
      {"debug_remotegetself", "Debug use only", {"key"}, &AdminRequests::remote_get_self},
      {"debug_remotegettree", "Debug use only", {"key"}, &AdminRequests::remote_get_tree},
      {"events",
       "Show what the log told last, or wait for what it tells next",
       {"after", "wait"},
       &AdminRequests::events},
      {"getautopeers",
       "Show which peers this node has chosen by itself, and how good they are",
       {},
       &AdminRequests::get_auto_peers},
      {"getdht",
       "Show how nodes are looked up, and the state of the DHT",
       {},
       &AdminRequests::get_dht},
      {"getmulticastinterfaces",
       "Show which interfaces multicast is enabled on",
       {},
       &AdminRequests::get_multicast_interfaces},
      {"getnodeinfo",
       "Request nodeinfo from a remote node by its public key",
       {"key"},
       &AdminRequests::get_node_info},
      {"getpaths", "Show established paths through this node", {}, &AdminRequests::get_paths},
      {"getpeers", "Show directly connected peers", {"sort"}, &AdminRequests::get_peers},
      {"getself", "Show details about this node", {}, &AdminRequests::get_self},
      {"getsessions",
       "Show established traffic sessions with remote nodes",
       {},
       &AdminRequests::get_sessions},
      {"getstatus",
       "Show the whole state of this node in one answer of bounded size",
       {},
       &AdminRequests::get_status},
      {"gettree", "Show known Tree entries", {}, &AdminRequests::get_tree},
      {"gettun", "Show information about the node's TUN interface", {}, &AdminRequests::get_tun},
      {"health", "Show whether this node does what it is there for", {}, &AdminRequests::health},
      {"list", "List available commands", {}, &AdminRequests::list},
      {"lookup",
       "Look for a node by key, address or subnet and explain how it went",
       {"key"},
       &AdminRequests::lookup},
      {"ping",
       "Measure how long another node takes to answer",
       {"key", "way", "timeout", "size"},
       &AdminRequests::ping},
      {"reload", "Read the configuration file again and follow it", {}, &AdminRequests::reload},
      {"removepeer",
       "Remove a peer from the peer list",
       {"uri", "interface"},
       &AdminRequests::remove_peer},
      {"trace",
       "Show where a packet for a node goes next, from here or from the node 'at'",
       {"key", "at"},
       &AdminRequests::trace},
  };
  static const Table& instance() {
    static const Table table;
    return table;
  }
};

const AdminRequests::Command* AdminRequests::find(std::string_view lower_case_name) {
  for (const Command& command : Table::instance().commands) {
    if (command.name == lower_case_name) return &command;
  }
  return nullptr;
}

AdminReply AdminRequests::refusal(std::string_view error) {
  return {reply_text(echo("", json::object()), failure(std::string(error))), false};
}

void AdminRequests::handle(std::string_view request, ReplyHandler on_reply) {
  const std::optional<json> object = parse_object(request);
  if (!object) return on_reply(refusal("the request is not a JSON object"));
  const std::string name = string_argument(*object, "request");
  const auto given = object->find("arguments");
  const bool has_arguments = given != object->end() && given->is_object();
  const json arguments = has_arguments ? *given : json::object();
  const auto keep = object->find("keepalive");
  const bool keep_open = keep != object->end() && keep->is_boolean() && keep->get<bool>();

  const OutcomeHandler done = [echoed = echo(name, arguments), keep_open,
                               on_reply = std::move(on_reply)](const Outcome& outcome) {
    on_reply({reply_text(echoed, outcome), keep_open});
  };
  if (name.empty()) return done(failure(std::string("no request specified")));
  const std::string lower = to_lower(name);
  const Command* command = find(lower);
  if (command == nullptr) {
    return done(failure(fmt::format("unknown action '{}', try 'list' for help", lower)));
  }
  (this->*command->run)(arguments, done);
}

void AdminRequests::list(const json&, const OutcomeHandler& done) {
  json commands = json::array();
  for (const Command& command : Table::instance().commands) {
    json entry = {{"command", command.name}, {"description", command.description}};
    if (!command.fields.empty()) entry["fields"] = command.fields;
    commands.push_back(std::move(entry));
  }
  done(json{{"list", std::move(commands)}});
}

void AdminRequests::get_auto_peers(const json&, const OutcomeHandler& done) {
  if (auto_peers_ == nullptr) return done(failure(std::string("the node is not running yet")));
  done(auto_peers_status(*auto_peers_, current_time().steady));
}

void AdminRequests::get_dht(const json&, const OutcomeHandler& done) {
  done(dht_status(wiring_.endpoint(), wiring_.lookup_policy()));
}

void AdminRequests::get_self(const json&, const OutcomeHandler& done) {
  done(self_status(wiring_.endpoint().router()));
}

void AdminRequests::get_peers(const json& arguments, const OutcomeHandler& done) {
  json peers = peers_status(wiring_.links().peers(), wiring_.endpoint().router().peers(),
                            wiring_.rates(), peer_order(string_argument(arguments, "sort")));
  if (auto_peers_ != nullptr) mark_auto_peers(*auto_peers_, peers);
  done(json{{"peers", std::move(peers)}});
}

void AdminRequests::get_status(const json&, const OutcomeHandler& done) {
  if (!health_) return done(failure(std::string("the node is not running yet")));
  const Time now = current_time();
  json status = dashboard_status(wiring_, health_(), now, now.steady - started_);
  if (protections_) status["protections"] = protections_status(*protections_);
  done(std::move(status));
}

void AdminRequests::health(const json&, const OutcomeHandler& done) {
  if (!health_) return done(failure(std::string("the node is not running yet")));
  done(health_status(health_()));
}

void AdminRequests::get_tree(const json&, const OutcomeHandler& done) {
  done(json{{"tree", tree_status(wiring_.endpoint().router().tree())}});
}

void AdminRequests::get_paths(const json&, const OutcomeHandler& done) {
  done(json{{"paths", paths_status(wiring_.endpoint().router().paths())}});
}

void AdminRequests::get_sessions(const json&, const OutcomeHandler& done) {
  done(json{{"sessions", sessions_status(wiring_.endpoint(), current_time())}});
}

void AdminRequests::add_peer(const json& arguments, const OutcomeHandler& done) {
  const std::string uri = string_argument(arguments, "uri");
  if (uri.empty()) return done(failure(std::string("no uri supplied")));
  auto added = wiring_.links().add_peer(uri, string_argument(arguments, "interface"));
  wiring_.schedule_pump();
  if (!added) return done(failure(added.error()));
  done(json::object());
}

void AdminRequests::remove_peer(const json& arguments, const OutcomeHandler& done) {
  const std::string uri = string_argument(arguments, "uri");
  if (uri.empty()) return done(failure(std::string("no uri supplied")));
  auto removed = wiring_.links().remove_peer(uri, string_argument(arguments, "interface"));
  wiring_.schedule_pump();
  if (!removed) return done(failure(removed.error()));
  done(json::object());
}

void AdminRequests::get_tun(const json&, const OutcomeHandler& done) {
  const tun::Device* device = wiring_.device();
  if (device == nullptr) return done(json{{"enabled", false}});
  done(json{{"enabled", true}, {"name", device->name()}, {"mtu", device->mtu()}});
}

void AdminRequests::get_multicast_interfaces(const json&, const OutcomeHandler& done) {
  done(json{{"multicast_interfaces", interfaces_status(discovery_.interfaces())}});
}

void AdminRequests::get_node_info(const json& arguments, const OutcomeHandler& done) {
  ask(arguments, Question::node_info, done);
}

void AdminRequests::remote_get_self(const json& arguments, const OutcomeHandler& done) {
  ask(arguments, Question::self, done);
}

void AdminRequests::remote_get_peers(const json& arguments, const OutcomeHandler& done) {
  ask(arguments, Question::peers, done);
}

void AdminRequests::remote_get_tree(const json& arguments, const OutcomeHandler& done) {
  ask(arguments, Question::tree, done);
}

void AdminRequests::lookup(const json& arguments, const OutcomeHandler& done) {
  const std::string text = string_argument(arguments, "key");
  if (text.empty()) return done(failure(std::string("no public key or address supplied")));
  const auto target = parse_lookup_target(text);
  if (!target) return done(failure(fmt::format("key: {}", target.error())));
  const bool begun = wiring_.trace_lookup(*target, [done](const routing::LookupTrace& trace) {
    done(lookup_status(trace, current_time().unix_seconds));
  });
  if (!begun) done(failure(std::string("too many lookups are being explained already")));
}

void AdminRequests::reload(const json&, const OutcomeHandler& done) {
  const auto report = reload_();
  if (!report) return done(failure(report.error()));
  done(reload_status(*report));
}

void AdminRequests::ask(const json& arguments, Question question, const OutcomeHandler& done) {
  const Result<PublicKey, std::string> key = key_argument(arguments);
  if (!key) return done(failure(key.error()));
  if (*key == wiring_.endpoint().router().public_key()) {
    return done(remote_answer(*key, question, wiring_.queries().content_of(question)));
  }
  wiring_.ask(*key, question, [key = *key, question, done](const RemoteQueries::Answer& answer) {
    if (!answer) return done(failure(std::string(describe(answer.error()))));
    done(remote_answer(key, question, *answer));
  });
}

}  // namespace thicket::node

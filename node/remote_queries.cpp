#include "node/remote_queries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "node/bounded_json.hpp"
#include "node/build_info.hpp"

namespace thicket::node {
namespace {

// The bytes that open a message, after the kind byte (wire.md §9).
constexpr std::uint8_t kNodeInfoRequest = 1;
constexpr std::uint8_t kNodeInfoResponse = 2;
constexpr std::uint8_t kDebug = 255;

struct Header {
  std::vector<std::uint8_t> request;
  std::vector<std::uint8_t> response;
};

const Header& header_of(Question question) {
  static const Header node_info{{kNodeInfoRequest}, {kNodeInfoResponse}};
  static const Header self{{kDebug, 1}, {kDebug, 2}};
  static const Header peers{{kDebug, 3}, {kDebug, 4}};
  static const Header tree{{kDebug, 5}, {kDebug, 6}};
  switch (question) {
    case Question::node_info:
      return node_info;
    case Question::self:
      return self;
    case Question::peers:
      return peers;
    case Question::tree:
      break;
  }
  return tree;
}

constexpr Question kQuestions[] = {Question::node_info, Question::self, Question::peers,
                                   Question::tree};

bool starts_with(ByteView message, const std::vector<std::uint8_t>& header) {
  return message.size() >= header.size() &&
         std::equal(header.begin(), header.end(), message.begin());
}

Packet make_data(const std::vector<std::uint8_t>& header, ByteView content) {
  Packet data(1 + header.size() + content.size());
  data.data()[0] = static_cast<std::uint8_t>(DataKind::protocol);
  std::memcpy(data.data() + 1, header.data(), header.size());
  if (!content.empty()) {
    std::memcpy(data.data() + 1 + header.size(), content.data(), content.size());
  }
  return data;
}

/// Takes out of `from` what `matches`, in order.
template <class T, class Matches>
std::vector<T> take_if(std::vector<T>& from, Matches matches) {
  const auto taken = std::stable_partition(from.begin(), from.end(),
                                           [&](const T& item) { return !matches(item); });
  std::vector<T> result(std::make_move_iterator(taken), std::make_move_iterator(from.end()));
  from.erase(taken, from.end());
  return result;
}

void append(std::vector<std::uint8_t>& keys, const PublicKey& key) {
  // 3: the bytes that stand before the keys.
  if (keys.size() + PublicKey::kSize + 3 > RemoteQueries::kMaxAnswerSize) return;
  keys.insert(keys.end(), key.bytes.begin(), key.bytes.end());
}

}  // namespace

std::string_view describe(QueryError error) {
  return error == QueryError::timeout ? "timeout" : "too many requests are waiting for answers";
}

RemoteQueries::RemoteQueries(const routing::Router& router, std::string node_info)
    : router_(router), node_info_(std::move(node_info)) {}

void RemoteQueries::receive(Time now, const PublicKey& from, ByteView message) {
  now_ = now;
  for (const Question question : kQuestions) {
    const Header& header = header_of(question);
    if (starts_with(message, header.request)) return answer(now, from, question);
    if (starts_with(message, header.response)) {
      return answered(from, question, message.subspan(header.response.size()));
    }
  }
}

bool RemoteQueries::may_answer(Instant now, const PublicKey& from) {
  auto asker = askers_.find(from);
  if (asker == askers_.end()) {
    if (askers_.size() >= kMaxAskers) {
      askers_.erase(std::min_element(askers_.begin(), askers_.end(), [](auto& a, auto& b) {
        return a.second.last < b.second.last;
      }));
    }
    asker = askers_.emplace(from, Asker{}).first;
  }
  asker->second.last = now;
  return asker->second.bucket.take(now) && total_.take(now);
}

void RemoteQueries::answer(Time now, const PublicKey& from, Question question) {
  if (!may_answer(now.steady, from)) return;
  messages_.push_back({from, make_data(header_of(question).response, content_of(question))});
}

std::vector<std::uint8_t> RemoteQueries::content_of(Question question) const {
  std::vector<std::uint8_t> content;
  if (question == Question::peers) {
    for (const routing::PeerInfo& peer : router_.peers()) append(content, peer.key);
    return content;
  }
  const std::vector<routing::TreeEntry> tree =
      question == Question::node_info ? std::vector<routing::TreeEntry>{} : router_.tree();
  if (question == Question::tree) {
    for (const routing::TreeEntry& entry : tree) append(content, entry.key);
    return content;
  }
  const std::string text = question == Question::node_info
                               ? node_info_
                               : to_text({{"key", router_.public_key().to_hex()},
                                          {"routing_entries", std::to_string(tree.size())}},
                                         false);
  content.assign(text.begin(), text.end());
  return content;
}

void RemoteQueries::answered(const PublicKey& from, Question question, ByteView content) {
  const auto is_answered = [&](const Pending& pending) {
    return pending.to == from && pending.question == question;
  };
  const auto first_alone = std::ranges::find_if(
      pending_, [&](const Pending& pending) { return is_answered(pending) && !pending.repeat_at; });
  const std::uint64_t number = first_alone == pending_.end() ? 0 : first_alone->number;
  const auto waiting = take_if(pending_, [&](const Pending& pending) {
    return is_answered(pending) && (pending.repeat_at || pending.number == number);
  });
  for (const Pending& pending : waiting) {
    pending.on_answer(std::vector<std::uint8_t>(content.begin(), content.end()));
  }
}

void RemoteQueries::ask(Time now, const PublicKey& to, Question question, AnswerHandler on_answer) {
  ask(now, to, question, Asking{}, std::move(on_answer));
}

void RemoteQueries::ask(Time now, const PublicKey& to, Question question, Asking asking,
                        AnswerHandler on_answer) {
  now_ = now;
  if (pending_.size() >= kMaxPending) return on_answer(failure(QueryError::too_many));
  messages_.push_back({to, make_data(header_of(question).request, {})});
  Pending pending{to,
                  question,
                  std::nullopt,
                  now.steady + asking.timeout,
                  ++last_number_,
                  std::move(on_answer)};
  if (asking.repeat) pending.repeat_at = now.steady + kRepeatInterval;
  pending_.push_back(std::move(pending));
}

void RemoteQueries::tick(Time now) {
  now_ = now;
  const auto expired =
      take_if(pending_, [&](const Pending& pending) { return pending.ends_at <= now.steady; });
  for (Pending& pending : pending_) {
    if (!pending.repeat_at || *pending.repeat_at > now.steady) continue;
    pending.repeat_at = now.steady + kRepeatInterval;
    messages_.push_back({pending.to, make_data(header_of(pending.question).request, {})});
  }
  for (const Pending& pending : expired) pending.on_answer(failure(QueryError::timeout));
}

std::optional<Instant> RemoteQueries::next_deadline() const {
  std::optional<Instant> earliest;
  for (const Pending& pending : pending_) {
    const Instant due = std::min(pending.repeat_at.value_or(pending.ends_at), pending.ends_at);
    if (!earliest || due < *earliest) earliest = due;
  }
  return earliest;
}

std::optional<ProtocolMessage> RemoteQueries::next_message() {
  if (next_message_ == messages_.size()) {
    messages_.clear();
    next_message_ = 0;
    return std::nullopt;
  }
  return std::move(messages_[next_message_++]);
}

Result<std::string, std::string> make_node_info(const std::string& configured, bool privacy) {
  std::optional<nlohmann::json> info = parse_object(configured);
  if (!info) return failure(std::string("NodeInfo is not a JSON object"));
  if (!privacy) {
    (*info)["buildname"] = build_name();
    (*info)["buildversion"] = build_version();
    (*info)["buildplatform"] = build_platform();
    (*info)["buildarch"] = build_arch();
  }
  std::string text = to_text(*info, false);
  if (text.size() > RemoteQueries::kMaxNodeInfoSize) {
    return failure(fmt::format("NodeInfo takes {} bytes, at most {} can be handed out", text.size(),
                               RemoteQueries::kMaxNodeInfoSize));
  }
  return text;
}

}  // namespace thicket::node

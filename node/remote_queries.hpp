#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/bytes.hpp"
#include "crypto/packet.hpp"
#include "crypto/public_key.hpp"
#include "crypto/result.hpp"
#include "crypto/time.hpp"
#include "crypto/token_bucket.hpp"
#include "routing/router.hpp"

namespace thicket::node {

/// First byte of session data (wire.md §9).
enum class DataKind : std::uint8_t { ipv6 = 1, protocol = 2 };

/// What one node may ask another.
enum class Question { node_info, self, peers, tree };

enum class QueryError { too_many, timeout };
std::string_view describe(QueryError error);

/// Session data for `to`.
struct ProtocolMessage {
  PublicKey to;
  Packet data;
};

/// The protocol messages of wire.md §9: answers what others ask about this node, within a rate per
/// asker, and asks others, each second until they answer. Sans-I/O.
class RemoteQueries {
 public:
  static constexpr std::size_t kMaxNodeInfoSize = 16384;
  /// Of the data of any answer: what fits a session's largest packet.
  static constexpr std::size_t kMaxAnswerSize = 65535;
  static constexpr std::size_t kMaxPending = 64;
  /// Askers whose rate is remembered; the one that has been quiet longest is forgotten first.
  static constexpr std::size_t kMaxAskers = 256;
  static constexpr std::uint32_t kAnswerBurst = 16;  ///< per asker, enough for a crawler's round
  static constexpr std::uint32_t kAnswersPerSecond = 4;
  static constexpr std::uint32_t kTotalAnswersPerSecond = 200;
  static constexpr Duration kRepeatInterval = std::chrono::seconds(1);
  static constexpr Duration kTimeout = std::chrono::seconds(6);

  /// The bytes of an answer, without the bytes that say what it answers.
  using Answer = Result<std::vector<std::uint8_t>, QueryError>;
  using AnswerHandler = std::function<void(Answer)>;

  /// `node_info`: JSON text handed to who asks, at most kMaxNodeInfoSize bytes. `router` must
  /// outlive this.
  RemoteQueries(const routing::Router& router, std::string node_info);

  void set_node_info(std::string node_info) { node_info_ = std::move(node_info); }

  /// `message` is what followed the kind byte in the session with `from`.
  void receive(Time now, const PublicKey& from, ByteView message);
  /// How a question is asked.
  struct Asking {
    Duration timeout = kTimeout;
    /// Each second until it is answered. What is not repeated gets an answer of its own: the next
    /// one that no earlier such question has taken.
    bool repeat = true;
  };

  /// `on_answer` is called once: from receive(), from tick(), or, if too much is asked already, at
  /// once; never after the object is gone.
  void ask(Time now, const PublicKey& to, Question question, AnswerHandler on_answer);
  void ask(Time now, const PublicKey& to, Question question, Asking asking,
           AnswerHandler on_answer);

  void tick(Time now);
  std::optional<Instant> next_deadline() const;
  std::optional<ProtocolMessage> next_message();
  /// The time of the call that is under way, for handlers.
  Time now() const { return now_; }

 private:
  struct Pending {
    PublicKey to;
    Question question;
    std::optional<Instant> repeat_at;
    Instant ends_at;
    std::uint64_t number;
    AnswerHandler on_answer;
  };
  struct Asker {
    TokenBucket bucket{{kAnswersPerSecond, kAnswerBurst}};
    Instant last{};
  };

  bool may_answer(Instant now, const PublicKey& from);
  void answer(Time now, const PublicKey& from, Question question);
  void answered(const PublicKey& from, Question question, ByteView content);
  std::vector<std::uint8_t> content_of(Question question) const;

  const routing::Router& router_;
  std::string node_info_;
  std::vector<Pending> pending_;
  std::map<PublicKey, Asker> askers_;
  TokenBucket total_{{kTotalAnswersPerSecond, kTotalAnswersPerSecond}};
  std::vector<ProtocolMessage> messages_;
  std::size_t next_message_ = 0;
  std::uint64_t last_number_ = 0;
  Time now_{};
};

/// The NodeInfo that others get: `configured` (a JSON object), and unless `privacy` what this build
/// is. The error is one sentence.
Result<std::string, std::string> make_node_info(const std::string& configured, bool privacy);

}  // namespace thicket::node

#include "routing/peer_table.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include "crypto/invariant.hpp"
#include "crypto/state_bytes.hpp"

namespace thicket::routing {

std::string_view describe(CloseReason reason) {
  switch (reason) {
    case CloseReason::malformed_frame:
      return "malformed frame";
    case CloseReason::bad_signature:
      return "bad signature";
    case CloseReason::invalid_record:
      return "invalid tree record";
    case CloseReason::silent:
      return "no answer for 3 s";
    case CloseReason::queue_overflow:
      return "peer does not read";
  }
  return "unknown";
}

Link& Peer::best_link() const {
  for (Link* link : links) {
    if (!link->suspect && !link->closing) return *link;
  }
  const auto open = std::ranges::find_if(links, [](const Link* link) { return !link->closing; });
  return open != links.end() ? **open : *links.front();
}

bool Peer::suspect() const {
  const Link& link = best_link();
  return link.suspect || link.closing;
}

bool Peer::doubted() const {
  const Link& link = best_link();
  return link.doubted || link.closing;
}

std::uint64_t Peer::cost() const {
  return std::max<std::uint64_t>(1, smoothed_us / 1000);
}

void Peer::sample_round_trip(Duration sample, const Policy& policy) {
  round_trip = sample;
  const auto microseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(
      1, std::chrono::duration_cast<std::chrono::microseconds>(sample).count()));
  const std::uint64_t shares = policy.round_trip_shares;
  smoothed_us = smoothed_us == 0 ? microseconds * policy.first_round_trip_factor
                                 : (smoothed_us * (shares - 1) + microseconds) / shares;
}

std::pair<Link*, bool> PeerTable::add(Instant now, LinkId id, const PublicKey& key,
                                      std::uint8_t priority) {
  auto [link_place, link_fresh] = links_.try_emplace(
      id, LinkQueue::Limits{policy_.queue_bytes, limits::kLinkControlBytes,
                            policy_.queue_target_delay, policy_.queue_delay_interval});
  INVARIANT(link_fresh);
  const Port port = lowest_free_port();
  auto [peer_place, peer_fresh] = peers_.try_emplace(key);
  Peer& peer = peer_place->second;
  if (peer_fresh) {
    peer.key = key;
    peer.port = port;
    peer.up_since = now;
  }
  Link& link = link_place->second;
  link.id = id;
  link.peer = &peer;
  link.priority = priority;
  link.up_since = now;
  link.last_heard = now;
  peer.links.push_back(&link);
  std::stable_sort(peer.links.begin(), peer.links.end(), [](const Link* a, const Link* b) {
    return std::tie(a->priority, a->up_since) < std::tie(b->priority, b->up_since);
  });
  return {&link, peer_fresh};
}

std::optional<Port> PeerTable::remove(LinkId id) {
  const auto place = links_.find(id);
  if (place == links_.end()) return std::nullopt;
  Peer& peer = *place->second.peer;
  counters_.dropped.link_lost += place->second.queue.traffic_frames();
  strand(place->second);
  std::erase(peer.links, &place->second);
  links_.erase(place);
  deadline_stale_ = true;
  if (!peer.links.empty()) return std::nullopt;
  const Port port = peer.port;
  peers_.erase(PublicKey(peer.key));
  ++departures_;
  return port;
}

Link* PeerTable::find(LinkId id) {
  const auto place = links_.find(id);
  return place == links_.end() ? nullptr : &place->second;
}

Peer* PeerTable::find(const PublicKey& key) {
  const auto place = peers_.find(key);
  return place == peers_.end() ? nullptr : &place->second;
}

const Peer* PeerTable::find(const PublicKey& key) const {
  const auto place = peers_.find(key);
  return place == peers_.end() ? nullptr : &place->second;
}

void PeerTable::heard(Instant now, Link& link) {
  link.last_heard = now;
  link.copies.clear();
  clear_suspicion(link);
  // Part of a frame proves life as well, but another part must follow.
  if (link.silence_deadline) {
    clear_deadline(link.silence_deadline);
    set_deadline(link.silence_deadline, now + limits::kSilenceTimeout);
  }
  if (link.suspect_at) {
    clear_deadline(link.suspect_at);
    set_deadline(link.suspect_at, now + usual_answer_time(link));
  }
  if (link.doubt_at) {
    clear_deadline(link.doubt_at);
    set_deadline(link.doubt_at, now + patience(link));
  }
}

/// How long a sign of life takes that is not late.
Duration PeerTable::usual_answer_time(const Link& link) const {
  if (link.answer_time > Duration{}) {
    return std::min(link.answer_time + link.answer_time / 2 + limits::kSuspicionMargin,
                    Duration(limits::kSilenceTimeout));
  }
  return policy_.first_suspicion + 2 * link.peer->round_trip.value_or(Duration{});
}

Duration PeerTable::patience(const Link& link) const {
  return std::max(policy_.parent_patience, 2 * usual_answer_time(link));
}

/// A link that was quiet may be dead; one that was heard just now is not.
void PeerTable::keep_copy(Instant now, Link& link, const Packet& frame, std::size_t prefix_size) {
  if (!policy_.resend_lost || now - link.last_heard < limits::kQuiet) return;
  if (frame.size() > limits::kCopyBytes || link.copies.size() >= limits::kCopiesPerLink) return;
  link.copies.push_back(Packet::copy_of(frame.bytes().subspan(prefix_size)));
}

void PeerTable::strand(Link& link) {
  for (Packet& copy : std::exchange(link.copies, {})) stranded_.push_back(std::move(copy));
  if (stranded_.size() <= limits::kStranded) return;
  const auto too_many = static_cast<std::ptrdiff_t>(stranded_.size() - limits::kStranded);
  stranded_.erase(stranded_.begin(), stranded_.begin() + too_many);
}

void PeerTable::clear_suspicion(Link& link) {
  if (!link.suspect && !link.doubted) return;
  link.suspect = false;
  link.doubted = false;
  ++suspicions_;
}

void PeerTable::postpone_suspicion(Link& link, Instant until) {
  if (link.suspect_at) link.suspect_at = std::max(*link.suspect_at, until);
  if (link.doubt_at) link.doubt_at = std::max(*link.doubt_at, until);
}

void PeerTable::frame_received(Instant now, Link& link, FrameType type) {
  clear_deadline(link.silence_deadline);
  clear_deadline(link.suspect_at);
  clear_deadline(link.doubt_at);
  if (link.unanswered_since && type == FrameType::keepalive) {
    // Slow answers count at once, quick ones little by little.
    const Duration took = now - *link.unanswered_since;
    link.answer_time = std::max(took, (7 * link.answer_time + took) / 8);
  }
  link.unanswered_since.reset();
  if (type > FrameType::keepalive && !link.keepalive_due) {
    set_deadline(link.keepalive_due, now + policy_.keepalive_delay);
  }
}

void PeerTable::tick(Instant now) {
  const std::optional<Instant> due = next_deadline();
  if (!due || *due > now) return;
  // If it is us who come late, signs of life may well have come in time, and wait to be read.
  const bool late = now - *due > limits::kSuspicionMargin;
  deadline_stale_ = true;
  for (auto& [id, link] : links_) {
    if (link.closing) continue;
    if (link.silence_deadline && *link.silence_deadline <= now) {
      close(link, CloseReason::silent);
      continue;
    }
    if (late) postpone_suspicion(link, now + limits::kSuspicionMargin);
    if (link.suspect_at && *link.suspect_at <= now) {
      link.suspect_at.reset();
      link.suspect = true;
      ++suspicions_;
      strand(link);
    }
    if (link.doubt_at && *link.doubt_at <= now) {
      link.doubt_at.reset();
      link.doubted = true;
      ++suspicions_;
    }
    if (link.keepalive_due && *link.keepalive_due <= now) {
      link.keepalive_due.reset();
      // Whatever waits already is as good a sign of life.
      if (link.queue.empty()) send(link, encode(Keepalive{}));
    }
  }
}

void PeerTable::set_deadline(std::optional<Instant>& of_link, Instant at) {
  of_link = at;
  if (!deadline_ || at < *deadline_) deadline_ = at;
}

void PeerTable::clear_deadline(std::optional<Instant>& of_link) {
  if (of_link && of_link == deadline_) deadline_stale_ = true;
  of_link.reset();
}

std::optional<Instant> PeerTable::next_deadline() const {
  if (!deadline_stale_) return deadline_;
  deadline_.reset();
  const auto consider = [this](const std::optional<Instant>& time) {
    if (time && (!deadline_ || *time < *deadline_)) deadline_ = time;
  };
  for (const auto& [id, link] : links_) {
    if (link.closing) continue;
    consider(link.silence_deadline);
    consider(link.keepalive_due);
    consider(link.suspect_at);
    consider(link.doubt_at);
  }
  deadline_stale_ = false;
  return deadline_;
}

void PeerTable::announce_ready(Link& link) {
  if (link.ready_told) return;
  link.ready_told = true;
  actions_.emplace_back(LinkReady{link.id});
}

void PeerTable::send(Link& link, Packet body) {
  if (link.closing) return;
  prepend_length(body);
  if (!link.queue.push_control(std::move(body))) {
    close(link, CloseReason::queue_overflow);
    return;
  }
  announce_ready(link);
}

void PeerTable::send_expendable(Peer& peer, Packet body) {
  Link& link = peer.best_link();
  if (link.queue.control_bytes() > limits::kLinkExpendableBytes) {
    ++counters_.protocol_frames_shed;
    return;
  }
  send(link, std::move(body));
}

void PeerTable::send_traffic(Instant now, Peer& peer, const PublicKey& destination,
                             const PublicKey& source, Packet body) {
  Link& link = peer.best_link();
  if (link.closing) {
    ++counters_.dropped.link_lost;
    return;
  }
  prepend_length(body);
  link.queue.push_traffic(now, destination, source, std::move(body));
  count_drops(link);
  announce_ready(link);
}

std::optional<Packet> PeerTable::next_frame(Instant now, LinkId id) {
  Link* link = find(id);
  if (link == nullptr || link->closing) return std::nullopt;
  std::optional<Packet> frame = link->queue.pop(now);
  count_drops(*link);
  if (!frame) {
    link->ready_told = false;
    return std::nullopt;
  }
  clear_deadline(link->keepalive_due);
  const auto prefix = decode_length(std::as_const(*frame).bytes());
  const auto type = static_cast<FrameType>(frame->data()[(*prefix)->prefix_size]);
  if (type > FrameType::keepalive && !link->silence_deadline) {
    set_deadline(link->silence_deadline, now + limits::kSilenceTimeout);
    link->unanswered_since = now;
    if (policy_.first_suspicion > Duration{}) {
      set_deadline(link->suspect_at, now + usual_answer_time(*link));
      set_deadline(link->doubt_at, now + patience(*link));
    }
  }
  if (type == FrameType::traffic) keep_copy(now, *link, *frame, (*prefix)->prefix_size);
  return frame;
}

void PeerTable::count_drops(Link& link) {
  const LinkQueue::Drops drops = link.queue.drops();
  counters_.dropped.queue_full += drops.overflow - link.drops_counted.overflow;
  counters_.dropped.queue_delay += drops.delay - link.drops_counted.delay;
  link.drops_counted = drops;
}

void PeerTable::close(Link& link, CloseReason reason, std::string_view detail) {
  if (link.closing) return;
  link.closing = true;
  deadline_stale_ = true;
  actions_.emplace_back(CloseLink{link.id, reason, detail});
}

Port PeerTable::lowest_free_port() const {
  std::vector<std::uint64_t> taken;
  for (const auto& [key, peer] : peers_) taken.push_back(peer.port.value);
  std::sort(taken.begin(), taken.end());
  std::uint64_t port = 1;
  for (const std::uint64_t used : taken) {
    if (used == port) ++port;
  }
  return Port{port};
}

std::size_t PeerTable::longest_queue() const {
  std::size_t longest = 0;
  for (const auto& [id, link] : links_) longest = std::max(longest, link.queue.bytes());
  return longest;
}

std::size_t PeerTable::state_bytes() const {
  std::size_t bytes = tree_bytes(peers_) + tree_bytes(links_);
  for (const auto& [id, link] : links_) {
    bytes += link.queue.state_bytes();
    for (const Packet& copy : link.copies) bytes += sizeof(Packet) + copy.capacity();
  }
  for (const auto& [key, peer] : peers_) {
    bytes += peer.links.size() * sizeof(Link*) + tree_bytes(peer.backlog);
    bytes += peer.position.state_bytes();
    bytes += peer.filters.received.state_bytes() + peer.filters.sent.state_bytes();
  }
  return bytes;
}

void PeerTable::check_invariants() const {
  std::set<std::uint64_t> ports;
  std::size_t links = 0;
  for (const auto& [key, peer] : peers_) {
    INVARIANT(peer.key == key);
    INVARIANT(peer.port.value != 0);
    INVARIANT(ports.insert(peer.port.value).second);
    INVARIANT(!peer.links.empty());
    links += peer.links.size();
    INVARIANT(peer.backlog.size() <= limits::kAnnounceBacklog);
    for (const Link* link : peer.links) {
      INVARIANT(link->peer == &peer);
      INVARIANT(link->copies.size() <= limits::kCopiesPerLink);
      link->queue.check_invariants();
    }
  }
  INVARIANT(links == links_.size());
  INVARIANT(stranded_.size() <= limits::kStranded);
}

}  // namespace thicket::routing

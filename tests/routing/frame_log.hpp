#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "routing/agreement.hpp"
#include "routing/frame.hpp"
#include "routing/network.hpp"

namespace thicket::routing::test {

/// Nodes 0, 1, … in order of key, so that node 0 is root, joined in a line.
inline std::vector<std::size_t> make_line(Network& network, std::size_t nodes) {
  std::vector<KeyPair> identities;
  for (std::size_t i = 0; i < nodes; ++i) identities.push_back(KeyPair::generate(network.random()));
  std::sort(identities.begin(), identities.end(),
            [](const KeyPair& a, const KeyPair& b) { return a.public_key() < b.public_key(); });
  std::vector<std::size_t> links;
  for (KeyPair& identity : identities) network.add_node(std::move(identity));
  for (std::size_t i = 1; i < nodes; ++i)
    links.push_back(network.link(i - 1, i, std::chrono::milliseconds(5)));
  return links;
}

inline bool settle(Network& network) {
  const bool agreed =
      network.run_until([&] { return disagreement(network).empty(); }, std::chrono::seconds(60))
          .has_value();
  network.run_for(std::chrono::seconds(5));
  return agreed;
}

struct SeenFrame {
  Instant at;
  std::size_t from;
  std::size_t to;
  FrameType type;
  Packet body;
};

/// Notes all frames from now on.
class FrameLog {
 public:
  explicit FrameLog(Network& network) : network_(network) {
    network.on_frame = [this](std::size_t from, std::size_t to, ByteView frame) {
      const ByteView body = frame.subspan((*decode_length(frame))->prefix_size);
      frames.push_back({network_.now().steady, from, to, *peek_type(body), Packet::copy_of(body)});
    };
  }
  ~FrameLog() { network_.on_frame = nullptr; }
  FrameLog(const FrameLog&) = delete;
  FrameLog& operator=(const FrameLog&) = delete;

  std::size_t count(FrameType type, std::size_t from) const {
    return static_cast<std::size_t>(std::count_if(
        frames.begin(), frames.end(),
        [&](const SeenFrame& frame) { return frame.type == type && frame.from == from; }));
  }
  template <class Frame>
  static Frame as(const SeenFrame& frame) {
    return std::get<Frame>(*decode_frame(std::as_const(frame.body).bytes()));
  }

  std::vector<SeenFrame> frames;

 private:
  Network& network_;
};

}  // namespace thicket::routing::test

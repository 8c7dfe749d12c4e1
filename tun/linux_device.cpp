#include "tun/linux_device.hpp"

#include <fmt/format.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "tun/coalescing.hpp"
#include "tun/ipv6_header.hpp"
#include "tun/segmentation.hpp"

namespace thicket::tun {
namespace {

// One byte more than any packet has, so that a longer one would show.
constexpr std::size_t kReadSize = Ipv6Header::kMaxPacketSize + 1;
// Up to this size a packet moves to a buffer of its own size; copying it costs less than holding
// kReadSize bytes for it wherever it queues.
constexpr std::size_t kCopySize = 1600;

}  // namespace

/// Owned by the device; a completion that comes after the device is gone finds nothing.
class LinuxDevice::State : public std::enable_shared_from_this<State> {
 public:
  State(asio::io_context& io, Interface interface)
      : stream_(io, interface.descriptor),
        pause_timer_(io),
        name_(std::move(interface.name)),
        mtu_(interface.mtu),
        coalescer_(interface.merge_tcp, interface.merge_udp) {}

  const std::string& name() const { return name_; }
  std::uint32_t mtu() const { return mtu_; }
  const DeviceCounters& counters() const { return counters_; }
  void on_failure(FailureHandler handler) { on_failure_ = std::move(handler); }
  void pause_reads(PauseHandler handler) { pause_ = std::move(handler); }

  void start(BatchHandler on_batch) {
    stop();
    on_batch_ = std::make_shared<BatchHandler>(std::move(on_batch));
    wait();
  }

  void stop() {
    ++run_;
    on_batch_.reset();
    asio::error_code ignored;
    stream_.cancel(ignored);
    pause_timer_.cancel();
  }

  void write(Packet packet) {
    coalescer_.add(std::move(packet));
    if (coalescer_.packets() >= kQueuedPackets || coalescer_.capacity() >= kQueuedCapacity) flush();
  }

  void flush() {
    coalescer_.flush([this](const VirtioHeader& header, std::span<const ByteView> pieces) {
      write_unit(header, pieces);
    });
  }

 private:
  void wait() {
    stream_.async_wait(asio::posix::stream_descriptor::wait_read,
                       [weak = weak_from_this(), run = run_](const asio::error_code& error) {
                         const auto self = weak.lock();
                         if (error || !self || self->run_ != run) return;
                         self->read_batch();
                       });
  }

  void wait_after_pause() {
    const auto pause = pause_ ? pause_() : std::chrono::nanoseconds{};
    if (pause.count() <= 0) return wait();
    pause_timer_.expires_after(pause);
    pause_timer_.async_wait([weak = weak_from_this(), run = run_](const asio::error_code& error) {
      const auto self = weak.lock();
      if (!error && self && self->run_ == run) self->wait();
    });
  }

  void read_batch() {
    batch_.clear();
    std::size_t bytes = 0;
    int error = 0;
    while (batch_.size() < kBatchPackets && bytes < kBatchBytes && error == 0) {
      error = read_one(bytes);
    }
    for (const Packet& packet : batch_) counters_.bytes_read += packet.size();
    counters_.packets_read += batch_.size();
    const auto run = run_;
    if (const auto handler = on_batch_; handler && !batch_.empty()) (*handler)(batch_);
    batch_.clear();
    if (run_ != run) return;  // stopped or started anew by the handler
    if (error == 0 || error == EAGAIN || error == EINTR || error == ENOBUFS || error == ENOMEM) {
      wait_after_pause();
    } else {
      fail(error);
    }
  }

  /// Appends what one read gives to batch_ and its size to `bytes`. Returns errno if it failed.
  int read_one(std::size_t& bytes) {
    if (scratch_.empty()) scratch_ = Packet(kReadSize);
    VirtioHeader header;
    std::array<iovec, 2> into{iovec{&header, sizeof header},
                              iovec{scratch_.data(), scratch_.size()}};
    const ssize_t count = ::readv(stream_.native_handle(), into.data(), into.size());
    if (count < 0) return errno;
    if (static_cast<std::size_t>(count) < sizeof header) {
      ++counters_.reads_malformed;
      return 0;
    }
    const std::size_t size = static_cast<std::size_t>(count) - sizeof header;
    bytes += size;
    const bool super = header.gso_type != VirtioHeader::kGsoNone;
    Packet packet;
    if (size <= kCopySize && !super) {
      packet = Packet::copy_of(std::as_const(scratch_).bytes().first(size));
    } else {
      packet = std::move(scratch_);
      packet.pop_back(packet.size() - size);
    }
    if (!segment(header, std::move(packet), mtu_, batch_)) {
      ++counters_.reads_malformed;
    } else if (super) {
      ++counters_.super_packets_read;
    }
    return 0;
  }

  void write_unit(const VirtioHeader& header, std::span<const ByteView> pieces) {
    VirtioHeader front = header;
    std::array<iovec, 1 + Coalescer::kMaxMerged> from;
    from[0] = {&front, sizeof front};
    std::size_t count = 1;
    std::size_t size = 0;
    for (const ByteView piece : pieces) {
      size += piece.size();
      // writev only reads through the pointer.
      from[count++] = {const_cast<std::uint8_t*>(piece.data()), piece.size()};
    }
    const ssize_t written = ::writev(stream_.native_handle(), from.data(), static_cast<int>(count));
    const int error = written < 0 ? errno : 0;
    if (written >= 0) {
      counters_.packets_written += pieces.size();
      counters_.bytes_written += size;
      if (pieces.size() > 1) ++counters_.super_packets_written;
      return;
    }
    if (error == EAGAIN || error == ENOBUFS || error == ENOMEM) {
      counters_.writes_blocked += pieces.size();
      return;
    }
    if (error == EINVAL && header.gso_type != VirtioHeader::kGsoNone) {
      write_apart(header, pieces, size);
      return;
    }
    counters_.writes_failed += pieces.size();
  }

  /// The kernel refused a super-packet: goes on without merging, and writes its packets singly.
  void write_apart(const VirtioHeader& header, std::span<const ByteView> pieces, std::size_t size) {
    if (header.gso_type == VirtioHeader::kGsoTcp6) coalescer_.set_merge_tcp(false);
    if (header.gso_type == VirtioHeader::kGsoUdp) coalescer_.set_merge_udp(false);
    Packet whole(size);
    std::uint8_t* end = whole.data();
    for (const ByteView piece : pieces) end = std::copy(piece.begin(), piece.end(), end);
    std::vector<Packet> packets;
    if (!segment(header, std::move(whole), Ipv6Header::kMaxPacketSize, packets)) {
      counters_.writes_failed += pieces.size();
    }
    for (const Packet& packet : packets) {
      const ByteView bytes = packet.bytes();
      write_unit(VirtioHeader{}, {&bytes, 1});
    }
  }

  void fail(int error) {
    stop();
    if (const FailureHandler handler = std::exchange(on_failure_, nullptr)) {
      handler(error == EBADFD ? fmt::format("the interface {} was deleted", name_)
                              : fmt::format("cannot read from the interface {}: {}", name_,
                                            std::strerror(error)));
    }
  }

  asio::posix::stream_descriptor stream_;
  asio::steady_timer pause_timer_;
  PauseHandler pause_;
  std::string name_;
  std::uint32_t mtu_;
  Coalescer coalescer_;
  DeviceCounters counters_;
  std::shared_ptr<BatchHandler> on_batch_;  // shared: it may stop the device while it runs
  FailureHandler on_failure_;
  std::uint64_t run_ = 0;  // counts start() and stop(): completions of an earlier run are void
  Packet scratch_;
  std::vector<Packet> batch_;
};

LinuxDevice::LinuxDevice(asio::io_context& io, Interface interface)
    : state_(std::make_shared<State>(io, std::move(interface))) {}

LinuxDevice::~LinuxDevice() {
  state_->stop();
}

const std::string& LinuxDevice::name() const {
  return state_->name();
}
std::uint32_t LinuxDevice::mtu() const {
  return state_->mtu();
}
void LinuxDevice::start(BatchHandler on_batch) {
  state_->start(std::move(on_batch));
}
void LinuxDevice::stop() {
  state_->stop();
}
void LinuxDevice::write(Packet packet) {
  state_->write(std::move(packet));
}
void LinuxDevice::flush() {
  state_->flush();
}
void LinuxDevice::pause_reads(PauseHandler handler) {
  state_->pause_reads(std::move(handler));
}
void LinuxDevice::on_failure(FailureHandler handler) {
  state_->on_failure(std::move(handler));
}
DeviceCounters LinuxDevice::counters() const {
  return state_->counters();
}

}  // namespace thicket::tun

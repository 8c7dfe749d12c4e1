#include "sim/progress_bar.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "sim/figure.hpp"

namespace thicket::sim {

namespace {

constexpr auto kBarInterval = std::chrono::milliseconds(150);
constexpr auto kLineInterval = std::chrono::seconds(10);

double seconds_of(Duration time) {
  return static_cast<double>(time.count()) / 1e9;
}

std::string events_per_second(double rate) {
  if (rate >= 1e6) return fmt::format("{:.1f} M events/s", rate / 1e6);
  if (rate >= 1e3) return fmt::format("{:.0f} k events/s", rate / 1e3);
  return fmt::format("{:.0f} events/s", rate);
}

}  // namespace

std::string progress_text(const Progress& progress, double wall_s) {
  const double done = seconds_of(progress.elapsed);
  const double whole = seconds_of(progress.duration);
  const double rate = wall_s > 0 ? static_cast<double>(progress.events) / wall_s : 0;
  const std::string done_text = readable(done, FigureUnit::seconds);
  if (whole <= 0) {
    return fmt::format("{} simulated, {}", done_text, events_per_second(rate));
  }
  constexpr std::size_t kCells = 24;
  const double share = std::clamp(done / whole, 0.0, 1.0);
  const auto full = static_cast<std::size_t>(share * static_cast<double>(kCells));
  std::string text = fmt::format("[{}{}] {:3.0f} %  {} of {} simulated, {}", std::string(full, '#'),
                                 std::string(kCells - full, '.'), share * 100, done_text,
                                 readable(whole, FigureUnit::seconds), events_per_second(rate));
  if (share > 0.01) {
    const double left = wall_s * (1 - share) / share;
    text += fmt::format(", {} left",
                        readable(left < 10 ? left : static_cast<double>(static_cast<long>(left)),
                                 FigureUnit::seconds));
  }
  return text;
}

ProgressBar::ProgressBar() : terminal_(::isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
  if (terminal_ && shown_) fmt::print(stderr, "\r\x1b[K");
}

void ProgressBar::show(const Progress& progress) {
  const auto now = Clock::now();
  const Clock::duration since = now - last_.value_or(start_);
  if (since < (terminal_ ? Clock::duration(kBarInterval) : Clock::duration(kLineInterval))) return;
  last_ = now;
  shown_ = true;
  const std::string text =
      progress_text(progress, std::chrono::duration<double>(now - start_).count());
  // Without wrapping of lines, a narrow terminal shows the beginning.
  fmt::print(stderr, "{}{}{}", terminal_ ? "\r\x1b[?7l" : "", text,
             terminal_ ? "\x1b[K\x1b[?7h" : "\n");
  std::fflush(stderr);
}

}  // namespace thicket::sim

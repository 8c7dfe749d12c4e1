#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace thicket::routing {

/// One of those who share a link: a destination, or a flow among those of its destination.
struct Contender {
  std::size_t held = 0;      ///< memory that its frames hold
  std::size_t credit = 0;    ///< bytes that it may still send before the next one's turn
  std::uint64_t number = 0;  ///< of its coming: the earlier one is the larger one of equals

 private:
  friend class Turns;
  Contender* next_ = nullptr;
  Contender* previous_ = nullptr;
  std::size_t heap_index_ = 0;
};

/// Contenders taking turns, with the one that holds most always at hand: a ring and a heap through
/// the same objects. Contenders stay where they are until they leave.
class Turns {
 public:
  Turns() = default;
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  std::size_t size() const { return heap_.size(); }
  bool empty() const { return heap_.empty(); }

  /// Joins as the last of this round, without credit.
  void join(Contender& contender);
  void leave(Contender& contender);
  /// Must be told whenever `contender.held` has changed.
  void held_changed(Contender& contender);

  /// The one whose turn it is, with the credit for this turn given. Not to be called when empty.
  Contender& current();
  /// Ends the turn of the current one, which keeps its credit.
  void pass();

  /// The one that holds most. Not to be called when empty.
  Contender& largest() { return *heap_.front(); }

  /// All of them, in no order that means anything but the same in every run.
  const std::vector<Contender*>& all() const { return heap_; }
  void check_invariants() const;

 private:
  static bool larger(const Contender& a, const Contender& b);
  void place(std::size_t index, Contender& contender);
  void rise(std::size_t index);
  void sink(std::size_t index);

  Contender* current_ = nullptr;
  bool credited_ = false;  // whether the current one has had its credit for this turn
  std::vector<Contender*> heap_;
};

/// Bytes of credit per turn: a few packets of ordinary size. Contenders with larger frames save up
/// for them over several turns, so it need not be as large as the largest frame.
constexpr std::size_t kQuantum = 4096;

}  // namespace thicket::routing

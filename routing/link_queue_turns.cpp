#include "routing/link_queue_turns.hpp"

#include <utility>

#include "crypto/invariant.hpp"

namespace thicket::routing {

namespace {

// An empty heap larger than this gives its memory back.
constexpr std::size_t kKeptHeap = 64;

}  // namespace

bool Turns::larger(const Contender& a, const Contender& b) {
  return a.held != b.held ? a.held > b.held : a.number < b.number;
}

void Turns::place(std::size_t index, Contender& contender) {
  heap_[index] = &contender;
  contender.heap_index_ = index;
}

void Turns::rise(std::size_t index) {
  Contender& contender = *heap_[index];
  while (index > 0) {
    const std::size_t above = (index - 1) / 2;
    if (!larger(contender, *heap_[above])) break;
    place(index, *heap_[above]);
    index = above;
  }
  place(index, contender);
}

void Turns::sink(std::size_t index) {
  Contender& contender = *heap_[index];
  for (;;) {
    std::size_t below = 2 * index + 1;
    if (below >= heap_.size()) break;
    if (below + 1 < heap_.size() && larger(*heap_[below + 1], *heap_[below])) ++below;
    if (!larger(*heap_[below], contender)) break;
    place(index, *heap_[below]);
    index = below;
  }
  place(index, contender);
}

void Turns::join(Contender& contender) {
  contender.credit = 0;
  if (current_ == nullptr) {
    current_ = contender.next_ = contender.previous_ = &contender;
    credited_ = false;
  } else {
    // The last of the round is the one before the current one.
    contender.next_ = current_;
    contender.previous_ = current_->previous_;
    contender.previous_->next_ = &contender;
    current_->previous_ = &contender;
  }
  heap_.push_back(&contender);
  rise(heap_.size() - 1);
}

void Turns::leave(Contender& contender) {
  if (current_ == &contender) {
    current_ = contender.next_ == &contender ? nullptr : contender.next_;
    credited_ = false;
  }
  contender.previous_->next_ = contender.next_;
  contender.next_->previous_ = contender.previous_;
  contender.next_ = contender.previous_ = nullptr;

  const std::size_t index = contender.heap_index_;
  Contender* last = heap_.back();
  heap_.pop_back();
  if (last != &contender) {
    place(index, *last);
    held_changed(*last);
  }
  if (heap_.empty() && heap_.capacity() > kKeptHeap) heap_ = {};
}

void Turns::held_changed(Contender& contender) {
  rise(contender.heap_index_);
  sink(contender.heap_index_);
}

Contender& Turns::current() {
  if (!credited_) {
    current_->credit += kQuantum;
    credited_ = true;
  }
  return *current_;
}

void Turns::pass() {
  current_ = current_->next_;
  credited_ = false;
}

void Turns::check_invariants() const {
  INVARIANT((current_ == nullptr) == heap_.empty());
  for (std::size_t i = 0; i < heap_.size(); ++i) {
    const Contender& contender = *heap_[i];
    INVARIANT(contender.heap_index_ == i);
    INVARIANT(i == 0 || !larger(contender, *heap_[(i - 1) / 2]));
    INVARIANT(contender.next_->previous_ == &contender);
  }
  std::size_t in_ring = 0;
  const Contender* at = current_;
  while (at != nullptr && in_ring <= heap_.size()) {
    ++in_ring;
    at = at->next_ == current_ ? nullptr : at->next_;
  }
  INVARIANT(in_ring == heap_.size());
}

}  // namespace thicket::routing

#include "program/suggestion.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace thicket::program {

namespace {

constexpr std::size_t kLongestWord = 40;

// Levenshtein's: how many letters to insert, remove or replace.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
  if (word.empty() || word.size() > kLongestWord) return {};
  const std::string lower = lower_case(word);
  std::string_view best;
  std::size_t best_distance = std::min<std::size_t>(3, word.size() / 3 + 1);
  for (const std::string_view candidate : known) {
    const std::size_t d = distance(lower, lower_case(candidate));
    if (d > best_distance || (d == best_distance && !best.empty())) continue;
    best = candidate;
    best_distance = d;
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  const std::string_view meant = nearest(word, known);
  return meant.empty() ? std::string() : "; did you mean \"" + std::string(meant) + "\"?";
}

}  // namespace thicket::program

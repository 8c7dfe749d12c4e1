#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "node/config/hjson.hpp"

namespace thicket::node {

/// Reads one text from front to back; parse_hjson in parts. Used once.
class HjsonReader {
 public:
  /// `text` is well-formed UTF-8 without NUL bytes and outlives the reader.
  explicit HjsonReader(std::string_view text) : text_(text) {}

  Result<HjsonValue, HjsonError> root();

 private:
  using Value = Result<HjsonValue, HjsonError>;
  using Text = Result<std::string, HjsonError>;
  enum class Braces { open, none };

  Value value(std::size_t depth);
  Value object(std::size_t depth, Braces braces);
  Value array(std::size_t depth);
  Result<HjsonMember, HjsonError> member(std::size_t depth);
  Value quoteless();
  Text key();
  Text quoted();
  Text multi_line();
  Result<void, HjsonError> escape(std::string& out);
  Result<std::uint32_t, HjsonError> escaped_unit();

  bool at_end() const { return position_ >= text_.size(); }
  /// The byte `ahead` of the next one; NUL past the end.
  char peek(std::size_t ahead = 0) const;
  bool starts_with(std::string_view prefix) const;
  void advance(std::size_t count = 1);
  void skip_blanks();
  void skip_block_comment();
  void skip_indent(std::size_t columns);
  void skip_comma();
  /// Nothing but blanks are left.
  Result<void, HjsonError> finished();
  std::string describe_here() const;
  HjsonError expected(std::string what) const;

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;
  std::size_t line_start_ = 0;
  std::size_t open_comment_line_ = 0;  // 0: every block comment so far was closed
  bool key_seen_ = false;
};

}  // namespace thicket::node

#include "node/monitoring/http_request.hpp"

#include <algorithm>
#include <utility>

#include "program/suggestion.hpp"

namespace thicket::node {
namespace {

constexpr HttpError kMalformed{400, "the request is malformed"};

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < ' ' && byte != '\t') || byte == 0x7f;
  });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

}  // namespace

std::optional<Result<HttpRequest, HttpError>> HttpRequestReader::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    const std::size_t size = piece.size() + (end == std::string_view::npos ? 0 : 1);
    bytes_ += size;
    if (bytes_ > kMaxBytes) {
      return failure(HttpError{started_ ? 431 : 414, "the request is too long"});
    }
    line_ += piece;
    if (end == std::string_view::npos) return std::nullopt;
    bytes.remove_prefix(size);
    if (line_.ends_with('\r')) line_.pop_back();
    // Empty lines before a request are allowed; the first one after it ends it.
    if (line_.empty() && started_) return finish();
    if (!line_.empty()) {
      if (const Done done = take_line(line_); !done) return failure(done.error());
    }
    line_.clear();
  }
  return std::nullopt;
}

HttpRequestReader::Done HttpRequestReader::take_line(std::string_view line) {
  if (has_control(line)) return failure(kMalformed);
  return std::exchange(started_, true) ? take_field(line) : take_request_line(line);
}

HttpRequestReader::Done HttpRequestReader::take_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == last) return failure(kMalformed);  // none, or one
  const std::string_view method = line.substr(0, first);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method) || !version.starts_with("HTTP/")) return failure(kMalformed);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return failure(HttpError{505, "only HTTP/1.1 and HTTP/1.0 are understood"});
  }
  if (method != "GET" && method != "HEAD") {
    return failure(HttpError{405, "there is nothing here but GET and HEAD"});
  }
  request_.head = method == "HEAD";
  old_version_ = version == "HTTP/1.0";
  return take_target(line.substr(first + 1, last - first - 1));
}

HttpRequestReader::Done HttpRequestReader::take_target(std::string_view target) {
  constexpr std::string_view kAbsolute = "http://";
  if (!is_printable(target)) return failure(kMalformed);
  if (program::lower_case(target.substr(0, kAbsolute.size())) == kAbsolute) {
    target.remove_prefix(kAbsolute.size());
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    if (const Done done = take_host(target.substr(0, end)); !done) return done;
    host_of_target_ = true;
    target.remove_prefix(end);
  } else if (!target.starts_with('/')) {
    return failure(kMalformed);
  }
  request_.path = target.substr(0, target.find_first_of("?#"));
  if (request_.path.empty()) request_.path.push_back('/');  // http://host
  return {};
}

HttpRequestReader::Done HttpRequestReader::take_field(std::string_view line) {
  if (++fields_ > kMaxFields) return failure(HttpError{431, "the request has too many fields"});
  const std::size_t colon = line.find(':');
  // This also refuses lines that continue the one before, which begin with a blank.
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return failure(kMalformed);
  }
  const std::string name = program::lower_case(line.substr(0, colon));
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (name == "host") {
    if (std::exchange(host_given_, true)) return failure(kMalformed);
    return host_of_target_ ? Done{} : take_host(value);
  }
  const bool has_body = (name == "content-length" && value != "0") || name == "transfer-encoding";
  if (has_body) return failure(HttpError{413, "a request here has no body"});
  return {};
}

HttpRequestReader::Done HttpRequestReader::take_host(std::string_view value) {
  if (value.empty() || !is_printable(value)) return failure(kMalformed);
  request_.host = value;
  return {};
}

Result<HttpRequest, HttpError> HttpRequestReader::finish() {
  if (!host_given_ && !old_version_) {
    return failure(HttpError{400, "the request does not say whom it is for (Host)"});
  }
  return std::move(request_);
}

}  // namespace thicket::node

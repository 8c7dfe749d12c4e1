#include "node/monitoring/http_response.hpp"

#include <fmt/format.h>

namespace thicket::node {
namespace {

std::string_view name_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 421:
      return "Misdirected Request";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return status < 500 ? "Client Error" : "Server Error";
  }
}

}  // namespace

HttpResponse http_refusal(const HttpError& error) {
  HttpResponse response;
  response.status = error.status;
  response.body = fmt::format("{} {}: {}\n", error.status, name_of(error.status), error.reason);
  return response;
}

std::string to_wire(const HttpResponse& response, bool head) {
  // Nothing here is for another page's scripts, frames or images, and all of it changes at once.
  std::string text = fmt::format(
      "HTTP/1.1 {} {}\r\n"
      "Content-Type: {}\r\n"
      "Content-Length: {}\r\n"
      "{}"
      "Connection: close\r\n"
      "Cache-Control: no-store\r\n"
      "Content-Security-Policy: {}\r\n"
      "Cross-Origin-Resource-Policy: same-origin\r\n"
      "Referrer-Policy: no-referrer\r\n"
      "X-Content-Type-Options: nosniff\r\n"
      "X-Frame-Options: DENY\r\n"
      "\r\n",
      response.status, name_of(response.status), response.content_type, response.body.size(),
      response.status == 405 ? "Allow: GET, HEAD\r\n" : "", response.content_security_policy);
  if (!head) text += response.body;
  return text;
}

}  // namespace thicket::node

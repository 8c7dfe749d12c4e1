#include "node/monitoring/dashboard.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <array>

#include "crypto/invariant.hpp"
#include "node/monitoring/dashboard_assets.hpp"

namespace thicket::node {
namespace {

/// How a Content-Security-Policy names the very text that may be used.
std::string source_of(std::string_view text) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size());
  std::array<char,
             sodium_base64_ENCODED_LEN(crypto_hash_sha256_BYTES, sodium_base64_VARIANT_ORIGINAL)>
      base64{};
  sodium_bin2base64(base64.data(), base64.size(), hash.data(), hash.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  return fmt::format("'sha256-{}'", base64.data());
}

void insert(std::string& page, std::string_view mark, std::string_view content) {
  const std::size_t at = page.find(mark);
  INVARIANT(at != std::string::npos);
  page.replace(at, mark.size(), content);
}

HttpResponse make_page() {
  HttpResponse response;
  response.content_type = "text/html; charset=utf-8";
  response.body = kDashboardPage;
  insert(response.body, "/* style */", kDashboardStyle);
  insert(response.body, "/* script */", kDashboardScript);
  response.content_security_policy = fmt::format(
      "default-src 'none'; style-src {}; script-src {}; connect-src 'self'; img-src data:; "
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      source_of(kDashboardStyle), source_of(kDashboardScript));
  return response;
}

}  // namespace

HttpResponse dashboard_page() {
  static const HttpResponse page = make_page();
  return page;
}

}  // namespace thicket::node

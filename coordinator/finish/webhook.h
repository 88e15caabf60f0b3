// One POST of a JSON text to somebody's address. http and https (certificates are checked against the machine's
// authorities); redirects are not followed, the answer's body is not kept. Proxies are taken from the environment, as
// curl does. Thread-safe; blocks its caller for at most the time-out.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata {

struct WebhookRequest {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;  // besides Content-Type
  std::string_view body;
  int64_t timeout_ms = 0;  // from the look-up of the name to the answer
};

struct WebhookAnswer {
  bool ok = false;        // a status from 200 to 299
  bool may_pass = false;  // worth another attempt: no answer, 408, 429, or a status from 500 on
  std::string message;    // for people; names the host, never the rest of the address
};

// Breaks off when `stop` is requested (not ok, may pass).
WebhookAnswer PostJson(const WebhookRequest& request, std::stop_token stop);

}  // namespace strata

#include "coordinator/finish/webhook.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <memory>

#include "run/on_finish.h"

namespace strata {
namespace {

struct CloseHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

size_t Discard(char*, size_t size, size_t count, void*) { return size * count; }

int BreakOff(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::stop_token*>(stop)->stop_requested() ? 1 : 0;
}

bool MayPass(long status) { return status == 408 || status == 429 || status >= 500; }

std::unique_ptr<curl_slist, FreeList> ListOf(const WebhookRequest& request) {
  std::unique_ptr<curl_slist, FreeList> list(curl_slist_append(nullptr, "Content-Type: application/json"));
  for (const auto& [name, value] : request.headers) {
    curl_slist* longer = curl_slist_append(list.get(), fmt::format("{}: {}", name, value).c_str());
    if (longer == nullptr) return nullptr;
    static_cast<void>(list.release());
    list.reset(longer);
  }
  return list;
}

}  // namespace

WebhookAnswer PostJson(const WebhookRequest& request, std::stop_token stop) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::string host(HostOf(request.url));
  const std::unique_ptr<CURL, CloseHandle> handle(ready == CURLE_OK ? curl_easy_init() : nullptr);
  const auto headers = ListOf(request);
  if (handle == nullptr || headers == nullptr) {
    return {.ok = false, .may_pass = true, .message = fmt::format("{}: no memory for a call", host)};
  }
  CURL* const call = handle.get();
  char reason[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(call, CURLOPT_ERRORBUFFER, reason);
  curl_easy_setopt(call, CURLOPT_NOSIGNAL, 1L);  // other threads have signals of their own
  curl_easy_setopt(call, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(call, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(call, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(call, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(call, CURLOPT_POSTFIELDS, request.body.data());
  curl_easy_setopt(call, CURLOPT_WRITEFUNCTION, &Discard);
  curl_easy_setopt(call, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout_ms));
  curl_easy_setopt(call, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(call, CURLOPT_XFERINFOFUNCTION, &BreakOff);
  curl_easy_setopt(call, CURLOPT_XFERINFODATA, &stop);
  const CURLcode code = curl_easy_perform(call);
  if (code != CURLE_OK) {
    return {.ok = false,
            .may_pass = true,
            .message = fmt::format("{}: {}", host, reason[0] == 0 ? curl_easy_strerror(code) : reason)};
  }
  long status = 0;
  curl_easy_getinfo(call, CURLINFO_RESPONSE_CODE, &status);
  return {.ok = status >= 200 && status < 300,
          .may_pass = MayPass(status),
          .message = fmt::format("{} answered with status {}", host, status)};
}

}  // namespace strata

#include "wire/pages.h"

#include <absl/strings/escaping.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/hash.h"

namespace strata {
namespace {

constexpr uint8_t kTokenVersion = 1;
constexpr size_t kMaxTokenBytes = 256;  // a token of ours has 50, and 63 letters of a name

// The checksum binds the position to its scope without repeating the scope in the token.
uint64_t Checksum(std::string_view scope, std::string_view position) {
  ByteWriter writer;
  writer.Text(scope);
  writer.Text(position);
  return Hash64(writer.bytes());
}

}  // namespace

absl::StatusOr<int32_t> ReadPageSize(int32_t page_size, int32_t default_size, int32_t max_size) {
  if (page_size < 0) {
    return MakeError(absl::StatusCode::kInvalidArgument, "PAGE_SIZE_INVALID",
                     fmt::format("page_size is {}, must be 0 (for {}) or more", page_size, default_size),
                     {{"field", "page_size"}});
  }
  return page_size == 0 ? default_size : std::min(page_size, max_size);
}

std::string EncodePageToken(std::string_view scope, const PagePosition& position) {
  ByteWriter writer;
  writer.U8(kTokenVersion);
  writer.I64(position.version);
  writer.U64(position.major);
  writer.U64(position.minor);
  writer.Text(position.after);
  const uint64_t checksum = Checksum(scope, writer.bytes());
  writer.U64(checksum);
  return absl::WebSafeBase64Escape(AbslView(writer.bytes()));
}

absl::StatusOr<PagePosition> DecodePageToken(std::string_view scope, std::string_view token) {
  const auto invalid = MakeError(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID",
                                 "page_token must be empty, or the next_page_token of the page before, with all other "
                                 "fields but page_size as they were",
                                 {{"field", "page_token"}});
  std::string bytes;
  if (token.size() > kMaxTokenBytes || !absl::WebSafeBase64Unescape(AbslView(token), &bytes)) return invalid;
  ByteReader reader(bytes);
  reader.U8();  // the version is compared below, with everything else
  PagePosition position;
  position.version = reader.I64();
  position.major = reader.U64();
  position.minor = reader.U64();
  position.after = reader.Text();
  reader.U64();
  // Only a token that this scope's encoder would write again is one of its own.
  if (!reader.Finish("page token").ok() || EncodePageToken(scope, position) != token) return invalid;
  return position;
}

}  // namespace strata

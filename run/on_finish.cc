#include "run/on_finish.h"

#include <fmt/format.h>

#include "base/bytes.h"

namespace strata {
namespace {

constexpr uint32_t kFormat = 1;
constexpr char kWhat[] = "the record of what a run's end brings about";

}  // namespace

std::string FinishRecord::Encode() const {
  ByteWriter writer;
  writer.U32(kFormat);
  writer.U32(static_cast<uint32_t>(on_finish.command.size()));
  for (const std::string& argument : on_finish.command) writer.Text(argument);
  writer.Text(on_finish.webhook);
  writer.I32(on_finish.timeout_seconds);
  writer.U8(on_finish.on_succeeded);
  writer.U8(on_finish.on_failed);
  writer.U8(on_finish.on_cancelled);
  writer.Text(folder);
  return writer.Take();
}

absl::StatusOr<FinishRecord> FinishRecord::Decode(std::string_view bytes) {
  ByteReader reader(bytes);
  const uint32_t format = reader.U32();
  if (reader.ok() && format != kFormat) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN",
                     fmt::format("{} has format {}, this program reads {}", kWhat, format, kFormat));
  }
  FinishRecord record;
  const uint32_t arguments = reader.U32();
  for (uint32_t i = 0; i < arguments && reader.ok(); ++i) record.on_finish.command.emplace_back(reader.Text());
  record.on_finish.webhook = reader.Text();
  record.on_finish.timeout_seconds = reader.I32();
  record.on_finish.on_succeeded = reader.U8() != 0;
  record.on_finish.on_failed = reader.U8() != 0;
  record.on_finish.on_cancelled = reader.U8() != 0;
  record.folder = reader.Text();
  STRATA_RETURN_IF_ERROR(reader.Finish(kWhat));
  return record;
}

std::string_view HostOf(std::string_view url) {
  const size_t scheme = url.find("://");
  const size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  return url.substr(0, url.find_first_of("/?#", begin));
}

}  // namespace strata

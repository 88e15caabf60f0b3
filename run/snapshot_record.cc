#include "run/snapshot_record.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/hash.h"

namespace strata {
namespace {

constexpr int kFormat = 1;

absl::Status Corrupt(std::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_RECORD_CORRUPT",
                   fmt::format("the record of a snapshot cannot be read: {}", what));
}

}  // namespace

const char* Name(SnapshotState state) {
  switch (state) {
    case SnapshotState::kPublished:
      return "published";
    case SnapshotState::kDeleting:
      return "deleting";
  }
  return "unknown";
}

std::string SnapshotRecord::ToJson() const {
  nlohmann::ordered_json json;
  json["format"] = kFormat;
  json["number"] = number;
  json["state"] = Name(state);
  json["manifest_checksum"] = Hex(manifest_checksum);
  json["digest"] = digest;
  json["as_of"] = FormatDay(as_of);
  json["customers"] = customers;
  json["published_ms"] = published_ms;
  json["run"] = run;
  json["follows"] = follows;
  json["ledger_version"] = ledger_version;
  return json.dump();
}

absl::StatusOr<SnapshotRecord> SnapshotRecord::FromJson(std::string_view text) {
  SnapshotRecord record;
  std::string state, as_of;
  try {
    const auto json = nlohmann::json::parse(text);
    if (const int format = json.at("format").get<int>(); format != kFormat) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN",
                       fmt::format("the record of a snapshot has format {}, this program reads {}", format, kFormat));
    }
    json.at("number").get_to(record.number);
    json.at("state").get_to(state);
    record.manifest_checksum = std::stoull(json.at("manifest_checksum").get<std::string>(), nullptr, 16);
    json.at("digest").get_to(record.digest);
    json.at("as_of").get_to(as_of);
    json.at("customers").get_to(record.customers);
    json.at("published_ms").get_to(record.published_ms);
    json.at("run").get_to(record.run);
    json.at("follows").get_to(record.follows);
    json.at("ledger_version").get_to(record.ledger_version);
  } catch (const std::exception& error) {
    return Corrupt(error.what());
  }
  if (record.number < 1) return Corrupt(fmt::format("number is {}, must be 1 or more", record.number));
  if (state == Name(SnapshotState::kDeleting)) {
    record.state = SnapshotState::kDeleting;
  } else if (state != Name(SnapshotState::kPublished)) {
    return Corrupt(fmt::format("state is '{}', must be published or deleting", state));
  }
  const auto day = ParseDay(as_of);
  if (!day.ok()) return Corrupt(fmt::format("as_of is '{}', must be YYYY-MM-DD", as_of));
  record.as_of = *day;
  if (record.ToJson() != text) return Corrupt("it is not in canonical form");
  return record;
}

}  // namespace strata

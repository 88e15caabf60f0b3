// The stages of a night. Numbers travel in frames and records and must never change their meaning.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace strata {

enum class Stage : uint8_t {
  kPlan = 1,     // a task per new file: checksum, record boundaries
  kMap = 2,      // a task per split: parse, validate, partition
  kLedger = 3,   // a task per shard: merge new rows into a segment
  kFeature = 4,  // a task per shard: feature columns
  kFit = 5,      // rounds over all shards
  kScore = 6,    // a task per shard: snapshot parts
  kPublish = 7,  // the coordinator alone
  kReport = 8,   // a task per shard: members of segments, partials of reports; only where a job asks for them
};
inline constexpr int kStages = 8;
// As a night goes through them; numbers are their places in records alone.
inline constexpr Stage kStageOrder[kStages] = {Stage::kPlan, Stage::kMap,   Stage::kLedger, Stage::kFeature,
                                               Stage::kFit,  Stage::kScore, Stage::kReport, Stage::kPublish};

const char* Name(Stage stage);  // "plan", "map", ...

}  // namespace strata

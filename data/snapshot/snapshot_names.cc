#include <fmt/format.h>

#include "data/snapshot/lookup_layout.h"
#include "data/snapshot/scores_columns.h"
#include "data/snapshot/snapshot.h"

namespace strata {

std::string SnapshotFolder(std::string_view job, int64_t number) {
  return fmt::format("jobs/{}/snapshots/{}", job, number);
}

std::string ManifestKey(std::string_view job, int64_t number) { return SnapshotFolder(job, number) + "/manifest.json"; }

std::string LookupName(uint32_t shard) { return fmt::format("parts/{:05}.lookup", shard); }
std::string MembersName(uint32_t shard) { return fmt::format("parts/{:05}.members", shard); }
std::string MovesName(uint32_t shard) { return fmt::format("parts/{:05}.moves", shard); }
std::string ParquetName(uint32_t shard) { return fmt::format("parts/{:05}.parquet", shard); }
std::string ModelName(std::string_view model) { return fmt::format("models/{}.json", model); }

std::string SchemaFingerprint() { return Hex(Hash64(DescribeLookupRecord() + DescribeScoresColumns())); }

}  // namespace strata

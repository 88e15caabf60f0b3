#include "worker/task_needs.h"

#include <fmt/format.h>

#include "base/byte_size.h"
#include "model/customer_score.h"

namespace strata {
namespace {

constexpr uint64_t kMiB = 1u << 20;
// Any task: buffers of readers and writers, stacks, pieces that the allocator keeps.
constexpr uint64_t kTaskBytes = 8 * kMiB;

// A row of a table while it is mapped: its head, key and columns, and the object that they become part of.
constexpr uint64_t kTableRowBytes = 100;
constexpr uint64_t kTableKeyBytes = 60;
constexpr uint64_t kTableColumnBytes = 20;

// A customer in a feature file has at least as many: the columns of one view and an id.
constexpr uint64_t kFeatureRowBytesMin = 96;

// Counts by day and by pairs of months, for days over two centuries, and once more while they grow.
constexpr uint64_t kHistoryBytes = 6 * kMiB;

// Forecasts by number of purchases, which all customers of a task share.
constexpr uint64_t kForecastTableBytes = 4 * kMiB;

// A round's request as it came, decoded, and as points of the sample that it may bring.
constexpr uint64_t kRequestCopies = 5;
// A customer as a point: hash, row, label, rank, and columns as doubles and on the grid.
constexpr uint64_t kPointBytes = 20;
constexpr uint64_t kPointFeatureBytes = 12;

std::string InMiB(uint64_t bytes) { return fmt::format("{} MiB", (bytes + kMiB - 1) / kMiB); }

// What to change besides the limit.
std::string_view WaySmaller(Stage stage) {
  if (stage == Stage::kPlan) return "";
  if (stage == Stage::kMap) return ", or split the file: Parquet into row groups of fewer rows";
  return ", or give the job more shards, with --rebuild-ledger";
}

}  // namespace

uint64_t ScanNeeds() { return kTaskBytes; }

// Ids are kept twice, as texts and in the table. A Parquet file says little of how long they are.
uint64_t TablesNeeds(const std::vector<TableFileSize>& files) {
  uint64_t bytes = kTaskBytes;
  for (const TableFileSize& file : files) {
    const auto rows = static_cast<uint64_t>(file.rows);
    bytes += file.format == FileFormat::kParquet ? rows * 400 + 8 * file.bytes : rows * 200 + 2 * file.bytes;
  }
  return bytes;
}

uint64_t MapNeeds(int64_t records, uint64_t bytes, bool has_transaction_ids) {
  const uint64_t row_bytes = has_transaction_ids ? 210 : 130;
  return kTaskBytes + bytes + static_cast<uint64_t>(records) * row_bytes;
}

uint64_t TableRowsNeeds(int64_t records, const TableLayout& layout) {
  const uint64_t row_bytes =
      kTableRowBytes + (layout.has_key ? kTableKeyBytes : 0) + kTableColumnBytes * layout.types.size();
  return static_cast<uint64_t>(records) * row_bytes;
}

uint64_t LedgerNeeds(uint64_t fresh_bytes, uint64_t segment_bytes) {
  return kTaskBytes + fresh_bytes * 7 / 2 + 4 * segment_bytes;
}

uint64_t TableLedgerNeeds(uint64_t fresh_bytes, uint64_t segment_bytes) {
  return kTaskBytes + fresh_bytes * 7 / 2 + 5 * segment_bytes;
}

// A view is there while it is made and as bytes of the file. What is known at a cutoff is there as columns, as a file
// and in the object of all of them; whole numbers of tables are stored at the width that they need.
uint64_t FeatureNeeds(uint64_t segment_bytes, bool has_history, bool has_holdout, int churn_views,
                      uint64_t cutoff_bytes) {
  const auto views = static_cast<uint64_t>(churn_views);
  const uint64_t more_views = (has_holdout ? 1 : 0) + (views > 2 ? views - 2 : 0);
  return kTaskBytes + segment_bytes * 5 / 2 + (has_history ? kHistoryBytes : 0) + more_views * segment_bytes +
         cutoff_bytes * 6 * (views + 2);
}

// A feature of clusters is there as it was read, twice, on the grid, as a point and as two columns of the Parquet part.
// A score has room for an outlook, whether there is one or not; where there is, it is in the lookup and the Parquet
// part as well.
uint64_t ScoreNeeds(uint64_t feature_bytes, size_t cluster_features, bool has_outlook) {
  const uint64_t cluster_bytes = cluster_features == 0 ? 0 : 64 + cluster_features * 48;  // of a customer
  const uint64_t outlook_bytes = sizeof(CustomerOutlook) * (has_outlook ? 5 : 2);
  return kTaskBytes + feature_bytes * 9 / 2 + feature_bytes / kFeatureRowBytesMin * (cluster_bytes + outlook_bytes) +
         (has_outlook ? kForecastTableBytes : 0);
}

// Whole numbers of tables are stored at the width that they need, and read at the full one.
uint64_t ReportNeeds(uint64_t column_bytes, uint64_t table_bytes) {
  return kTaskBytes + column_bytes * 9 / 2 + table_bytes * 6;
}

uint64_t RoundNeeds(uint64_t all_feature_bytes, uint64_t request_bytes) {
  return kTaskBytes + all_feature_bytes / 8 + kRequestCopies * request_bytes;
}

uint64_t RoundShardNeeds(uint64_t feature_bytes) { return feature_bytes + feature_bytes / 8; }

uint64_t ClusteringShardNeeds(uint64_t feature_bytes, size_t cluster_features) {
  if (cluster_features == 0) return 0;
  return feature_bytes / kFeatureRowBytesMin * (kPointBytes + kPointFeatureBytes * cluster_features);
}

absl::Status CheckFits(Stage stage, std::string_view what, uint64_t needs_bytes, uint64_t limit_bytes) {
  if (needs_bytes <= limit_bytes) return absl::OkStatus();
  return MakeError(absl::StatusCode::kFailedPrecondition, "MEMORY_LIMIT_TOO_SMALL",
                   fmt::format("{}: needs {}; --memory-limit is {}. Raise it{}", what, InMiB(needs_bytes),
                               FormatByteSize(limit_bytes), WaySmaller(stage)),
                   {{"stage", std::string(Name(stage))},
                    {"task", std::string(what)},
                    {"needs_bytes", std::to_string(needs_bytes)},
                    {"limit_bytes", std::to_string(limit_bytes)}});
}

}  // namespace strata

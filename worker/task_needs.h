// How much memory a task needs at most, from the sizes that are known before it begins. Factors are measured
// (high-water marks of single tasks over bases of several shapes) and rounded up; tests/acceptance/memory_limit_test.py
// holds them against the peak of whole runs. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "data/rows/table_batch.h"
#include "data/source/table_files.h"
#include "run/stage.h"

namespace strata {

uint64_t ScanNeeds();
uint64_t TablesNeeds(const std::vector<TableFileSize>& files);
// Of a split of transactions, as its file's scan found it, without its details.
uint64_t MapNeeds(int64_t records, uint64_t bytes, bool has_transaction_ids);
// Rows of a table while a split is mapped: all of another table, or what details take beside MapNeeds.
uint64_t TableRowsNeeds(int64_t records, const TableLayout& layout);
// `fresh_bytes` of the shard in the map outputs, `segment_bytes` of the ledger's segments.
uint64_t LedgerNeeds(uint64_t fresh_bytes, uint64_t segment_bytes);
// As LedgerNeeds, of one table; tables are taken one after another.
uint64_t TableLedgerNeeds(uint64_t fresh_bytes, uint64_t segment_bytes);
// `churn_views`: cutoffs; `cutoff_bytes`: segments of the tables that are opened again at each of them.
uint64_t FeatureNeeds(uint64_t segment_bytes, bool has_history = false, bool has_holdout = false, int churn_views = 0,
                      uint64_t cutoff_bytes = 0);
// `cluster_features`: on how many customers are clustered; 0: on none.
// `has_outlook`: customers have a lifetime value.
uint64_t ScoreNeeds(uint64_t feature_bytes, size_t cluster_features = 0, bool has_outlook = false);
// `column_bytes` are features and profile, `table_bytes` the segments of all tables that the task reads.
uint64_t ReportNeeds(uint64_t column_bytes, uint64_t table_bytes);
// Of a round: what it holds however few shards are looked at together, and each of these; where customers are
// clustered, ClusteringShardNeeds on top, of the features without the profile.
uint64_t RoundNeeds(uint64_t all_feature_bytes, uint64_t request_bytes);
uint64_t RoundShardNeeds(uint64_t feature_bytes);
uint64_t ClusteringShardNeeds(uint64_t feature_bytes, size_t cluster_features);

// OK when the need fits into the limit; else FAILED_PRECONDITION (MEMORY_LIMIT_TOO_SMALL), which names task (`what`, as
// "shard 12"), need, limit and what to do; the stage is in its metadata, and put before the message by the coordinator.
absl::Status CheckFits(Stage stage, std::string_view what, uint64_t needs_bytes, uint64_t limit_bytes);

}  // namespace strata

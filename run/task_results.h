// What a task reports when it is done; small values, the data itself lies in objects. Canonical encodings, so that the
// results of two attempts can be compared byte by byte.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/date.h"
#include "base/hash.h"
#include "base/status.h"
#include "run/frames.h"
#include "run/fx_uses.h"
#include "run/row_counts.h"
#include "run/table_output.h"
#include "run/table_schema.h"

namespace strata {

// As data/source/ingest.h defines a split.
struct ScannedSplit {
  uint64_t begin = 0;
  uint64_t end = 0;
  int64_t first_line = 0;
  int64_t records = 0;
  uint64_t bytes = 0;
};

struct ScanResult {
  uint64_t size_bytes = 0;
  int64_t modified_ns = 0;
  uint64_t checksum = 0;
  int64_t records = 0;
  std::vector<ScannedSplit> splits;

  std::string Encode() const;
  static absl::StatusOr<ScanResult> Decode(std::string_view bytes);
};

struct MapResult {
  ObjectRef output;      // of transactions; empty: the split is of another table
  ObjectRef quarantine;  // empty: nothing was rejected
  RowCounts counts;
  std::vector<std::pair<std::string, int64_t>> rejected_by_reason;
  std::vector<FxUse> fx_uses;       // ascending
  std::vector<TableOutput> tables;  // without those that have no row

  std::string Encode() const;
  static absl::StatusOr<MapResult> Decode(std::string_view bytes);
};

// Of one table of a shard, as LedgerResult says it of transactions. `customers` of the reference shard: 0.
struct TableLedgerResult {
  TableId table = TableId::kTransactions;
  uint32_t kept = 0;
  ObjectRef segment;  // empty: none is new
  int64_t customers = 0;
  int64_t rows = 0;
  int64_t conflicts = 0;
  Hash128 digest;
  std::map<int32_t, int64_t> rows_by_file;
  std::map<Day, int64_t> rows_by_day;
};

// The shard as it is from now on: the first `kept` of its segments, then the new one. Counts and digest are its totals
// or, where the stage's plan says counts_change, what is to be added to those of the parent version (a digest mod
// 2^128); they may be negative then.
struct LedgerResult {
  uint32_t kept = 0;
  ObjectRef segment;  // empty: none is new
  int64_t customers = 0;
  int64_t rows = 0;
  Hash128 digest;
  std::map<int32_t, int64_t> rows_by_file;  // that count; what was mapped beyond them are duplicates
  int64_t conflicts = 0;
  std::map<Day, int64_t> rows_by_day;
  std::vector<TableLedgerResult> tables;  // by TableId; those of the plan

  std::string Encode() const;
  static absl::StatusOr<LedgerResult> Decode(std::string_view bytes);
};

struct FeatureTaskResult {
  ObjectRef features;
  int64_t customers = 0;
  int64_t customers_with_purchase = 0;
  int64_t rows = 0;
  std::map<int32_t, int64_t> rows_after_as_of_by_file;
  ObjectRef profile;          // data/profile; empty: the job needs none
  ObjectRef cutoff_profiles;  // data/profile/cutoff_profile.h; likewise
  std::string statistics;     // additive figures of the shard that fits begin with; empty: none
  std::string history;        // BaseHistory of the shard; empty: the job has no lifetime value

  std::string Encode() const;
  static absl::StatusOr<FeatureTaskResult> Decode(std::string_view bytes);
};

struct ScoreResult {
  ObjectRef lookup;
  ObjectRef parquet;
  int64_t customers = 0;
  std::string profiles;  // SegmentProfiles, model/segment_profile.h
  std::string unseen;    // UnseenTraits, model/lifetime/unseen_traits.h

  std::string Encode() const;
  static absl::StatusOr<ScoreResult> Decode(std::string_view bytes);
};

struct ReportResult {
  ObjectRef members;     // of segments, a part of the snapshot; empty: the job has none, or the reference shard
  ObjectRef moves;       // who entered and left segments, likewise; empty: nothing is followed
  std::string partials;  // of the plan's reports (data/reports/report.h)
  int64_t customers = 0;

  std::string Encode() const;
  static absl::StatusOr<ReportResult> Decode(std::string_view bytes);
};

}  // namespace strata

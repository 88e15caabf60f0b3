// Compares the answers that a run kept with an independent read of the very snapshots that gave them.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/status.h"
#include "client/bench/answer_checks.h"
#include "client/bench/bench_report.h"
#include "wire/score_export.h"

namespace strata {

using ScoreRows = std::vector<ExportedScore>;
// Reads all customers of a snapshot, in chunks.
using SnapshotReader =
    std::function<absl::Status(int64_t snapshot, const std::function<absl::Status(const ScoreRows&)>& on_rows)>;

// Byte by byte, scores as strata.v1.Score but for the job's own segments and names of clusters, which `read` does not
// know. Differences are added to the wrong answers of `checks`. A snapshot that `read` cannot give is named in the
// result's notes and its answers are counted as not compared; `failed` unless it was deleted in the meantime
// (NOT_FOUND). Thread-safe as far as `read` is.
KeptResult CompareKept(const IdPool& ids, const SnapshotReader& read, CheckResult* checks);

}  // namespace strata

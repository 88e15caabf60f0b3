// The end of a run, for people: that every row is accounted for, what came out, what it means, what to do next. Pure
// functions; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/snapshot/snapshot.h"
#include "model/fitted_models.h"
#include "run/summary.h"

namespace strata {

// What the run's snapshot says, for the report of a run that published one.
struct RunFindings {
  std::string currency;
  std::vector<SegmentLine> segments;
  FittedModels models;
  std::optional<double> active_customers = std::nullopt;  // as in ModelsAnswer
};

// How the reader gets at the state.
struct ReportPlace {
  std::string where;         // in commands: "" for the default one, " --state DIR" or " --target ADDRESS" otherwise
  std::string objects_root;  // the folder of the objects; empty where it is out of reach
};

// `findings` may be null (nothing was published, or it could not be read).
std::string RunReport(const RunSummary& summary, const RunFindings* findings, const ReportPlace& place);

// What a job's retention removed, in a line: "snapshots 1, 2; the records of 3 runs; 40 objects, 1.2 MiB (retention)".
std::string RemovedWords(const RemovedByRetention& removed);

// The rows by class as columns that add up to the rows read: all files, and those new in the run.
std::string RowsTable(const RowCounts& all, const RowCounts& fresh);

// One column of the same.
std::string RowsTable(const RowCounts& rows);

}  // namespace strata

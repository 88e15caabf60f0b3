// Whether a report can run: what it needs against what a run offers. Plain values; thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/classes/schemes.h"
#include "run/table_schema.h"

namespace strata {

// What a report reads beside the customers' features. A report without needs runs in every job.
struct ReportNeeds {
  std::vector<std::pair<TableId, std::string>> columns = {};  // of a table; "": the table alone
  std::vector<SchemeId> schemes = {};
  bool segments = false;    // the job's own segments
  bool clustering = false;  // clusters; with `follows` in both snapshots
  bool follows = false;     // an earlier snapshot to compare with
  // Lifetime values, and what a job may ask of them: expected spend, a hold-out, covariates.
  bool lifetime = false, spend = false, holdout = false, covariates = false;
  bool churn = false;  // the churn model
  // Whether it reads the shard of rows without customers too; in the others it finds customers.
  bool reference_rows = false;
};

// All twelve tables and all schemes, whether the job has them or not: so messages can name what is lacking.
struct ReportOffer {
  struct Table {
    TableId table = TableId::kTransactions;
    std::string name;  // key under `sources`
    bool in_job = false;
    std::vector<std::string> columns;  // fields that the job maps, extra ones included
  };
  struct Scheme {
    SchemeId scheme = SchemeId::kRfm;
    std::string name;
    std::string key;  // of the job that is lacking: "models.value"
    bool in_job = false;
    bool in_followed = true;  // the earlier snapshot has it too, where there is one
  };
  std::vector<Table> tables;
  std::vector<Scheme> schemes;
  bool segments = false;
  bool clustering = false;
  bool lifetime = false, spend = false, holdout = false, covariates = false;
  bool churn = false;
  bool clustering_in_followed = true;  // where there is an earlier snapshot
  std::string not_followed;            // why there is no earlier snapshot to compare with; empty: there is one
};

// The reason for which the report is left out, one sentence that names the first thing that is lacking: "needs
// cases.opened: sources.cases is not in the job". Empty: it can run.
std::string WhyMissing(const ReportNeeds& needs, const ReportOffer& offer);

}  // namespace strata

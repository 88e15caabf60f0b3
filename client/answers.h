// Answers of the API as the commands use them: plain values, read and checked by wire/. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/reports/report_index.h"
#include "data/snapshot/snapshot.h"
#include "model/customer_score.h"
#include "model/fitted_models.h"
#include "wire/churn_scores.h"
#include "wire/scores.h"

namespace strata {

struct ScoreAnswer {
  AnswerFacts info;
  CustomerScore score;
  std::vector<NamedClass> classes;
  std::vector<std::string> segments = {};      // of the job's own
  std::string cluster_name = {};               // empty without a cluster
  double interval = 0;                         // level of the outlook's intervals; 0: none
  std::vector<NamedReason> reasons = {};       // of churn, the strongest first
  std::vector<float> expected_by_period = {};  // purchases in each 30 days of the horizon; empty: not known
};

enum class LookupOutcome { kFound, kNotFound, kInvalidId };
const char* Name(LookupOutcome outcome);  // "found", "not_found", "invalid_id"

struct LookupLine {
  LookupOutcome outcome = LookupOutcome::kFound;
  CustomerScore score;                   // meaningful when found
  std::vector<NamedClass> classes = {};  // likewise
  std::vector<std::string> segments = {};
  std::string cluster_name = {};
  double interval = 0;
  std::vector<NamedReason> reasons = {};
};
struct LookupAnswer {
  AnswerFacts info;
  std::vector<LookupLine> lines;  // lines[i] answers ids[i]
};

struct SegmentsAnswer {
  AnswerFacts info;
  std::vector<SegmentLine> segments;
};

struct MembersAnswer {
  AnswerFacts info;
  std::vector<std::string> customer_ids;
};

struct ReportsAnswer {
  AnswerFacts info;
  std::vector<ReportEntry> reports;  // by name
};

struct ReportAnswer {
  AnswerFacts info;
  ReportEntry report;
  ReportTable table;  // all rows
};

struct ModelsAnswer {
  AnswerFacts info;
  FittedModels models;
  std::optional<double> active_customers = std::nullopt;  // sum of p_alive, where the server says it
  int32_t churn_trees = 0;                                // of the churn model, which arrives without them
  int32_t churn_leaves = 0;                               // of all of them
};

struct VerifyAnswer {
  int64_t snapshot = 0;
  std::string digest;  // computed anew
  int64_t objects = 0;
  int64_t size_bytes = 0;
};

// A job as a server sees it.
struct JobLine {
  std::string name;
  int64_t serving_snapshot = 0;  // 0: none
  int64_t current_snapshot = 0;  // 0: none
  int64_t snapshots = 0;
  std::string problem;  // why the current one is not served; empty when it is
};

}  // namespace strata

#include "client/bench/kept_answers.h"

#include <fmt/format.h>

#include <map>
#include <string_view>
#include <unordered_map>

#include "client/text/numbers.h"
#include "client/text/table.h"
#include "strata/v1/score_service.pb.h"
#include "wire/churn_scores.h"
#include "wire/outlooks.h"
#include "wire/scores.h"

namespace strata {
namespace {

std::string BytesOf(const ExportedScore& row) {
  v1::Score message;
  FillScore(row.score, &message);
  FillOutlook(row.score.outlook, /*interval_level=*/0, &message);
  FillExportedChurn(row.score.churn, row.reasons, &message);
  for (const NamedClass& of : row.classes) {
    v1::ClassOf* sent = message.add_classes();
    sent->set_scheme(of.scheme);
    sent->set_class_name(of.name);
  }
  return message.SerializeAsString();
}

// An exported file does not say in which of the job's own segments a customer is, what clusters are called, of what
// level intervals are and what a reason of churn is in words, nor has it what is expected by period: these are not
// compared.
std::string AsExported(const std::string& bytes) {
  v1::Score message;
  if (!message.ParseFromString(bytes)) return bytes;
  message.clear_segments();
  message.clear_cluster_name();
  if (message.has_outlook()) {
    message.mutable_outlook()->clear_interval();
    message.mutable_outlook()->clear_expected_purchases_by_period();
  }
  for (v1::ChurnReason& reason : *message.mutable_churn_reasons()) reason.clear_words();
  return message.SerializeAsString();
}

struct Expected {
  bool found = false;
  std::string score;
};
using ExpectedById = std::unordered_map<std::string_view, Expected>;  // ids of the pool

absl::Status FillExpected(const SnapshotReader& read, int64_t snapshot, ExpectedById* expected) {
  return read(snapshot, [expected](const ScoreRows& rows) {
    for (const ExportedScore& row : rows) {
      const auto wanted = expected->find(row.id);
      if (wanted != expected->end()) wanted->second = {.found = true, .score = BytesOf(row)};
    }
    return absl::OkStatus();
  });
}

void CompareOne(const KeptAnswer& answer, const std::string& id, const Expected& expected, CheckResult* checks) {
  if (answer.found && !expected.found) {
    checks->AddWrong(
        fmt::format("snapshot {} answered '{}' with a score, but has no such customer", answer.snapshot, id));
  } else if (!answer.found && expected.found) {
    checks->AddWrong(fmt::format("snapshot {} has customer '{}', but was not found", answer.snapshot, id));
  } else if (answer.found && AsExported(answer.score) != expected.score) {
    v1::Score given, right;
    given.ParseFromString(answer.score);
    right.ParseFromString(expected.score);
    checks->AddWrong(fmt::format("snapshot {} answered '{}' with {{{}}}, an independent read gives {{{}}}",
                                 answer.snapshot, id, given.ShortDebugString(), right.ShortDebugString()));
  }
}

}  // namespace

KeptResult CompareKept(const IdPool& ids, const SnapshotReader& read, CheckResult* checks) {
  std::map<int64_t, std::vector<const KeptAnswer*>> by_snapshot;
  for (const KeptAnswer& answer : checks->kept) by_snapshot[answer.snapshot].push_back(&answer);
  KeptResult result;
  result.done = true;
  for (const auto& [snapshot, answers] : by_snapshot) {
    ExpectedById expected;
    for (const KeptAnswer* answer : answers) expected.try_emplace(ids.known[answer->known_index]);
    const auto count = static_cast<int64_t>(answers.size());
    if (const absl::Status status = FillExpected(read, snapshot, &expected); !status.ok()) {
      result.not_compared += count;
      result.failed = result.failed || status.code() != absl::StatusCode::kNotFound;
      result.notes.push_back(fmt::format("{} of snapshot {} could not be compared: {}",
                                         Counted(count, "answer", "answers"), snapshot, StdView(status.message())));
      continue;
    }
    for (const KeptAnswer* answer : answers) {
      const std::string& id = ids.known[answer->known_index];
      CompareOne(*answer, Printable(id), expected.at(id), checks);
    }
    result.compared += count;
  }
  if (checks->absent_not_kept > 0) {
    result.not_compared += checks->absent_not_kept;
    result.notes.push_back(fmt::format("{} more not found in other snapshots than the ids' own were not compared",
                                       Counted(checks->absent_not_kept, "customer", "customers")));
  }
  return result;
}

}  // namespace strata

// Finds the ids that a bench run asks about, and makes sure of them: every known one is a customer of the snapshot
// asked, every unknown one is none. Costs an export or a lookup of all ids, which the facts state.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "client/bench/bench_report.h"
#include "client/bench/load_plan.h"
#include "client/connection.h"

namespace strata {

// 100 MB or so of ids: far more than any cache on the way holds. From a target with more customers come the first ones
// of its export, which are those of its first shards.
inline constexpr int64_t kBenchIdsMax = 1'000'000;
inline constexpr int64_t kUnknownIds = 1'000;  // one lookup checks them all

// From the target itself. FAILED_PRECONDITION (NO_CUSTOMERS) where it has none.
absl::StatusOr<IdPool> IdsOfTarget(const Connection& connection, const SnapshotName& snapshot, IdFacts* facts);

// Given ones. INVALID_ARGUMENT (IDS_INVALID) for more than kBenchIdsMax, for what can be no id, and for the first that
// is no customer; `file` names where they come from in errors.
absl::StatusOr<IdPool> IdsOfFile(const Connection& connection, const SnapshotName& snapshot,
                                 std::vector<std::string> ids, const std::string& file, IdFacts* facts);

// Makes up kUnknownIds ids by the seed, 128 random bits each, and asks for them. INTERNAL (UNKNOWN_ID_FOUND) when one
// of them has a score: that is a wrong answer.
absl::Status AddUnknownIds(const Connection& connection, const SnapshotName& snapshot, uint64_t seed, IdPool* pool);

}  // namespace strata

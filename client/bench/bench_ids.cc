#include "client/bench/bench_ids.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "client/text/numbers.h"
#include "client/text/table.h"
#include "wire/scores.h"

namespace strata {
namespace {

absl::Status IdsInvalid(const std::string& file, const std::string& what) {
  return MakeError(absl::StatusCode::kInvalidArgument, "IDS_INVALID", fmt::format("--ids {}: {}", file, what),
                   {{"file", file}});
}

// The same question after another, all to the snapshot that answered the first.
absl::StatusOr<LookupAnswer> LookupAll(const Connection& connection, SnapshotName snapshot,
                                       const std::vector<std::string>& ids) {
  LookupAnswer all;
  for (size_t begin = 0; begin < ids.size(); begin += kMaxLookupIds) {
    const size_t end = std::min(ids.size(), begin + kMaxLookupIds);
    const std::vector<std::string> chunk(ids.begin() + static_cast<ptrdiff_t>(begin),
                                         ids.begin() + static_cast<ptrdiff_t>(end));
    STRATA_ASSIGN_OR_RETURN(const LookupAnswer answer, connection.Lookup(snapshot, chunk));
    all.info = answer.info;
    snapshot.number = answer.info.number;
    all.lines.insert(all.lines.end(), answer.lines.begin(), answer.lines.end());
  }
  return all;
}

}  // namespace

absl::StatusOr<IdPool> IdsOfTarget(const Connection& connection, const SnapshotName& snapshot, IdFacts* facts) {
  IdPool pool;
  bool enough = false;
  const absl::Status status = connection.Export(snapshot, [&](const ExportChunk& chunk) -> absl::Status {
    pool.snapshot = chunk.info.number;
    facts->customers = chunk.customers_total;
    for (const ExportedScore& row : chunk.rows) {
      enough = static_cast<int64_t>(pool.known.size()) == kBenchIdsMax;
      // Ends the export; what it says is not told to anybody.
      if (enough) return MakeError(absl::StatusCode::kCancelled, "IDS_ENOUGH", "enough ids");
      pool.known.push_back(row.id);
    }
    return absl::OkStatus();
  });
  if (!status.ok() && !enough) return status;
  if (pool.known.empty()) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "NO_CUSTOMERS",
                     fmt::format("snapshot {} of job {} has no customers to ask about", pool.snapshot, snapshot.job));
  }
  facts->source = "target";
  facts->known = static_cast<int64_t>(pool.known.size());
  return pool;
}

absl::StatusOr<IdPool> IdsOfFile(const Connection& connection, const SnapshotName& snapshot,
                                 std::vector<std::string> ids, const std::string& file, IdFacts* facts) {
  if (static_cast<int64_t>(ids.size()) > kBenchIdsMax) {
    return IdsInvalid(file, fmt::format("{} ids; at most {} are allowed", Grouped(static_cast<int64_t>(ids.size())),
                                        Grouped(kBenchIdsMax)));
  }
  for (const std::string& id : ids) {
    if (IsCustomerId(id)) continue;
    return IdsInvalid(file, fmt::format("'{}' is no customer id: 1 to {} bytes of UTF-8 are allowed", Printable(id),
                                        kMaxQuestionIdBytes));
  }
  STRATA_ASSIGN_OR_RETURN(const LookupAnswer answer, LookupAll(connection, snapshot, ids));
  for (size_t i = 0; i < ids.size(); ++i) {
    if (answer.lines[i].outcome == LookupOutcome::kFound) continue;
    return IdsInvalid(file, fmt::format("'{}' is no customer of snapshot {} of job {}; every id must be one (questions "
                                        "about others come with --unknown-ratio)",
                                        Printable(ids[i]), answer.info.number, answer.info.job));
  }
  facts->source = file;
  facts->known = static_cast<int64_t>(ids.size());
  return IdPool{.known = std::move(ids), .unknown = {}, .snapshot = answer.info.number};
}

absl::Status AddUnknownIds(const Connection& connection, const SnapshotName& snapshot, uint64_t seed, IdPool* pool) {
  for (int64_t i = 0; i < kUnknownIds; ++i) {
    const auto number = static_cast<uint64_t>(i);
    pool->unknown.push_back(fmt::format("no-such-customer-{}{}", Hex(KeyedDraw(seed, kUnknownIdRound, 2 * number)),
                                        Hex(KeyedDraw(seed, kUnknownIdRound, 2 * number + 1))));
  }
  STRATA_ASSIGN_OR_RETURN(const LookupAnswer answer, LookupAll(connection, snapshot, pool->unknown));
  for (size_t i = 0; i < answer.lines.size(); ++i) {
    if (answer.lines[i].outcome == LookupOutcome::kNotFound) continue;
    return MakeError(absl::StatusCode::kInternal, "UNKNOWN_ID_FOUND",
                     fmt::format("snapshot {} does not answer not_found for '{}', an id just made up",
                                 answer.info.number, pool->unknown[i]));
  }
  return absl::OkStatus();
}

}  // namespace strata

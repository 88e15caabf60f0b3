// Answers about customers, segments and snapshots as JSON, under the API's field names. What is absent is null. Pure
// functions; thread-safe.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "client/answers.h"
#include "wire/ledgers.h"
#include "wire/snapshots.h"

namespace strata {

// One line; bytes that are not UTF-8 are replaced, because JSON cannot hold them.
std::string OneLine(const nlohmann::ordered_json& json);

// null for NaN and infinities, which JSON does not have.
nlohmann::ordered_json NumberOrNull(double value);

// job, snapshot, as_of, publish_time, age_seconds, stale, digest, currency.
nlohmann::ordered_json InfoJson(const AnswerFacts& info);
// `interval`: level of the outlook's intervals; 0: none. The cluster is given by its id, as its segment ("cluster-1")
// and the Parquet files have it.
nlohmann::ordered_json ScoreJson(const CustomerScore& score, const std::vector<NamedClass>& classes = {},
                                 const std::vector<std::string>& segments = {}, const std::string& cluster_name = {},
                                 double interval = 0, const std::vector<NamedReason>& reasons = {});

std::string GetJson(const std::string& customer_id, const ScoreAnswer& answer);
// Precondition: ids.size() == lines.size().
std::string LookupJson(const AnswerFacts& info, const std::vector<std::string>& ids,
                       const std::vector<LookupLine>& lines);
std::string SegmentsJson(const SegmentsAnswer& answer);
std::string MembersJson(const std::string& segment, const MembersAnswer& answer);

nlohmann::ordered_json SnapshotJson(const ListedSnapshot& snapshot);
nlohmann::ordered_json LedgerJson(const LedgerSummary& ledger, const std::vector<RegisteredFile>& files);

// {"error": {code, reason, message, metadata}}
std::string ErrorJson(const absl::Status& status);

// "2024-01-05T02:13:44.120Z"
std::string JsonTime(int64_t wall_ms);

}  // namespace strata

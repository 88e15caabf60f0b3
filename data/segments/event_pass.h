// The aggregates of all conditions over the events of one table: one value per customer each, from one pass over the
// table's rows. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "data/rows/table_shard.h"
#include "data/segments/expression_graph.h"
#include "data/segments/text_words.h"

namespace strata {

struct AggregateColumn {
  std::vector<int64_t> whole;    // by customer, as of Column; empty where it is a number
  std::vector<double> number;    // NaN: null
  std::vector<uint64_t> failed;  // a bit per customer whose value does not fit; empty: nobody's
  Words words;                   // of a text
};

// Adds the aggregates over graph.tables[events - 1] for `customers`, with which the table is aligned. INTERNAL
// (SEGMENT_COLUMN_MISSING) where a table or column is missing.
absl::Status AddAggregates(const ExpressionGraph& graph, int events, const ShardTables& tables, size_t customers,
                           Day as_of, std::map<int, AggregateColumn>* columns);

}  // namespace strata

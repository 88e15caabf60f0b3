#include "data/segments/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "data/segments/block_evaluator.h"
#include "data/segments/event_pass.h"
#include "data/segments/expression_graph.h"

namespace strata {
namespace {

absl::StatusOr<std::vector<ColumnReader>> Readers(const ExpressionGraph& graph, const ColumnSet& columns,
                                                  std::map<int, AggregateColumn>* aggregates) {
  std::vector<ColumnReader> readers(graph.expressions.size());
  for (size_t i = 0; i < readers.size(); ++i) {
    const Expression& e = graph.expressions[i];
    if (e.rows != kCustomerRows) continue;
    if (e.kind == NodeKind::kColumn) {
      STRATA_ASSIGN_OR_RETURN(readers[i], ReaderOf(e, columns));
    } else if (e.kind == NodeKind::kAggregate) {
      AggregateColumn& made = aggregates->at(static_cast<int>(i));
      readers[i].whole = made.whole.data();
      readers[i].number = made.number.data();
      if (!made.failed.empty()) readers[i].failed = &made.failed;
      readers[i].words = std::move(made.words);
    }
  }
  return readers;
}

absl::Status CheckFits(const ExpressionGraph& graph, const BlockEvaluator& evaluator, size_t n) {
  if (!evaluator.any_failed()) return absl::OkStatus();
  for (const ExpressionGraph::Segment& segment : graph.segments) {
    const uint64_t* failed = evaluator.Failed(segment.root);
    if (failed == nullptr || std::all_of(failed, failed + WordsOfBits(n), [](uint64_t word) { return word == 0; })) {
      continue;
    }
    return MakeError(absl::StatusCode::kOutOfRange, "SEGMENT_OVERFLOW",
                     fmt::format("segments.{}: a value of a customer does not fit; allowed: whole numbers of 64 bits "
                                 "and numbers that are finite",
                                 segment.name),
                     {{"segment", segment.name}});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SegmentProgram> SegmentProgram::Compile(const std::vector<Condition>& conditions,
                                                       const PercentileValues& percentiles) {
  STRATA_ASSIGN_OR_RETURN(ExpressionGraph graph, BuildGraph(conditions, percentiles));
  return SegmentProgram(std::make_shared<const ExpressionGraph>(std::move(graph)));
}

absl::StatusOr<MemberBits> SegmentProgram::Run(const ColumnSet& columns, const ShardTables& tables, Day as_of) const {
  const size_t customers = columns.rows();
  std::map<int, AggregateColumn> aggregates;
  for (int events = 1; events <= static_cast<int>(graph_->tables.size()); ++events) {
    STRATA_RETURN_IF_ERROR(AddAggregates(*graph_, events, tables, customers, as_of, &aggregates));
  }
  STRATA_ASSIGN_OR_RETURN(std::vector<ColumnReader> readers, Readers(*graph_, columns, &aggregates));
  BlockEvaluator evaluator(*graph_, kCustomerRows, as_of, std::move(readers));

  std::vector<const ExpressionGraph::Segment*> by_name;
  for (const ExpressionGraph::Segment& segment : graph_->segments) by_name.push_back(&segment);
  std::sort(by_name.begin(), by_name.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
  MemberBits made;
  for (const ExpressionGraph::Segment* segment : by_name) {
    made.names.push_back(segment->name);
    made.definitions.push_back(segment->definition);
    made.bits.emplace_back().reserve(WordsOfBits(customers));
  }
  for (size_t begin = 0; begin < customers; begin += kSegmentBlock) {
    const size_t n = std::min(kSegmentBlock, customers - begin);
    evaluator.Evaluate(begin, n);
    STRATA_RETURN_IF_ERROR(CheckFits(*graph_, evaluator, n));
    for (size_t i = 0; i < by_name.size(); ++i) {
      const uint64_t* bits = evaluator.True(by_name[i]->root);
      made.bits[i].insert(made.bits[i].end(), bits, bits + WordsOfBits(n));
    }
  }
  return made;
}

}  // namespace strata

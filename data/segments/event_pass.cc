#include "data/segments/event_pass.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/int128.h"
#include "data/segments/block_evaluator.h"

namespace strata {
namespace {

constexpr double kMicros = 1e6;

// One aggregate. Rows come customer by customer, so what is known of one customer is all there is to keep.
class Accumulator {
 public:
  Accumulator(const ExpressionGraph& graph, int expression, size_t customers)
      : e_(graph.expressions[static_cast<size_t>(expression)]) {
    if (e_.argument >= 0) argument_type_ = graph.expressions[static_cast<size_t>(e_.argument)].type;
    const bool counts = e_.aggregate <= Aggregate::kCountDistinct;
    if (e_.type == ColumnType::kNumber) {
      made_.number.assign(customers, kNoNumber);
    } else {
      made_.whole.assign(customers, counts ? 0 : kNoWhole);
    }
  }

  const Expression& expression() const { return e_; }

  // A block of rows; owner -1: of nobody here.
  void Add(const BlockEvaluator& rows, const std::vector<int32_t>& owner, size_t n) {
    if (rows.any_failed()) AddFailed(rows, owner, n);
    const uint64_t* counts = e_.where < 0 ? nullptr : rows.True(e_.where);
    const ValuesView* values = e_.argument < 0 ? nullptr : &rows.Values(e_.argument);
    for (size_t begin = 0; begin < n; begin += kWordBits) {
      uint64_t word = counts == nullptr ? ~uint64_t{0} : counts[begin / kWordBits];
      if (n - begin < kWordBits) word &= (uint64_t{1} << (n - begin)) - 1;
      for (; word != 0; word &= word - 1) {
        const size_t row = begin + static_cast<size_t>(__builtin_ctzll(word));
        if (owner[row] < 0) continue;
        if (owner[row] != customer_) Settle(owner[row]);
        AddRow(values, row);
      }
    }
  }

  AggregateColumn Take(Words words) {
    Settle(-1);
    made_.words = std::move(words);
    return std::move(made_);
  }

 private:
  void AddFailed(const BlockEvaluator& rows, const std::vector<int32_t>& owner, size_t n) {
    const uint64_t* of_where = e_.where < 0 ? nullptr : rows.Failed(e_.where);
    const uint64_t* of_argument = e_.argument < 0 ? nullptr : rows.Failed(e_.argument);
    for (size_t row = 0; row < n; ++row) {
      const size_t word = row / kWordBits;
      const uint64_t bit = uint64_t{1} << row % kWordBits;
      const bool is_asked = e_.where < 0 || (rows.True(e_.where)[word] & bit) != 0;
      const bool failed = (of_where != nullptr && (of_where[word] & bit) != 0) ||
                          (is_asked && of_argument != nullptr && (of_argument[word] & bit) != 0);
      if (failed && owner[row] >= 0) Fail(owner[row]);
    }
  }

  void Fail(int32_t customer) {
    const size_t customers = std::max(made_.whole.size(), made_.number.size());
    if (made_.failed.empty()) made_.failed.resize(WordsOfBits(customers));
    made_.failed[static_cast<size_t>(customer) / kWordBits] |= uint64_t{1} << static_cast<size_t>(customer) % kWordBits;
  }

  void AddRow(const ValuesView* values, size_t row) {
    if (values == nullptr) {
      ++count_;
      return;
    }
    if (argument_type_ == ColumnType::kNumber) {
      const double number = values->Number(row);
      if (std::isnan(number)) return;
      if (count_ == 0) least_number_ = greatest_number_ = number;
      least_number_ = std::min(least_number_, number);
      greatest_number_ = std::max(greatest_number_, number);
      number_ += number;
    } else {
      const int64_t whole = values->Whole(row);
      if (whole == kNoWhole) return;
      if (count_ == 0) least_ = greatest_ = whole;
      least_ = std::min(least_, whole);
      greatest_ = std::max(greatest_, whole);
      whole_ += whole;
      if (e_.aggregate == Aggregate::kCountDistinct) distinct_.push_back(whole);
    }
    ++count_;
  }

  // Writes the value of the customer whose rows are over.
  void Settle(int32_t next) {
    if (customer_ >= 0 && count_ > 0) Write(static_cast<size_t>(customer_));
    customer_ = next;
    count_ = 0;
    whole_ = 0;
    number_ = 0;
    distinct_.clear();
  }

  void Write(size_t customer) {
    const bool of_numbers = argument_type_ == ColumnType::kNumber;
    switch (e_.aggregate) {
      case Aggregate::kExists:
        made_.whole[customer] = 1;
        break;
      case Aggregate::kCountRows:
      case Aggregate::kCount:
        made_.whole[customer] = count_;
        break;
      case Aggregate::kCountDistinct:
        std::sort(distinct_.begin(), distinct_.end());
        made_.whole[customer] = std::unique(distinct_.begin(), distinct_.end()) - distinct_.begin();
        break;
      case Aggregate::kSum:
        of_numbers ? WriteNumber(customer, number_) : WriteWhole(customer, whole_);
        break;
      case Aggregate::kMin:
        of_numbers ? WriteNumber(customer, least_number_) : WriteWhole(customer, least_);
        break;
      case Aggregate::kMax:
        of_numbers ? WriteNumber(customer, greatest_number_) : WriteWhole(customer, greatest_);
        break;
      case Aggregate::kAverage: {
        const double unit = of_numbers || argument_type_ == ColumnType::kInteger ? 1 : kMicros;
        const double sum = of_numbers ? number_ : ToDouble(whole_);
        WriteNumber(customer, sum / (static_cast<double>(count_) * unit));
        break;
      }
    }
  }

  void WriteWhole(size_t customer, Int128 value) {
    const bool fits = value > std::numeric_limits<int64_t>::min() && value <= std::numeric_limits<int64_t>::max();
    if (!fits) return Fail(static_cast<int32_t>(customer));
    made_.whole[customer] = static_cast<int64_t>(value);
  }

  void WriteNumber(size_t customer, double value) {
    if (!std::isfinite(value)) return Fail(static_cast<int32_t>(customer));
    made_.number[customer] = value;
  }

  const Expression& e_;
  ColumnType argument_type_ = ColumnType::kInteger;
  AggregateColumn made_;
  int32_t customer_ = -1;  // whose rows are being added
  int64_t count_ = 0;      // of known values, or of rows
  Int128 whole_ = 0;
  double number_ = 0;
  int64_t least_ = 0, greatest_ = 0;
  double least_number_ = 0, greatest_number_ = 0;
  std::vector<int64_t> distinct_;
};

absl::StatusOr<std::vector<ColumnReader>> Readers(const ExpressionGraph& graph, int events, TableId table,
                                                  const TableShard& rows, const TableShard* products,
                                                  const std::vector<int32_t>& product_rows, Day as_of) {
  std::vector<ColumnReader> readers(graph.expressions.size());
  for (size_t i = 0; i < readers.size(); ++i) {
    const Expression& e = graph.expressions[i];
    if (e.rows != events || e.kind != NodeKind::kColumn) continue;
    STRATA_ASSIGN_OR_RETURN(readers[i], ReaderOf(e, table, rows, products, product_rows, as_of));
  }
  return readers;
}

bool AsksForProducts(const ExpressionGraph& graph, int events) {
  return std::any_of(graph.expressions.begin(), graph.expressions.end(), [events](const Expression& e) {
    return e.rows == events && e.kind == NodeKind::kColumn && e.text.starts_with("products.");
  });
}

}  // namespace

absl::Status AddAggregates(const ExpressionGraph& graph, int events, const ShardTables& tables, size_t customers,
                           Day as_of, std::map<int, AggregateColumn>* columns) {
  const TableId table = graph.tables[static_cast<size_t>(events - 1)];
  const TableShard* rows = tables.tables[static_cast<size_t>(table)];
  if (rows == nullptr) {
    return MakeError(absl::StatusCode::kInternal, "SEGMENT_COLUMN_MISSING",
                     fmt::format("a segment needs rows of table {}, which is not there", SchemaOf(table).name));
  }
  const TableShard* products = tables.reference[static_cast<size_t>(TableId::kProducts)];
  std::vector<int32_t> product_rows;
  if (products != nullptr && AsksForProducts(graph, events)) product_rows = ProductRows(*rows, *products);
  STRATA_ASSIGN_OR_RETURN(std::vector<ColumnReader> readers,
                          Readers(graph, events, table, *rows, products, product_rows, as_of));
  BlockEvaluator evaluator(graph, events, as_of, std::move(readers));
  std::map<int, Accumulator> accumulators;
  for (int i = 0; i < static_cast<int>(graph.expressions.size()); ++i) {
    const Expression& e = graph.expressions[static_cast<size_t>(i)];
    if (e.kind == NodeKind::kAggregate && e.event_rows == events) accumulators.try_emplace(i, graph, i, customers);
  }
  std::vector<int32_t> owner(kSegmentBlock);
  size_t customer = 0;
  for (size_t begin = 0; begin < rows->rows(); begin += kSegmentBlock) {
    const size_t n = std::min(kSegmentBlock, rows->rows() - begin);
    for (size_t i = 0; i < n; ++i) {
      while (customer < customers && rows->end(customer) <= begin + i) ++customer;
      const bool owned = customer < customers && rows->begin(customer) <= begin + i;
      owner[i] = owned ? static_cast<int32_t>(customer) : -1;
    }
    evaluator.Evaluate(begin, n);
    for (auto& [expression, accumulator] : accumulators) accumulator.Add(evaluator, owner, n);
  }
  for (auto& [expression, accumulator] : accumulators) {
    const int argument = accumulator.expression().argument;
    columns->emplace(expression, accumulator.Take(argument < 0 ? Words() : evaluator.words(argument)));
  }
  return absl::OkStatus();
}

}  // namespace strata

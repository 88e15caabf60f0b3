#include "model/lifetime/discrete_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>

#include "model/lifetime/bg_bb.h"
#include "model/statistics/integer_sums.h"

namespace strata {
namespace {

auto KeyOf(const OpportunityRow& row) { return std::tuple(row.x, row.last, row.n); }
bool InOrder(const OpportunityRow& a, const OpportunityRow& b) { return KeyOf(a) < KeyOf(b); }

bool IsPossible(int64_t x, int64_t last, int64_t n) {
  return x >= 0 && x <= last && (x > 0 || last == 0) && last <= n && n <= kOpportunitiesMax;
}

// Adds up equal neighbours.
void MergeEqual(std::vector<OpportunityRow>* rows) {
  size_t kept = 0;
  for (size_t i = 0; i < rows->size(); ++i) {
    if (kept > 0 && KeyOf((*rows)[kept - 1]) == KeyOf((*rows)[i])) {
      (*rows)[kept - 1].customers += (*rows)[i].customers;
    } else {
      (*rows)[kept++] = (*rows)[i];
    }
  }
  rows->resize(kept);
}

// Whole columns of the profile; empty where one is not there.
std::vector<std::span<const int64_t>> Columns(const ColumnSet* profile, const std::vector<const char*>& names) {
  std::vector<std::span<const int64_t>> found;
  for (const char* name : names) {
    const Column* column = profile == nullptr ? nullptr : profile->Find(name);
    if (column == nullptr || column->type == ColumnType::kNumber || column->type == ColumnType::kText) return {};
    found.push_back(column->whole);
  }
  return found;
}

void Count(int64_t place, std::vector<int64_t>* counts) {
  const auto i = static_cast<size_t>(place);
  if (counts->size() <= i) counts->resize(i + 1);
  ++(*counts)[i];
}

absl::Status Impossible(std::string_view reason, int64_t customers, std::string_view what) {
  return MakeError(absl::StatusCode::kInternal, reason,
                   fmt::format("{} customers have {} that no data give", customers, what));
}

std::vector<double> AsDoubles(const std::vector<int64_t>& counts) { return {counts.begin(), counts.end()}; }

}  // namespace

OpportunityTable OpportunityTable::Of(const ColumnSet* profile, size_t customers) {
  OpportunityTable table;
  if (customers == 0) return table;
  const auto columns = Columns(profile, {kOpportunitiesX, kOpportunitiesLast, kOpportunitiesN});
  table.missing_ = columns.empty();
  if (table.missing_) return table;
  for (size_t i = 0; i < columns[0].size(); ++i) {
    const int64_t x = columns[0][i], last = columns[1][i], n = columns[2][i];
    if (n == kNoWhole) continue;
    if (!IsPossible(x, last, n)) {
      ++table.impossible_;
      continue;
    }
    table.rows_.push_back({.x = static_cast<int32_t>(x),
                           .last = static_cast<int32_t>(last),
                           .n = static_cast<int32_t>(n),
                           .customers = 1});
  }
  std::sort(table.rows_.begin(), table.rows_.end(), InOrder);
  MergeEqual(&table.rows_);
  return table;
}

void OpportunityTable::Merge(const OpportunityTable& other) {
  std::vector<OpportunityRow> rows;
  rows.reserve(rows_.size() + other.rows_.size());
  std::merge(rows_.begin(), rows_.end(), other.rows_.begin(), other.rows_.end(), std::back_inserter(rows), InOrder);
  MergeEqual(&rows);
  rows_ = std::move(rows);
  impossible_ += other.impossible_;
  missing_ = missing_ || other.missing_;
}

absl::StatusOr<HistoryTable> OpportunityTable::Histories() const {
  if (missing_) {
    return MakeError(absl::StatusCode::kInternal, "OPPORTUNITIES_MISSING",
                     "the profile of a shard has no opportunities");
  }
  if (impossible_ > 0) return Impossible("OPPORTUNITIES_IMPOSSIBLE", impossible_, "histories over opportunities");
  HistoryTable table;
  table.times.push_back(0);
  for (size_t i = 0; i < rows_.size(); ++i) {
    const OpportunityRow& row = rows_[i];
    if ((i > 0 && !InOrder(rows_[i - 1], row)) || row.customers <= 0 || !IsPossible(row.x, row.last, row.n)) {
      return MakeError(absl::StatusCode::kDataLoss, "OPPORTUNITIES_CORRUPT",
                       fmt::format("row {} of a table of opportunities is damaged", i));
    }
    while (table.times.back() < row.n) table.times.push_back(table.times.back() + 1);
    table.rows.push_back({.x = row.x,
                          .t_x = static_cast<uint32_t>(row.last),
                          .T = static_cast<uint32_t>(row.n),
                          .customers = static_cast<double>(row.customers)});
  }
  return table;
}

void OpportunityTable::Encode(ByteWriter* writer) const {
  writer->U8(missing_ ? 1 : 0);
  writer->I64(impossible_);
  writer->U32(static_cast<uint32_t>(rows_.size()));
  for (const OpportunityRow& row : rows_) {
    writer->I32(row.x);
    writer->I32(row.last);
    writer->I32(row.n);
    writer->I64(row.customers);
  }
}

OpportunityTable OpportunityTable::Decode(ByteReader* reader) {
  OpportunityTable table;
  table.missing_ = reader->U8() != 0;
  table.impossible_ = reader->I64();
  const uint32_t rows = reader->U32();
  for (uint32_t i = 0; i < rows && reader->ok(); ++i) {
    OpportunityRow row;
    row.x = reader->I32();
    row.last = reader->I32();
    row.n = reader->I32();
    row.customers = reader->I64();
    if (reader->ok()) table.rows_.push_back(row);
  }
  return table;
}

ContractCounts ContractCounts::Of(const ColumnSet* profile, size_t customers) {
  ContractCounts counts;
  if (customers == 0) return counts;
  const auto columns = Columns(profile, {kContractPeriods, kContractLost});
  counts.missing_ = columns.empty();
  if (counts.missing_) return counts;
  for (size_t i = 0; i < columns[0].size(); ++i) {
    const int64_t periods = columns[0][i], lost = columns[1][i];
    if (periods == kNoWhole) continue;
    if (periods < lost || periods > kContractPeriodsMax || (lost != 0 && lost != 1)) {
      ++counts.impossible_;
    } else if (lost == 1) {
      Count(periods - 1, &counts.lost_);
    } else {
      Count(periods, &counts.still_);
    }
  }
  return counts;
}

void ContractCounts::Merge(const ContractCounts& other) {
  AddInto(&lost_, other.lost_);
  AddInto(&still_, other.still_);
  impossible_ += other.impossible_;
  missing_ = missing_ || other.missing_;
}

absl::StatusOr<ContractTable> ContractCounts::Contracts() const {
  if (missing_) {
    return MakeError(absl::StatusCode::kInternal, "CONTRACTS_MISSING", "the profile of a shard has no contracts");
  }
  if (impossible_ > 0) return Impossible("CONTRACTS_IMPOSSIBLE", impossible_, "periods of a contract");
  const auto is_corrupt = [](const std::vector<int64_t>& counts) {
    return counts.size() > kContractPeriodsMax + 1 || std::ranges::any_of(counts, [](int64_t n) { return n < 0; });
  };
  if (is_corrupt(lost_) || is_corrupt(still_)) {
    return MakeError(absl::StatusCode::kDataLoss, "CONTRACTS_CORRUPT", "a table of contracts is damaged");
  }
  return ContractTable{.lost = AsDoubles(lost_), .still = AsDoubles(still_)};
}

void ContractCounts::Encode(ByteWriter* writer) const {
  writer->U8(missing_ ? 1 : 0);
  writer->I64(impossible_);
  writer->Array(lost_);
  writer->Array(still_);
}

ContractCounts ContractCounts::Decode(ByteReader* reader) {
  ContractCounts counts;
  counts.missing_ = reader->U8() != 0;
  counts.impossible_ = reader->I64();
  counts.lost_ = reader->Array<int64_t>();
  counts.still_ = reader->Array<int64_t>();
  return counts;
}

}  // namespace strata

#include "model/lifetime/covariate_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace strata {
namespace {

// Days are distinct, so there are at most t_x repeat purchase days in t_x days, and there are some if t_x > 0.
bool IsPossible(int64_t x, int64_t t_x, int64_t T) {
  return x >= 0 && x <= t_x && (x > 0 || t_x == 0) && t_x <= T && T <= CovariateRow::kFieldMax;
}

uint64_t HistoryOf(int64_t x, int64_t t_x, int64_t T) {
  constexpr int kBits = CovariateRow::kHistoryBits;
  return static_cast<uint64_t>(x) << (2 * kBits) | static_cast<uint64_t>(t_x) << kBits | static_cast<uint64_t>(T);
}

auto KeyOf(const CovariateRow& row) { return std::pair(row.pattern, row.history); }

// The least of both texts that is not empty.
void KeepLess(std::string* error, const std::string& other) {
  if (!other.empty() && (error->empty() || other < *error)) *error = other;
}

// Two ascending lists of patterns as one, and the place of either's in it.
struct PatternUnion {
  std::vector<int64_t> codes;
  std::vector<uint32_t> left, right;

  PatternUnion(const CovariateTable& a, const CovariateTable& b) {
    size_t i = 0, j = 0;
    uint32_t place = 0;
    while (i < a.patterns() || j < b.patterns()) {
      int order = i == a.patterns() ? 1 : j == b.patterns() ? -1 : 0;
      if (order == 0 && !std::ranges::equal(a.pattern(i), b.pattern(j))) {
        order = std::ranges::lexicographical_compare(a.pattern(i), b.pattern(j)) ? -1 : 1;
      }
      const std::span<const int64_t> next = order <= 0 ? a.pattern(i) : b.pattern(j);
      codes.insert(codes.end(), next.begin(), next.end());
      if (order <= 0) {
        left.push_back(place);
        ++i;
      }
      if (order >= 0) {
        right.push_back(place);
        ++j;
      }
      ++place;
    }
  }
};

std::vector<CovariateRow> Moved(std::vector<CovariateRow> rows, const std::vector<uint32_t>& places) {
  for (CovariateRow& row : rows) row.pattern = places[row.pattern];
  return rows;
}

}  // namespace

CovariateTable CovariateTable::Of(const std::vector<CovariateSource>& sources, const ShardFeatures& shard,
                                  const CustomerShare& share, size_t rows_max) {
  CovariateTable table;
  table.rows_max_ = rows_max;
  const CustomerColumns& columns = shard.today;
  if (columns.size() == 0) return table;
  const absl::StatusOr<CodedCustomers> coded = CodeCustomers(sources, shard.profile);
  if (!coded.ok()) {
    table.error_ = std::string(coded.status().message());
    return table;
  }
  std::vector<CovariateRow> rows;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns.purchase_days[i] == 0 || !share.Has(columns.hash[i])) continue;
    const int64_t x = int64_t{columns.purchase_days[i]} - 1;
    const int64_t t_x = int64_t{columns.last_day[i]} - columns.first_day[i];
    const int64_t T = int64_t{columns.as_of} - columns.first_day[i];
    if (IsPossible(x, t_x, T)) {
      rows.push_back({.pattern = coded->pattern_of[i], .history = HistoryOf(x, t_x, T), .customers = 1});
    } else {
      ++table.impossible_;
    }
  }
  std::sort(rows.begin(), rows.end(), [](const CovariateRow& a, const CovariateRow& b) { return KeyOf(a) < KeyOf(b); });
  table.width_ = rows.empty() ? 0 : coded->width;
  uint32_t last = 0;  // the pattern at hand, in the shard's numbers
  for (const CovariateRow& row : rows) {
    if (table.rows_.empty() || row.pattern != last) {
      const std::span<const int64_t> pattern = coded->pattern(row.pattern);
      table.codes_.insert(table.codes_.end(), pattern.begin(), pattern.end());
      last = row.pattern;
    }
    const CovariateRow mine{
        .pattern = static_cast<uint32_t>(table.patterns() - 1), .history = row.history, .customers = 1};
    if (!table.rows_.empty() && KeyOf(table.rows_.back()) == KeyOf(mine)) {
      ++table.rows_.back().customers;
    } else {
      table.rows_.push_back(mine);
    }
  }
  table.Bound();
  return table;
}

void CovariateTable::Bound() {
  overflow_ = overflow_ || rows_.size() > rows_max_;
  if (!overflow_) return;
  width_ = 0;
  codes_.clear();
  rows_.clear();
}

void CovariateTable::Merge(const CovariateTable& other) {
  KeepLess(&error_, other.error_);
  impossible_ += other.impossible_;
  overflow_ = overflow_ || other.overflow_;
  rows_max_ = std::min(rows_max_, other.rows_max_);
  if (width_ != other.width_ && width_ > 0 && other.width_ > 0) {
    KeepLess(&error_, "tables of covariates with patterns of different widths");
    width_ = 0;
    codes_.clear();
    rows_.clear();
    return;
  }
  const PatternUnion patterns(*this, other);
  const std::vector<CovariateRow> left = Moved(std::move(rows_), patterns.left);
  const std::vector<CovariateRow> right = Moved(other.rows_, patterns.right);
  width_ = std::max(width_, other.width_);
  codes_ = patterns.codes;
  rows_.clear();
  rows_.reserve(left.size() + right.size());
  std::merge(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(rows_),
             [](const CovariateRow& a, const CovariateRow& b) { return KeyOf(a) < KeyOf(b); });
  size_t kept = 0;
  for (size_t i = 0; i < rows_.size(); ++i) {
    if (kept > 0 && KeyOf(rows_[kept - 1]) == KeyOf(rows_[i])) {
      rows_[kept - 1].customers += rows_[i].customers;
    } else {
      rows_[kept++] = rows_[i];
    }
  }
  rows_.resize(kept);
  Bound();
}

absl::Status CovariateTable::Check(size_t width) const {
  if (!error_.empty()) return MakeError(absl::StatusCode::kInternal, "COVARIATE_COLUMN", error_);
  const auto corrupt = [](const std::string& words) {
    return MakeError(absl::StatusCode::kDataLoss, "COVARIATE_TABLE_CORRUPT", "a table of covariates: " + words);
  };
  if (impossible_ > 0) {
    return MakeError(absl::StatusCode::kInternal, "HISTORY_IMPOSSIBLE",
                     fmt::format("{} customers have purchase histories that no calendar allows", impossible_));
  }
  if (rows_.empty()) return codes_.empty() ? absl::OkStatus() : corrupt("patterns without customers");
  if (width_ != width || codes_.size() % width_ != 0) return corrupt("its patterns have another width");
  for (size_t i = 0; i + 1 < patterns(); ++i) {
    if (!std::ranges::lexicographical_compare(pattern(i), pattern(i + 1))) return corrupt("patterns out of order");
  }
  for (size_t i = 0; i < rows_.size(); ++i) {
    const CovariateRow& row = rows_[i];
    const bool in_order = i == 0 || KeyOf(rows_[i - 1]) < KeyOf(row);
    if (!in_order || row.pattern >= patterns() || row.customers <= 0 || !IsPossible(row.x(), row.t_x(), row.T())) {
      return corrupt(fmt::format("row {} is damaged", i));
    }
  }
  return absl::OkStatus();
}

int64_t CovariateTable::customers() const {
  return std::accumulate(rows_.begin(), rows_.end(), int64_t{0},
                         [](int64_t sum, const CovariateRow& row) { return sum + row.customers; });
}

CovariateBase CovariateTable::Base(const std::vector<CovariateSource>& sources, double time_unit_days) const {
  CovariateBase base;
  int64_t days_max = 0;
  for (size_t i = 0; i < rows_.size(); ++i) {
    const CovariateRow& row = rows_[i];
    if (i == 0 || rows_[i - 1].pattern != row.pattern) base.begin.push_back(i);
    days_max = std::max(days_max, row.T());
    base.rows.push_back({.x = static_cast<int32_t>(row.x()),
                         .t_x = static_cast<uint32_t>(row.t_x()),
                         .T = static_cast<uint32_t>(row.T()),
                         .customers = static_cast<double>(row.customers)});
  }
  base.begin.push_back(rows_.size());
  for (size_t i = 0; i < patterns(); ++i) {
    const std::vector<double> traits = TraitsOfPattern(sources, pattern(i));
    base.width = traits.size();
    base.traits.insert(base.traits.end(), traits.begin(), traits.end());
  }
  for (int64_t day = 0; day <= days_max; ++day) base.times.push_back(static_cast<double>(day) / time_unit_days);
  return base;
}

void CovariateTable::Encode(ByteWriter* writer) const {
  writer->Text(error_);
  writer->I64(impossible_);
  writer->U8(overflow_ ? 1 : 0);
  writer->U64(rows_max_);
  writer->U32(static_cast<uint32_t>(width_));
  writer->Array(codes_);
  writer->U32(static_cast<uint32_t>(rows_.size()));
  for (const CovariateRow& row : rows_) {
    writer->U32(row.pattern);
    writer->U64(row.history);
    writer->I64(row.customers);
  }
}

CovariateTable CovariateTable::Decode(ByteReader* reader) {
  CovariateTable table;
  table.error_ = reader->Text();
  table.impossible_ = reader->I64();
  table.overflow_ = reader->U8() != 0;
  table.rows_max_ = reader->U64();
  table.width_ = reader->U32();
  table.codes_ = reader->Array<int64_t>();
  const uint32_t rows = reader->U32();
  for (uint32_t i = 0; i < rows && reader->ok(); ++i) {
    CovariateRow row;
    row.pattern = reader->U32();
    row.history = reader->U64();
    row.customers = reader->I64();
    if (!reader->ok()) break;
    if (row.pattern < table.patterns()) {
      table.rows_.push_back(row);
    } else {
      table.error_ = "a table of covariates is damaged: a row names a pattern that it does not have";
    }
  }
  return table;
}

}  // namespace strata

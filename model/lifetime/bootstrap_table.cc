#include "model/lifetime/bootstrap_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/hash.h"
#include "model/columns.h"
#include "model/lifetime/discrete_table.h"
#include "model/statistics/keyed_sample.h"

namespace strata {
namespace {

constexpr int kFieldBits = 21;  // as of PurchaseTable
constexpr int64_t kFieldMax = (int64_t{1} << kFieldBits) - 1;

bool IsPossible(int64_t x, int64_t t_x, int64_t T) {
  return x >= 0 && x <= t_x && (x > 0 || t_x == 0) && t_x <= T && T <= kFieldMax;
}

// floor(2^64 e^-1 sum_{j <= k} 1/j!) for k = 0, 1, ...: the last one is the largest draw.
constexpr std::array<uint64_t, 21> kPoissonBelow = [] {
  std::array<uint64_t, 21> below{};
  // 2^64 / e with 64 bits after the point, so that the sums are right to the last unit.
  UInt128 term = (UInt128{6786177901268885274ULL} << 64) + 13465419299465525517ULL;
  UInt128 sum = 0;
  for (size_t k = 0; k < below.size(); ++k) {
    if (k > 0) term /= k;
    sum += term;
    below[k] = static_cast<uint64_t>(sum >> 64);
  }
  return below;
}();

struct History {
  int64_t x, t_x, T;
};

// By row of the shard; x < 0: the customer is not in the base.
std::vector<History> HistoriesOf(const CustomerColumns& columns) {
  std::vector<History> histories(columns.size(), History{-1, 0, 0});
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns.purchase_days[i] == 0) continue;
    histories[i] = {.x = int64_t{columns.purchase_days[i]} - 1,
                    .t_x = int64_t{columns.last_day[i]} - columns.first_day[i],
                    .T = int64_t{columns.as_of} - columns.first_day[i]};
  }
  return histories;
}

// As above; nullopt where the profile has no opportunities.
std::optional<std::vector<History>> OpportunitiesOf(const ShardFeatures& shard) {
  std::array<const Column*, 3> columns{};
  const std::array<const char*, 3> names = {kOpportunitiesX, kOpportunitiesLast, kOpportunitiesN};
  for (size_t i = 0; i < 3; ++i) {
    columns[i] = shard.profile == nullptr ? nullptr : shard.profile->Find(names[i]);
    if (columns[i] == nullptr || columns[i]->whole.size() != shard.today.size()) return std::nullopt;
  }
  std::vector<History> histories(shard.today.size(), History{-1, 0, 0});
  for (size_t i = 0; i < histories.size(); ++i) {
    if (columns[2]->whole[i] == kNoWhole) continue;
    histories[i] = {.x = columns[0]->whole[i], .t_x = columns[1]->whole[i], .T = columns[2]->whole[i]};
  }
  return histories;
}

}  // namespace

int PoissonOne(uint64_t draw) {
  return static_cast<int>(std::upper_bound(kPoissonBelow.begin(), kPoissonBelow.end(), draw) - kPoissonBelow.begin());
}

int ReplicateWeight(uint64_t seed, uint32_t replicate, uint64_t customer_hash) {
  return PoissonOne(KeyedDraw(seed, DrawRound(DrawPurpose::kLifetimeBootstrap, replicate), customer_hash));
}

BootstrapTable BootstrapTable::Of(Histories histories, uint64_t seed, uint32_t first, const ShardFeatures& shard) {
  BootstrapTable table;
  if (shard.today.size() == 0) return table;
  const std::optional<std::vector<History>> found =
      histories == Histories::kPurchases ? HistoriesOf(shard.today) : OpportunitiesOf(shard);
  if (!found) {
    table.missing_ = true;
    return table;
  }
  for (size_t i = 0; i < found->size(); ++i) {
    const auto& [x, t_x, T] = (*found)[i];
    if (x < 0 && t_x == 0 && T == 0) continue;
    if (!IsPossible(x, t_x, T)) {
      ++table.impossible_;
      continue;
    }
    Row row{.key = static_cast<uint64_t>(x << (2 * kFieldBits) | t_x << kFieldBits | T), .weight = {}};
    for (uint32_t replicate = 0; replicate < kReplicatesAtOnce; ++replicate) {
      row.weight[replicate] = static_cast<uint32_t>(ReplicateWeight(seed, first + replicate, shard.today.hash[i]));
    }
    table.rows_.push_back(row);
  }
  std::sort(table.rows_.begin(), table.rows_.end(), [](const Row& a, const Row& b) { return a.key < b.key; });
  table.AddUp();
  return table;
}

void BootstrapTable::AddUp() {
  size_t kept = 0;
  for (size_t i = 0; i < rows_.size(); ++i) {
    if (kept > 0 && rows_[kept - 1].key == rows_[i].key) {
      for (size_t r = 0; r < kReplicatesAtOnce; ++r) rows_[kept - 1].weight[r] += rows_[i].weight[r];
    } else {
      rows_[kept++] = rows_[i];
    }
  }
  rows_.resize(kept);
}

void BootstrapTable::Merge(const BootstrapTable& other) {
  std::vector<Row> rows;
  rows.reserve(rows_.size() + other.rows_.size());
  std::merge(rows_.begin(), rows_.end(), other.rows_.begin(), other.rows_.end(), std::back_inserter(rows),
             [](const Row& a, const Row& b) { return a.key < b.key; });
  rows_ = std::move(rows);
  AddUp();
  impossible_ += other.impossible_;
  missing_ = missing_ || other.missing_;
}

absl::StatusOr<HistoryTable> BootstrapTable::Replicate(int replicate, double time_unit_days) const {
  if (missing_ || impossible_ > 0) {
    return MakeError(absl::StatusCode::kInternal, "HISTORY_IMPOSSIBLE",
                     missing_ ? "the profile of a shard has no opportunities"
                              : fmt::format("{} customers have histories that no calendar allows", impossible_));
  }
  HistoryTable table;
  int64_t T_max = 0;
  for (size_t i = 0; i < rows_.size(); ++i) {
    const Row& row = rows_[i];
    const auto x = static_cast<int64_t>(row.key >> (2 * kFieldBits));
    const int64_t t_x = static_cast<int64_t>(row.key >> kFieldBits) & kFieldMax;
    const int64_t T = static_cast<int64_t>(row.key) & kFieldMax;
    if ((i > 0 && rows_[i - 1].key >= row.key) || !IsPossible(x, t_x, T)) {
      return MakeError(absl::StatusCode::kDataLoss, "BOOTSTRAP_TABLE_CORRUPT",
                       fmt::format("row {} of a table of replicates is damaged", i));
    }
    const uint32_t weight = row.weight[static_cast<size_t>(replicate)];
    if (weight == 0) continue;
    T_max = std::max(T_max, T);
    table.rows.push_back({.x = static_cast<int32_t>(x),
                          .t_x = static_cast<uint32_t>(t_x),
                          .T = static_cast<uint32_t>(T),
                          .customers = static_cast<double>(weight)});
  }
  for (int64_t time = 0; time <= T_max; ++time) table.times.push_back(static_cast<double>(time) / time_unit_days);
  return table;
}

void BootstrapTable::Encode(ByteWriter* writer) const {
  writer->U8(missing_ ? 1 : 0);
  writer->I64(impossible_);
  writer->U32(static_cast<uint32_t>(rows_.size()));
  for (const Row& row : rows_) {
    writer->U64(row.key);
    for (const uint32_t weight : row.weight) writer->U32(weight);
  }
}

BootstrapTable BootstrapTable::Decode(ByteReader* reader) {
  BootstrapTable table;
  table.missing_ = reader->U8() != 0;
  table.impossible_ = reader->I64();
  const uint32_t rows = reader->U32();
  for (uint32_t i = 0; i < rows && reader->ok(); ++i) {
    Row row{.key = reader->U64(), .weight = {}};
    for (uint32_t& weight : row.weight) weight = reader->U32();
    if (reader->ok()) table.rows_.push_back(row);
  }
  return table;
}

}  // namespace strata

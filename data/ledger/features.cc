#include "data/ledger/features.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "base/int128.h"
#include "data/ledger/batch_check.h"
#include "data/ledger/customer_history.h"
#include "data/ledger/feature_columns.h"
#include "data/ledger/merged_rows.h"

namespace strata {
namespace {

using enum CustomerHistory::Window;

// The columns of one view while it is made, in one room, so that no two of them begin at the same place of a page.
class ViewColumns {
 public:
  // Room for so many customers.
  ViewColumns(Day as_of, size_t customers, bool is_holdout) : as_of_(as_of), is_holdout_(is_holdout) {
    size_t bytes = 0;
    VisitColumns([&]<typename T>(T*&) { bytes += BytesOf<T>(customers); });
    room_ = std::make_unique_for_overwrite<std::byte[]>(bytes);
    std::byte* next = room_.get();
    VisitColumns([&]<typename T>(T*& column) {
      column = reinterpret_cast<T*>(next);
      next += BytesOf<T>(customers);
    });
  }

  // The customer as view `v` of the history sees them; `future_purchase_days` is the label.
  void Add(uint64_t hash, const CustomerHistory& history, size_t v, int32_t future_purchase_days) {
    const SumsUntil& now = history.Until(v, kDate);
    const size_t row = size_++;
    hash_[row] = hash;
    purchase_days_[row] = now.purchase_days;
    first_day_[row] = now.purchase_days > 0 ? history.first_day() : 0;
    last_day_[row] = now.last_day;
    net_micros_[row] = now.net_micros;
    repeat_net_micros_[row] = now.repeat_net_micros;
    rows_[row] = now.rows;
    return_rows_[row] = now.return_rows;
    purchase_days_30_[row] = now.purchase_days - history.Until(v, k30Days).purchase_days;
    purchase_days_90_[row] = now.purchase_days - history.Until(v, k90Days).purchase_days;
    purchase_days_180_[row] = now.purchase_days - history.Until(v, k180Days).purchase_days;
    purchase_days_365_[row] = now.purchase_days - history.Until(v, k365Days).purchase_days;
    net_micros_90_[row] = now.net_micros - history.Until(v, k90Days).net_micros;
    net_micros_365_[row] = now.net_micros - history.Until(v, k365Days).net_micros;
    squared_gap_days_[row] = now.squared_gap_days;
    future_purchase_days_[row] = future_purchase_days;
  }

  // Of the customer who was added last, in the hold-out view.
  void AddHoldout(int64_t future_net_micros, int32_t purchase_days_before) {
    future_net_micros_[size_ - 1] = future_net_micros;
    purchase_days_before_[size_ - 1] = purchase_days_before;
  }

  size_t size() const { return size_; }

  CustomerColumns View() const {
    const size_t holdouts = is_holdout_ ? size_ : 0;
    return {.as_of = as_of_,
            .hash = {hash_, size_},
            .purchase_days = {purchase_days_, size_},
            .first_day = {first_day_, size_},
            .last_day = {last_day_, size_},
            .net_micros = {net_micros_, size_},
            .repeat_net_micros = {repeat_net_micros_, size_},
            .rows = {rows_, size_},
            .return_rows = {return_rows_, size_},
            .purchase_days_30 = {purchase_days_30_, size_},
            .purchase_days_90 = {purchase_days_90_, size_},
            .purchase_days_180 = {purchase_days_180_, size_},
            .purchase_days_365 = {purchase_days_365_, size_},
            .net_micros_90 = {net_micros_90_, size_},
            .net_micros_365 = {net_micros_365_, size_},
            .squared_gap_days = {squared_gap_days_, size_},
            .future_purchase_days = {future_purchase_days_, size_},
            .future_net_micros = {future_net_micros_, holdouts},
            .purchase_days_before = {purchase_days_before_, holdouts}};
  }

 private:
  template <typename T>
  static size_t BytesOf(size_t customers) {
    constexpr size_t kAlignment = 64;
    return (customers * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
  }
  template <typename Visit>
  void VisitColumns(const Visit& visit) {
    visit(hash_);
    for (int32_t** column :
         {&purchase_days_, &rows_, &return_rows_, &purchase_days_30_, &purchase_days_90_, &purchase_days_180_,
          &purchase_days_365_, &future_purchase_days_, &first_day_, &last_day_}) {
      visit(*column);
    }
    for (int64_t** column :
         {&net_micros_, &repeat_net_micros_, &net_micros_90_, &net_micros_365_, &squared_gap_days_}) {
      visit(*column);
    }
    if (!is_holdout_) return;
    visit(future_net_micros_);
    visit(purchase_days_before_);
  }

  Day as_of_;
  bool is_holdout_;
  size_t size_ = 0;
  std::unique_ptr<std::byte[]> room_;
  uint64_t* hash_ = nullptr;
  int32_t *purchase_days_ = nullptr, *rows_ = nullptr, *return_rows_ = nullptr, *future_purchase_days_ = nullptr;
  int32_t *purchase_days_30_ = nullptr, *purchase_days_90_ = nullptr;
  int32_t *purchase_days_180_ = nullptr, *purchase_days_365_ = nullptr;
  Day *first_day_ = nullptr, *last_day_ = nullptr;
  int64_t *net_micros_ = nullptr, *repeat_net_micros_ = nullptr, *squared_gap_days_ = nullptr;
  int64_t *net_micros_90_ = nullptr, *net_micros_365_ = nullptr, *future_net_micros_ = nullptr;
  int32_t* purchase_days_before_ = nullptr;
};

// The ids of the as_of view while it is made.
class IdColumn {
 public:
  IdColumn(size_t customers, size_t bytes)
      : ids_(std::make_unique_for_overwrite<char[]>(bytes)),
        offsets_(std::make_unique_for_overwrite<int32_t[]>(customers + 1)) {
    offsets_[0] = 0;
  }

  void Add(std::string_view id) {
    std::memcpy(ids_.get() + offsets_[size_], id.data(), id.size());
    offsets_[size_ + 1] = offsets_[size_] + static_cast<int32_t>(id.size());  // of the segments' ids, which fit
    ++size_;
  }

  std::span<const int32_t> offsets() const { return {offsets_.get(), size_ + 1}; }
  std::string_view ids() const { return {ids_.get(), static_cast<size_t>(offsets_[size_])}; }

 private:
  std::unique_ptr<char[]> ids_;
  std::unique_ptr<int32_t[]> offsets_;
  size_t size_ = 0;
};

// All views of a shard while they are made, its customers one after another.
class ShardViews {
 public:
  ShardViews(const FeatureDates& dates, size_t customers_max, size_t id_bytes_max, DayVisitor* visitor)
      : has_holdout_(dates.holdout_days > 0),
        dates_(ViewDates(dates)),
        history_(dates_, dates.as_of - 2 * dates.holdout_days),
        ids_(customers_max, id_bytes_max),
        visitor_(visitor) {
    for (size_t v = 0; v < dates_.size(); ++v) {
      views_.emplace_back(dates_[v], customers_max, /*is_holdout=*/v >= cutoffs());
    }
  }

  absl::Status Add(const KnownCustomer& customer, const DaySpans& days, bool is_known, FeatureResult* result) {
    STRATA_RETURN_IF_ERROR(history_.Read(customer.hash, days));
    CountRows(days, result);
    if (!history_.IsIn(0) && !is_known) return absl::OkStatus();
    ids_.Add(customer.id);
    views_[0].Add(customer.hash, history_, 0, -1);
    if (visitor_ != nullptr) visitor_->Visit(static_cast<size_t>(result->customers), UpTo(dates_[0], days));
    ++result->customers;
    result->customers_with_purchase += history_.Until(0, kDate).purchase_days > 0;
    for (size_t v = 1; v < cutoffs(); ++v) {
      if (!history_.IsIn(v)) break;
      // The horizon of a view ends at the date of the one before.
      const int32_t future = history_.Until(v - 1, kDate).purchase_days - history_.Until(v, kDate).purchase_days;
      if (visitor_ != nullptr) visitor_->VisitCutoff(v - 1, views_[v].size(), UpTo(dates_[v], days));
      views_[v].Add(customer.hash, history_, v, future);
    }
    if (has_holdout_ && history_.IsIn(cutoffs())) AddToHoldout(customer.hash);
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Encode(const FeatureDates& dates) const {
    std::vector<CustomerColumns> columns;
    for (const ViewColumns& view : views_) columns.push_back(view.View());
    return EncodeFeatures(columns, ids_.offsets(), ids_.ids(), dates);
  }

 private:
  // The as_of view and its cutoffs, newest first, then that of the hold-out.
  static std::vector<Day> ViewDates(const FeatureDates& dates) {
    std::vector<Day> result = {dates.as_of};
    for (int back = 1; dates.has_churn && back <= dates.churn_views; ++back) {
      result.push_back(dates.as_of - back * dates.churn_horizon_days);
    }
    if (dates.holdout_days > 0) result.push_back(dates.as_of - dates.holdout_days);
    return result;
  }
  size_t cutoffs() const { return dates_.size() - (has_holdout_ ? 1 : 0); }

  void AddToHoldout(uint64_t hash) {
    const size_t v = cutoffs();
    const SumsUntil &now = history_.Until(0, kDate), &then = history_.Until(v, kDate);
    views_[v].Add(hash, history_, v, now.purchase_days - then.purchase_days);
    // No sum over any of the days leaves its bits, so the difference of two does not either.
    views_[v].AddHoldout(now.net_micros - then.net_micros, then.purchase_days - history_.purchase_days_until_other());
  }

  static DaySpans UpTo(Day date, const DaySpans& parts) {
    const auto end = std::upper_bound(parts.day.begin(), parts.day.end(), date);
    return parts.Part(0, static_cast<size_t>(end - parts.day.begin()));
  }

  void CountRows(const DaySpans& parts, FeatureResult* result) const {
    if (parts.size() == 0 || parts.day.back() <= dates_[0]) {
      result->rows += history_.all().rows;
      return;
    }
    for (size_t i = 0; i < parts.size(); ++i) {
      if (parts.day[i] <= dates_[0]) {
        result->rows += parts.rows[i];
      } else {
        result->rows_after_as_of_by_file[parts.file[i]] += parts.rows[i];
      }
    }
  }

  const bool has_holdout_;
  const std::vector<Day> dates_;
  CustomerHistory history_;
  IdColumn ids_;
  std::vector<ViewColumns> views_;
  DayVisitor* visitor_;
};

absl::Status CheckDates(const FeatureDates& dates) {
  if (dates.as_of < kFirstDay || dates.as_of > kLastDay) {
    return MakeError(absl::StatusCode::kInvalidArgument, "DATE_IMPOSSIBLE",
                     fmt::format("as_of is day {}, allowed are {} to {}", dates.as_of, kFirstDay, kLastDay));
  }
  if (dates.has_churn && (dates.churn_horizon_days < 1 || dates.churn_horizon_days > kLastDay - kFirstDay)) {
    return MakeError(
        absl::StatusCode::kInvalidArgument, "HORIZON_IMPOSSIBLE",
        fmt::format("churn horizon is {} days, allowed are 1 to {}", dates.churn_horizon_days, kLastDay - kFirstDay));
  }
  if (dates.has_churn && (dates.churn_views < kChurnViews || dates.churn_views > kMaxChurnViews)) {
    return MakeError(
        absl::StatusCode::kInvalidArgument, "HORIZON_IMPOSSIBLE",
        fmt::format("{} cutoffs of churn, allowed are {} to {}", dates.churn_views, kChurnViews, kMaxChurnViews));
  }
  if (dates.holdout_days < 0 || dates.holdout_days > kLastDay - kFirstDay) {
    return MakeError(absl::StatusCode::kInvalidArgument, "HOLDOUT_IMPOSSIBLE",
                     fmt::format("hold-out is {} days, allowed are 1 to {}", dates.holdout_days, kLastDay - kFirstDay));
  }
  return absl::OkStatus();
}

}  // namespace

void DayVisitor::VisitCutoff(size_t, size_t, const DaySpans&) {}

absl::StatusOr<FeatureResult> BuildFeatures(const LedgerShard& shard, const FeatureDates& dates,
                                            std::span<const KnownCustomer> known, DayVisitor* visitor) {
  STRATA_RETURN_IF_ERROR(CheckDates(dates));
  std::vector<SegmentSpans> segments;
  size_t customers_max = known.size(), id_bytes_max = 0;
  for (const LedgerSegment& segment : shard.segments) {
    segments.push_back(segment.columns());
    customers_max += segment.customers();
    id_bytes_max += static_cast<size_t>(segments.back().id_offsets.back());
  }
  for (const KnownCustomer& customer : known) id_bytes_max += customer.id.size();
  ShardViews views(dates, customers_max, id_bytes_max, visitor);
  MergedRows customers(std::move(segments), shard.removed_files);
  FeatureResult result;
  auto next = known.begin();
  while (customers.Next()) {
    const KnownCustomer customer{customers.hash(), customers.id()};
    for (; next != known.end() && *next < customer; ++next) {
      STRATA_RETURN_IF_ERROR(views.Add(*next, {}, /*is_known=*/true, &result));
    }
    const bool is_known = next != known.end() && *next == customer;
    if (is_known) ++next;
    STRATA_RETURN_IF_ERROR(views.Add(customer, customers.days(), is_known, &result));
  }
  STRATA_RETURN_IF_ERROR(customers.status());
  for (; next != known.end(); ++next) STRATA_RETURN_IF_ERROR(views.Add(*next, {}, /*is_known=*/true, &result));
  STRATA_ASSIGN_OR_RETURN(result.bytes, views.Encode(dates));
  return result;
}

}  // namespace strata

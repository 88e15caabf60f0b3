#include "data/ledger/features.h"

#include <fmt/format.h>

#include "base/int128.h"
#include "data/ledger/batch_check.h"
#include "data/ledger/day_sum.h"
#include "data/ledger/feature_columns.h"
#include "data/ledger/merged_rows.h"

namespace strata {
namespace {

// A day of a customer over all files.
struct DayTotal {
  Day day = 0;
  int64_t net_micros = 0;
  int64_t rows = 0;
  int64_t return_rows = 0;

  bool IsPurchase() const { return rows > return_rows; }
};

// One customer as of one date. No sum leaves 64 bits: SumDays has seen to that. Which days lie in which window is as
// good as random to a processor, so it is multiplied and not branched upon.
struct CustomerFacts {
  int64_t net_micros = 0, repeat_net_micros = 0, net_micros_90 = 0, net_micros_365 = 0;
  int64_t rows = 0, return_rows = 0, squared_gap_days = 0;
  int32_t purchase_days = 0, purchase_days_30 = 0, purchase_days_90 = 0, purchase_days_180 = 0, purchase_days_365 = 0;
  int32_t future_purchase_days = 0;
  Day first_day = 0, last_day = 0;

  void AddDay(const DayTotal& total, Day as_of) {
    const Day age_days = as_of - total.day;
    net_micros += total.net_micros;
    net_micros_90 += total.net_micros * (age_days < 90);
    net_micros_365 += total.net_micros * (age_days < 365);
    rows += total.rows;
    return_rows += total.return_rows;
    if (total.IsPurchase()) AddPurchase(total, age_days);
  }

 private:
  void AddPurchase(const DayTotal& total, Day age_days) {
    const int32_t is_repeat = purchase_days > 0;
    const int64_t gap_days = int64_t{total.day - last_day} * is_repeat;
    first_day = is_repeat != 0 ? first_day : total.day;
    repeat_net_micros += total.net_micros * is_repeat;
    squared_gap_days += gap_days * gap_days;
    last_day = total.day;
    ++purchase_days;
    purchase_days_30 += age_days < 30;
    purchase_days_90 += age_days < 90;
    purchase_days_180 += age_days < 180;
    purchase_days_365 += age_days < 365;
  }
};

// The columns of one view while it is made.
class ViewColumns {
 public:
  // `horizon_days` after `as_of` are the label; 0: not known yet.
  ViewColumns(Day as_of, int horizon_days) : as_of_(as_of), horizon_days_(horizon_days) {}

  // At most so many customers are added, with ids of about so many bytes.
  void Reserve(size_t customers, size_t id_bytes) {
    hash_.reserve(customers);
    ids_.reserve(id_bytes);
    id_offsets_.reserve(customers + 1);
    for (std::vector<int64_t>* column :
         {&net_micros_, &repeat_net_micros_, &net_micros_90_, &net_micros_365_, &squared_gap_days_}) {
      column->reserve(customers);
    }
    for (std::vector<int32_t>* column :
         {&purchase_days_, &rows_, &return_rows_, &purchase_days_30_, &purchase_days_90_, &purchase_days_180_,
          &purchase_days_365_, &future_purchase_days_, &first_day_, &last_day_}) {
      column->reserve(customers);
    }
  }

  // `days` ascend. A customer without a row up to the date is not in the view.
  void Add(uint64_t hash, std::string_view id, std::span<const DayTotal> days) {
    if (days.empty() || days.front().day > as_of_) return;
    CustomerFacts facts;
    size_t i = 0;
    for (; i < days.size() && days[i].day <= as_of_; ++i) facts.AddDay(days[i], as_of_);
    for (; i < days.size() && days[i].day - as_of_ <= horizon_days_; ++i) {
      facts.future_purchase_days += days[i].IsPurchase();
    }
    if (horizon_days_ == 0) facts.future_purchase_days = -1;
    Append(hash, id, facts);
  }

  FeatureView View() const {
    FeatureView view{.id_offsets = id_offsets_, .ids = ids_};
    CustomerColumns& c = view.columns;
    c.as_of = as_of_;
    c.hash = hash_;
    c.purchase_days = purchase_days_;
    c.first_day = first_day_;
    c.last_day = last_day_;
    c.net_micros = net_micros_;
    c.repeat_net_micros = repeat_net_micros_;
    c.rows = rows_;
    c.return_rows = return_rows_;
    c.purchase_days_30 = purchase_days_30_;
    c.purchase_days_90 = purchase_days_90_;
    c.purchase_days_180 = purchase_days_180_;
    c.purchase_days_365 = purchase_days_365_;
    c.net_micros_90 = net_micros_90_;
    c.net_micros_365 = net_micros_365_;
    c.squared_gap_days = squared_gap_days_;
    c.future_purchase_days = future_purchase_days_;
    return view;
  }

 private:
  void Append(uint64_t hash, std::string_view id, const CustomerFacts& facts) {
    hash_.push_back(hash);
    ids_.append(id);
    id_offsets_.push_back(static_cast<int32_t>(ids_.size()));  // a subset of the segment's ids, which fit
    purchase_days_.push_back(facts.purchase_days);
    first_day_.push_back(facts.first_day);
    last_day_.push_back(facts.last_day);
    net_micros_.push_back(facts.net_micros);
    repeat_net_micros_.push_back(facts.repeat_net_micros);
    rows_.push_back(static_cast<int32_t>(facts.rows));
    return_rows_.push_back(static_cast<int32_t>(facts.return_rows));
    purchase_days_30_.push_back(facts.purchase_days_30);
    purchase_days_90_.push_back(facts.purchase_days_90);
    purchase_days_180_.push_back(facts.purchase_days_180);
    purchase_days_365_.push_back(facts.purchase_days_365);
    net_micros_90_.push_back(facts.net_micros_90);
    net_micros_365_.push_back(facts.net_micros_365);
    squared_gap_days_.push_back(facts.squared_gap_days);
    future_purchase_days_.push_back(facts.future_purchase_days);
  }

  Day as_of_;
  int horizon_days_;
  std::vector<uint64_t> hash_;
  std::string ids_;
  std::vector<int32_t> id_offsets_ = {0};
  std::vector<int32_t> purchase_days_, rows_, return_rows_, future_purchase_days_;
  std::vector<int32_t> purchase_days_30_, purchase_days_90_, purchase_days_180_, purchase_days_365_;
  std::vector<Day> first_day_, last_day_;
  std::vector<int64_t> net_micros_, repeat_net_micros_, net_micros_90_, net_micros_365_, squared_gap_days_;
};

// Days of a customer, summed over files. OUT_OF_RANGE when a sum over any of them could leave its column.
absl::Status SumDays(uint64_t hash, const DaySpans& parts, std::vector<DayTotal>* days) {
  days->clear();
  DaySum all;
  for (size_t i = 0; i < parts.size();) {
    const Day day = parts.day[i];
    DaySum sum;
    for (; i < parts.size() && parts.day[i] == day; ++i) {
      sum.Add(parts.net_micros[i], parts.rows[i], parts.return_rows[i]);
    }
    all.net_micros += sum.net_micros < 0 ? -sum.net_micros : sum.net_micros;
    all.rows += sum.rows;
    days->push_back({day, static_cast<int64_t>(sum.net_micros), sum.rows, sum.return_rows});
  }
  if (all.Fits()) return absl::OkStatus();
  return MakeError(absl::StatusCode::kOutOfRange, "NET_OVERFLOW",
                   fmt::format("customer {}: the nets of all days, or the rows, leave their columns", Hex(hash)),
                   {{"customer_hash", Hex(hash)}});
}

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
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FeatureResult> BuildFeatures(const LedgerShard& shard, const FeatureDates& dates) {
  STRATA_RETURN_IF_ERROR(CheckDates(dates));
  std::vector<ViewColumns> views = {{dates.as_of, 0}};
  if (dates.has_churn) {
    for (int back = 1; back <= 2; ++back) {
      views.emplace_back(dates.as_of - back * dates.churn_horizon_days, dates.churn_horizon_days);
    }
  }
  FeatureResult result;
  std::vector<SegmentSpans> segments;
  size_t customers_max = 0, id_bytes = 0;
  for (const LedgerSegment& segment : shard.segments) {
    segments.push_back(segment.columns());
    customers_max += segment.customers();
    id_bytes += static_cast<size_t>(segments.back().id_offsets.back());
  }
  for (ViewColumns& view : views) view.Reserve(customers_max, id_bytes);
  MergedRows customers(std::move(segments), shard.removed_files);
  std::vector<DayTotal> days;
  while (customers.Next()) {
    const DaySpans& parts = customers.days();
    STRATA_RETURN_IF_ERROR(SumDays(customers.hash(), parts, &days));
    for (ViewColumns& view : views) view.Add(customers.hash(), customers.id(), days);
    for (size_t i = 0; i < parts.size(); ++i) {
      if (parts.day[i] <= dates.as_of) {
        result.rows += parts.rows[i];
      } else {
        result.rows_after_as_of_by_file[parts.file[i]] += parts.rows[i];
      }
    }
  }
  STRATA_RETURN_IF_ERROR(customers.status());
  std::vector<FeatureView> encoded;
  for (const ViewColumns& view : views) encoded.push_back(view.View());
  const CustomerColumns& today = encoded[0].columns;
  result.customers = static_cast<int64_t>(today.size());
  for (const int32_t purchase_days : today.purchase_days) result.customers_with_purchase += purchase_days > 0;
  STRATA_ASSIGN_OR_RETURN(result.bytes, EncodeFeatures(encoded, dates));
  return result;
}

}  // namespace strata

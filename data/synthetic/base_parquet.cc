#include "data/synthetic/base_parquet.h"

#include <numeric>

#include "data/synthetic/parquet_columns.h"
#include "data/synthetic/purposes.h"
#include "data/synthetic/row_values.h"

namespace strata {
namespace {

constexpr int64_t kMillisPerSecond = 1000;

std::shared_ptr<arrow::Array> NamesOf(std::span<const std::string_view> names) {
  return TextsOf(names.size(), [&](size_t i) { return names[i]; });
}

void AddIds(const World& world, uint32_t first_customer, uint32_t customers, ColumnsOver<SyntheticRow>* columns) {
  using Id = std::optional<int64_t>;
  columns->Add<int64_t>("transaction_id", arrow::int64(), [](const SyntheticRow& row) {
    return row.dirt == DirtyKind::kMissingTransactionId ? Id() : Id(row.transaction_id);
  });
  const auto ids = TextsOf(customers, [&](size_t i) { return CustomerId(first_customer + static_cast<uint32_t>(i)); });
  columns->AddText("customer_id", ids, [&](const SyntheticRow& row) {
    return row.dirt == DirtyKind::kMissingCustomer ? std::nullopt : std::optional(row.customer - first_customer);
  });
  const int64_t bad = int64_t{kBadYear - 1970} * 366 * kSecondsPerDay;  // in that year or a little later
  const int64_t midnight = int64_t{world.options.first_day} * kSecondsPerDay;
  columns->Add<int64_t>("time", arrow::timestamp(arrow::TimeUnit::MILLI), [&](const SyntheticRow& row) {
    return (row.dirt == DirtyKind::kBadDate ? bad : midnight + row.second) * kMillisPerSecond;
  });
}

void AddMoney(const World& world, ColumnsOver<SyntheticRow>* columns) {
  columns->AddCents("amount", [](const SyntheticRow& row) {
    return row.dirt == DirtyKind::kBadAmount ? std::nullopt : std::optional(row.amount_cents);
  });
  columns->Add<int32_t>("quantity", arrow::int32(), [](const SyntheticRow& row) { return row.quantity; });
  columns->AddCents("unit_price", [](const SyntheticRow& row) { return row.unit_price_cents; });
  const std::array<std::string_view, 2> currencies = {world.options.currency, kOtherCurrency};
  columns->AddText("currency", NamesOf(currencies),
                   [](const SyntheticRow& row) { return row.dirt == DirtyKind::kOtherCurrency ? 1 : 0; });
  columns->AddFlag("is_return", [](const SyntheticRow& row) { return row.is_return; });
}

void AddContent(const World& world, ColumnsOver<SyntheticRow>* columns) {
  const int64_t midnight = int64_t{world.options.first_day} * kSecondsPerDay;
  columns->Add<int64_t>("updated_at", arrow::timestamp(arrow::TimeUnit::MILLI),
                        [&](const SyntheticRow& row) { return (midnight + UpdatedAt(row)) * kMillisPerSecond; });
  columns->Add<int64_t>("order_id", arrow::int64(), [](const SyntheticRow& row) { return row.order_id; });
  columns->AddText("product_id", TextsOf(kProductCount, [](size_t i) { return ProductId(static_cast<uint32_t>(i)); }),
                   [](const SyntheticRow& row) { return row.product; });
  columns->AddText("region", NamesOf(kRegionNames), [](const SyntheticRow& row) { return row.region; });
  columns->AddText("channel", NamesOf(kChannelNames), [](const SyntheticRow& row) { return row.channel; });
  const auto promotions = TextsOf(kPromotions, [](size_t i) { return PromotionId(static_cast<uint32_t>(i + 1)); });
  columns->AddText("promotion_id", promotions, [](const SyntheticRow& row) {
    return row.promotion > 0 ? std::optional(row.promotion - 1) : std::nullopt;
  });
  const Day first = world.options.first_day;
  columns->Add<int32_t>("due_date", arrow::date32(), [first](const SyntheticRow& row) {
    return row.invoiced ? std::optional(first + DayOf(row) + kDueDays) : std::nullopt;
  });
  columns->Add<int32_t>("payment_date", arrow::date32(), [first](const SyntheticRow& row) {
    return row.payment_day != SyntheticRow::kNoDay ? std::optional(first + row.payment_day) : std::nullopt;
  });
}

}  // namespace

absl::StatusOr<std::string> EncodeTransactionsParquet(const World& world, const std::vector<SyntheticRow>& rows,
                                                      uint32_t first_customer, uint32_t customers) {
  ColumnsOver<SyntheticRow> columns(rows);
  AddIds(world, first_customer, customers, &columns);
  AddMoney(world, &columns);
  AddContent(world, &columns);
  if (world.catalogue.has_value()) {
    columns.AddCents(kSyntheticCostColumns[0], DiscountCents);
    columns.AddCents(kSyntheticCostColumns[1],
                     [&](const SyntheticRow& row) { return world.catalogue->CostCents(row); });
  }
  return EncodeParquet(*columns.Finish());
}

struct TruthParquet::Columns {
  explicit Columns(const World& base)
      : world(base),
        groups(TextsOf(base.groups.size(), [&](size_t i) { return base.groups[i].shape.name; })),
        regions(NamesOf(kRegionNames)),
        channels(NamesOf(kChannelNames)),
        reasons(NamesOf(kLeavingReasonNames)),
        night_lives(NamesOf(kNightLifeNames)),
        causes(NamesOf(kChurnCauseNames)) {}

  const World& world;
  std::shared_ptr<arrow::Array> groups, regions, channels, reasons, night_lives, causes;
  ParquetText file;
};

TruthParquet::TruthParquet(const World& world) : columns_(std::make_unique<Columns>(world)) {}
TruthParquet::~TruthParquet() = default;

absl::Status TruthParquet::Append(uint32_t first_customer, std::span<const CustomerTruth> truths) {
  using Truth = CustomerTruth;
  const Columns& texts = *columns_;
  const Day first = texts.world.options.first_day;
  ColumnsOver<Truth> columns(truths);
  const auto ids =
      TextsOf(truths.size(), [&](size_t i) { return CustomerId(first_customer + static_cast<uint32_t>(i)); });
  columns.AddText("customer_id", ids, [&](const Truth& truth) { return &truth - truths.data(); });
  columns.AddText("planted_group", texts.groups, [](const Truth& truth) { return truth.group; });
  columns.Add<double>("purchases_per_week", arrow::float64(), [](const Truth& truth) { return truth.rate_per_week; });
  columns.Add<double>("drop_probability", arrow::float64(), [](const Truth& truth) { return truth.drop_probability; });
  columns.Add<double>("mean_spend", arrow::float64(), [](const Truth& truth) { return truth.mean_spend; });
  columns.AddFlag("alive", [](const Truth& truth) { return truth.alive; });
  columns.AddFlag("winding_down", [](const Truth& truth) { return truth.winding_down; });
  columns.AddText("churn_reason", texts.reasons, [](const Truth& truth) {
    const bool leaves = !truth.alive || truth.winding_down;
    return leaves ? std::optional(static_cast<int>(truth.reason)) : std::nullopt;
  });
  columns.AddText("region", texts.regions, [](const Truth& truth) { return truth.region; });
  columns.AddText("channel", texts.channels, [](const Truth& truth) { return truth.channel; });
  columns.Add<int32_t>("first_purchase_date", arrow::date32(),
                       [first](const Truth& truth) { return first + truth.first_day; });
  columns.Add<int32_t>("last_purchase_date", arrow::date32(),
                       [first](const Truth& truth) { return first + truth.last_purchase_day; });
  columns.Add<int32_t>("purchases", arrow::int32(), [](const Truth& truth) { return truth.purchases; });
  columns.Add<int32_t>("purchase_days", arrow::int32(), [](const Truth& truth) { return truth.purchase_days; });
  columns.Add<int32_t>("rows", arrow::int32(), [](const Truth& truth) { return truth.rows; });
  columns.Add<int32_t>("return_rows", arrow::int32(), [](const Truth& truth) { return truth.return_rows; });
  columns.AddCents("net", [](const Truth& truth) { return truth.net_cents; });
  if (texts.world.options.shape == BaseShape::kNights) {
    columns.AddText("night_life", texts.night_lives, [](const Truth& truth) { return truth.night_life; });
    columns.Add<int32_t>("night", arrow::int32(), [](const Truth& truth) {
      return truth.night > 0 ? std::optional(int32_t{truth.night}) : std::nullopt;
    });
  }
  if (texts.world.options.shape == BaseShape::kCauses) {
    const auto if_caused = [](const Truth& truth, int32_t value) {
      return truth.cause != ChurnCause::kNone ? std::optional(value) : std::nullopt;
    };
    columns.AddText("cause", texts.causes,
                    [=](const Truth& truth) { return if_caused(truth, static_cast<int32_t>(truth.cause)); });
    columns.Add<int32_t>("cause_cutoff", arrow::date32(),
                         [=](const Truth& truth) { return if_caused(truth, first + truth.cause_cutoff_day); });
    columns.AddFlag("cause_leaves", [](const Truth& truth) { return truth.cause_leaves; });
  }
  return columns_->file.Append(*columns.Finish());
}

absl::StatusOr<std::string> TruthParquet::Finish() { return columns_->file.Finish(); }

absl::StatusOr<std::string> EncodeProductsParquet(const World& world) {
  const std::vector<int64_t>& prices = world.list_price_cents;
  const std::vector<double> weights = ZipfWeights(kProductCount, kZipfExponent);
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  ColumnsOver<int64_t> columns(prices);
  const auto place = [&](const int64_t& price) { return static_cast<size_t>(&price - prices.data()); };
  columns.AddText("product_id", TextsOf(kProductCount, [](size_t i) { return ProductId(static_cast<uint32_t>(i)); }),
                  place);
  columns.Add<int32_t>("rank", arrow::int32(), [&](const int64_t& price) { return place(price) + 1; });
  columns.Add<double>("probability", arrow::float64(),
                      [&](const int64_t& price) { return weights[place(price)] / sum; });
  columns.AddCents("list_price", [](const int64_t& price) { return price; });
  return EncodeParquet(*columns.Finish());
}

}  // namespace strata

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "base/hash.h"
#include "data/ledger/arrow_bytes.h"
#include "data/ledger/feature_columns.h"
#include "data/snapshot/outlook_fields.h"
#include "data/snapshot/parquet_bytes.h"
#include "data/snapshot/scores_columns.h"
#include "data/snapshot/snapshot.h"
#include "model/churn/reasons.h"
#include "model/classes/schemes.h"
#include "model/cluster_columns.h"
#include "model/columns.h"

namespace strata {
namespace {

constexpr int kMicrosDigits = 6;    // decimals of micros
constexpr int kDecimalDigits = 38;  // all that decimal128 has

// The columns of scores, row by row of `rows`; what is absent is null.
class ScoreColumns {
 public:
  explicit ScoreColumns(const std::vector<ScoredCustomer>& rows) : rows_(rows), table_(rows.size()) {}

  void AddScores();
  void AddFeatures(const CustomerColumns& columns);
  void AddClasses(const FittedModels& models, const ClassCodes& classes);
  void AddProfile(const ColumnSet& columns);
  void AddClusters(const ClusterColumns& clusters);
  void AddChurn(const ChurnModel& model);

  // Of outlooks (VisitOutlook).
  void Number(std::string_view name, double CustomerOutlook::*member) {
    table_.Add<arrow::FloatBuilder>(std::string(name), arrow::float32(), [this, member](size_t i) {
      const auto value = static_cast<float>(rows_[i].score.outlook.*member);
      return std::isnan(value) ? std::nullopt : std::optional(value);
    });
  }
  void Date(std::string_view name, size_t place) {
    const auto day = [this, place](size_t i) { return rows_[i].score.outlook.next_purchase.at(place); };
    table_.Add<arrow::Date32Builder>(std::string(name), arrow::date32(), [day](size_t i) {
      const bool is_day = day(i) != kUnknownDay && day(i) != kNeverDay && day(i) != kBeyondDay;
      return is_day ? std::optional(day(i)) : std::nullopt;
    });
    for (const auto& [why, special] : {std::pair("never", kNeverDay), std::pair("beyond", kBeyondDay)}) {
      table_.Add<arrow::BooleanBuilder>(
          fmt::format("{}_{}", name, why), arrow::boolean(), [day, special = special](size_t i) {
            return day(i) == kUnknownDay ? std::nullopt : std::optional(day(i) == special);
          });
    }
  }
  void Count(std::string_view name, int32_t CustomerOutlook::*member) {
    table_.Add<arrow::Int32Builder>(std::string(name), arrow::int32(), [this, member](size_t i) {
      const int32_t count = rows_[i].score.outlook.*member;
      return count >= 0 ? std::optional(count) : std::nullopt;
    });
  }
  // Of the texts that were added: they have few distinct values.
  const std::vector<std::string>& texts() const { return texts_; }
  arrow::Result<std::shared_ptr<arrow::Table>> Finish() { return table_.Finish(); }

 private:
  void AddId() {
    table_.Add<arrow::StringBuilder>("customer_id", arrow::utf8(),
                                     [this](size_t i) { return std::optional(rows_[i].id); });
  }
  void AddDate(const char* name, Day CustomerScore::*member) {
    table_.Add<arrow::Date32Builder>(name, arrow::date32(), [this, member](size_t i) {
      return rows_[i].score.purchase_days > 0 ? std::optional(rows_[i].score.*member) : std::nullopt;
    });
  }
  void AddCount(const char* name, int32_t CustomerScore::*member) {
    table_.Add<arrow::Int32Builder>(name, arrow::int32(),
                                    [this, member](size_t i) { return std::optional(rows_[i].score.*member); });
  }
  void AddNet() {
    table_.Add<arrow::Decimal128Builder>("net", arrow::decimal128(kDecimalDigits, kMicrosDigits), [this](size_t i) {
      return std::optional(arrow::Decimal128(rows_[i].score.net_micros));
    });
  }
  void AddRfmScore(const char* name, uint8_t CustomerScore::*member) {
    table_.Add<arrow::Int32Builder>(name, arrow::int32(), [this, member](size_t i) {
      const int32_t score = rows_[i].score.*member;
      return score > 0 ? std::optional(score) : std::nullopt;
    });
  }
  void AddSegment() {
    table_.Add<arrow::StringBuilder>("rfm_segment", arrow::utf8(), [this](size_t i) {
      const RfmSegment segment = rows_[i].score.segment;
      return segment == RfmSegment::kNone ? std::nullopt : std::optional<std::string_view>(Name(segment));
    });
  }
  void AddCluster(const char* name, int16_t CustomerScore::*member) {
    table_.Add<arrow::Int32Builder>(name, arrow::int32(), [this, member](size_t i) {
      const int32_t cluster = rows_[i].score.*member;
      return cluster >= 0 ? std::optional(cluster + 1) : std::nullopt;  // people count clusters from 1
    });
  }
  void AddClusterDistance() {
    table_.Add<arrow::FloatBuilder>("cluster_distance", arrow::float32(), [this](size_t i) {
      const float distance = rows_[i].score.cluster_distance;
      return std::isnan(distance) ? std::nullopt : std::optional(distance);
    });
  }
  void AddNumber(const char* name, double CustomerScore::*member) {
    table_.Add<arrow::DoubleBuilder>(name, arrow::float64(), [this, member](size_t i) {
      const double value = rows_[i].score.*member;
      return std::isnan(value) ? std::nullopt : std::optional(value);
    });
  }
  void AddChurnNumber(const char* name, double CustomerChurn::*member) {
    table_.Add<arrow::DoubleBuilder>(name, arrow::float64(), [this, member](size_t i) {
      const double value = rows_[i].score.churn.*member;
      return std::isnan(value) ? std::nullopt : std::optional(value);
    });
  }
  void AddBand() {
    table_.Add<arrow::StringBuilder>("churn_band", arrow::utf8(), [this](size_t i) {
      const ChurnBand band = rows_[i].score.churn.band;
      return band == ChurnBand::kNone ? std::nullopt : std::optional<std::string_view>(Name(band));
    });
    texts_.emplace_back("churn_band");
  }
  // Of a reason; null where there is none, or the value is missing.
  void AddReasonNumber(const std::string& name, size_t place, float ChurnReason::*member) {
    table_.Add<arrow::FloatBuilder>(name, arrow::float32(), [this, place, member](size_t i) {
      const ChurnReason& reason = rows_[i].score.churn.reasons.at(place);
      const float value = reason.*member;
      return !reason.is_there() || std::isnan(value) ? std::nullopt : std::optional(value);
    });
  }
  // NaN: absent.
  void AddNumbers(const std::string& name, std::span<const double> values) {
    table_.Add<arrow::DoubleBuilder>(name, arrow::float64(), [values](size_t i) {
      return std::isnan(values[i]) ? std::nullopt : std::optional(values[i]);
    });
  }
  void AddFlag(const char* name, uint32_t flag) {
    table_.Add<arrow::BooleanBuilder>(
        name, arrow::boolean(), [this, flag](size_t i) { return std::optional((rows_[i].score.flags & flag) != 0); });
  }

  // Of micros or millionths.
  void AddDecimal(const std::string& name, std::span<const int64_t> values) {
    table_.Add<arrow::Decimal128Builder>(name, arrow::decimal128(kDecimalDigits, kMicrosDigits), [values](size_t i) {
      return values[i] == kNoWhole ? std::nullopt : std::optional(arrow::Decimal128(values[i]));
    });
  }
  void AddWords(const std::string& name, std::span<const int32_t> codes, std::span<const std::string> words) {
    table_.Add<arrow::StringBuilder>(name, arrow::utf8(), [codes, words](size_t i) {
      return codes[i] < 0 ? std::nullopt : std::optional<std::string_view>(words[static_cast<size_t>(codes[i])]);
    });
    texts_.push_back(name);
  }
  void AddColumn(const std::string& name, const Column& column);

  const std::vector<ScoredCustomer>& rows_;
  TableColumns table_;
  std::vector<std::string> texts_ = {"rfm_segment"};
};

void ScoreColumns::AddScores() {
  AddId();
  AddDate("first_purchase_date", &CustomerScore::first_day);
  AddDate("last_purchase_date", &CustomerScore::last_day);
  AddCount("purchase_days", &CustomerScore::purchase_days);
  AddCount("rows", &CustomerScore::rows);
  AddCount("return_rows", &CustomerScore::return_rows);
  AddNet();
  AddRfmScore("recency_score", &CustomerScore::recency_score);
  AddRfmScore("frequency_score", &CustomerScore::frequency_score);
  AddRfmScore("monetary_score", &CustomerScore::monetary_score);
  AddSegment();
  AddCluster("cluster", &CustomerScore::cluster);
  AddClusterDistance();
  AddCluster("second_cluster", &CustomerScore::second_cluster);
  AddNumber("cluster_silhouette", &CustomerScore::cluster_silhouette);
  AddNumber("p_alive", &CustomerScore::p_alive);
  AddNumber("expected_purchases", &CustomerScore::expected_purchases);
  AddNumber("p_no_purchase", &CustomerScore::p_no_purchase);
  AddNumber("expected_spend", &CustomerScore::expected_spend);
  AddNumber("lifetime_value", &CustomerScore::lifetime_value);
  AddNumber("churn_probability", &CustomerScore::churn_probability);
  VisitOutlook(*this);
  AddChurnNumber("churn_margin", &CustomerChurn::margin);
  AddChurnNumber("value_at_risk", &CustomerChurn::value_at_risk);
  AddBand();
  AddFlag("no_purchase", kFlagNoPurchase);
  AddFlag("spend_from_population", kFlagSpendFromPopulation);
  AddFlag("spend_not_positive", kFlagSpendNotPositive);
  AddFlag("churn_inactive", kFlagChurnInactive);
  AddFlag("outlier", kFlagOutlier);
  AddFlag("cluster_missing", kFlagClusterMissing);
  AddFlag("churn_from_lifetime", kFlagChurnFromLifetime);
}

// Every column but future_purchase_days, which nobody knows yet as of the run's date.
void ScoreColumns::AddFeatures(const CustomerColumns& columns) {
  VisitFeatureColumns([&]<typename T>(std::string_view name, std::span<const T> CustomerColumns::*member) {
    const std::span<const T> values = columns.*member;
    const std::string column = fmt::format("feature_{}", name);
    if (name == "first_day" || name == "last_day") {
      table_.Add<arrow::Date32Builder>(column, arrow::date32(), [&](size_t i) {
        return columns.purchase_days[i] > 0 ? std::optional(static_cast<Day>(values[i])) : std::nullopt;
      });
    } else if (name != "future_purchase_days") {
      table_.Add<typename arrow::CTypeTraits<T>::BuilderType>(column, arrow::CTypeTraits<T>::type_singleton(),
                                                              [&](size_t i) { return std::optional(values[i]); });
    }
  });
}

void ScoreColumns::AddClasses(const FittedModels& models, const ClassCodes& classes) {
  for (size_t slot = 0; slot < kSchemes; ++slot) {
    const std::vector<uint8_t>& codes = classes.codes.at(slot);
    if (codes.empty()) continue;
    const auto scheme = static_cast<SchemeId>(slot);
    const std::vector<std::string> names = ClassNamesOf(models, scheme);
    const std::string column = fmt::format("class_{}", Name(scheme));
    table_.Add<arrow::StringBuilder>(column, arrow::utf8(), [&](size_t i) {
      return codes[i] == 0 ? std::nullopt : std::optional<std::string_view>(names[codes[i] - 1u]);
    });
    texts_.push_back(column);
  }
  if (!classes.growth_potential.empty()) AddDecimal("growth_potential", classes.growth_potential);
}

void ScoreColumns::AddColumn(const std::string& name, const Column& column) {
  const std::span<const int64_t> whole = column.whole;
  const auto present = [whole](size_t i) { return whole[i] != kNoWhole; };
  switch (column.type) {
    case ColumnType::kMoney:
    case ColumnType::kShare:
      return AddDecimal(name, whole);
    case ColumnType::kText:
      return AddWords(name, column.code, column.words);
    case ColumnType::kDay:
      return table_.Add<arrow::Date32Builder>(name, arrow::date32(), [&](size_t i) {
        return present(i) ? std::optional(static_cast<Day>(whole[i])) : std::nullopt;
      });
    case ColumnType::kFlag:
      return table_.Add<arrow::BooleanBuilder>(
          name, arrow::boolean(), [&](size_t i) { return present(i) ? std::optional(whole[i] != 0) : std::nullopt; });
    case ColumnType::kNumber:
      return AddNumbers(name, column.number);
    case ColumnType::kInteger:
      return table_.Add<arrow::Int64Builder>(
          name, arrow::int64(), [&](size_t i) { return present(i) ? std::optional(whole[i]) : std::nullopt; });
  }
}

void ScoreColumns::AddProfile(const ColumnSet& columns) {
  for (const Column& column : columns.columns()) {
    const bool is_score = column.name == "margin" || column.name == "average_order";
    AddColumn(is_score ? column.name : fmt::format("feature_{}", column.name), column);
  }
}

void ScoreColumns::AddClusters(const ClusterColumns& clusters) {
  table_.Add<arrow::StringBuilder>("cluster_name", arrow::utf8(), [&](size_t i) {
    const auto found = clusters.names.find(rows_[i].score.cluster + 1);
    return found == clusters.names.end() ? std::nullopt : std::optional<std::string_view>(found->second);
  });
  texts_.emplace_back("cluster_name");
  for (const ClusterColumns::Number& feature : clusters.numbers) {
    AddNumbers(fmt::format("raw_{}", feature.name), feature.raw);
    table_.Add<arrow::Int32Builder>(fmt::format("scaled_{}", feature.name), arrow::int32(), [&](size_t i) {
      return feature.scaled[i] == kNoGridValue ? std::nullopt : std::optional(feature.scaled[i]);
    });
  }
  for (const ClusterColumns::Category& feature : clusters.categories) {
    AddWords(fmt::format("raw_{}", feature.name), feature.code, feature.words);
  }
  if (!clusters.weight.empty()) AddNumbers("cluster_weight", clusters.weight);
}

void ScoreColumns::AddChurn(const ChurnModel& model) {
  const std::vector<std::string> groups = GroupsOf(model.plan);
  const std::vector<ChurnFeature>& features = model.plan.features;
  for (size_t place = 0; place < kChurnReasons; ++place) {
    const std::string name = fmt::format("churn_reason_{}", place + 1);
    const auto reason = [this, place](size_t i) { return rows_[i].score.churn.reasons.at(place); };
    table_.Add<arrow::StringBuilder>(name, arrow::utf8(), [&, reason](size_t i) {
      const uint8_t group = reason(i).group;
      return group < groups.size() ? std::optional<std::string_view>(groups[group]) : std::nullopt;
    });
    table_.Add<arrow::StringBuilder>(name + "_feature", arrow::utf8(), [&, reason](size_t i) {
      const ChurnReason found = reason(i);
      const bool known = found.is_there() && found.feature < features.size();
      return known ? std::optional<std::string_view>(features[found.feature].name) : std::nullopt;
    });
    texts_.push_back(name);
    texts_.push_back(name + "_feature");
    AddReasonNumber(name + "_contribution", place, &ChurnReason::contribution);
    AddReasonNumber(name + "_value", place, &ChurnReason::value);
  }
}

absl::Status CheckSameCustomers(const std::vector<ScoredCustomer>& rows, const FeatureFile& features) {
  const CustomerColumns& today = features.features().today;
  bool same = rows.size() == today.size();
  for (size_t i = 0; same && i < rows.size(); ++i) {
    same = rows[i].hash == today.hash[i] && rows[i].id == features.id(i);
  }
  if (same) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInternal, "SCORES_MISMATCH",
                   fmt::format("{} scored customers are not the {} customers of the feature file, in its order",
                               rows.size(), today.size()));
}

}  // namespace

absl::StatusOr<std::string> EncodeScoresParquet(const std::vector<ScoredCustomer>& rows, const FeatureFile& features,
                                                const ScoredProfile& profile) {
  STRATA_RETURN_IF_ERROR(CheckSameCustomers(rows, features));
  ScoreColumns columns(rows);
  columns.AddScores();
  columns.AddFeatures(features.features().today);
  if (profile.columns != nullptr) {
    columns.AddClasses(*profile.models, *profile.classes);
    columns.AddProfile(*profile.columns);
  }
  if (profile.clusters != nullptr) columns.AddClusters(*profile.clusters);
  if (profile.churn != nullptr) columns.AddChurn(*profile.churn);
  auto table = columns.Finish();
  if (!table.ok()) return FromArrow(table.status(), "SNAPSHOT_CORRUPT", "scores");
  return WriteParquet(**table, columns.texts());
}

std::string DescribeScoresColumns() {
  ScoreColumns columns({});
  columns.AddScores();
  columns.AddFeatures({});
  columns.AddClusters({});
  columns.AddChurn({});
  const auto table = columns.Finish();
  return table.ok() ? (*table)->schema()->ToString() : table.status().ToString();
}

}  // namespace strata

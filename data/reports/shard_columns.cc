#include "data/reports/shard_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "data/ledger/feature_columns.h"
#include "data/snapshot/outlook_fields.h"
#include "model/churn/reasons.h"

namespace strata {

// Deques, so that what is viewed stays where it is.
struct ShardColumns::Arrays {
  ColumnSet set;
  std::deque<std::vector<int64_t>> whole;
  std::deque<std::vector<double>> number;
  std::deque<std::vector<int32_t>> code;
  std::deque<std::vector<std::string>> words;
};

namespace {

absl::Status Mismatch(std::string message) {
  return MakeError(absl::StatusCode::kInternal, "SCORES_MISMATCH", std::move(message));
}

template <typename Arrays>
class Maker {
 public:
  Maker(const FittedModels& models, const CustomerColumns& today, std::span<const CustomerScore> scores, Arrays* arrays)
      : models_(models), today_(today), scores_(scores), arrays_(arrays) {}

  void AddFacts();
  void AddScores();
  void AddClasses(const ClassCodes& classes);
  absl::Status AddProfile(const ColumnSet& profile);

  // Of outlooks (VisitOutlook). Numbers as a snapshot keeps them, whether it is there already or not.
  void Number(std::string_view name, double CustomerOutlook::*member) {
    std::vector<double>& values = arrays_->number.emplace_back(today_.size());
    for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(scores_[i].outlook.*member);
    Column column = Named(name, ColumnType::kNumber);
    column.number = values;
    arrays_->set.Add(std::move(column));
  }
  // What is never reached, or too far off, is no day.
  void Date(std::string_view name, size_t place) {
    Add(name, ColumnType::kDay, [&](size_t i) {
      const Day day = scores_[i].outlook.next_purchase.at(place);
      return day == kUnknownDay || day == kNeverDay || day == kBeyondDay ? kNoWhole : int64_t{day};
    });
  }
  void Count(std::string_view name, int32_t CustomerOutlook::*member) {
    Add(name, ColumnType::kInteger, [&](size_t i) {
      const int32_t count = scores_[i].outlook.*member;
      return count < 0 ? kNoWhole : int64_t{count};
    });
  }

 private:
  template <typename ValueOf>
  void Add(std::string_view name, ColumnType type, const ValueOf& value_of) {
    std::vector<int64_t>& values = arrays_->whole.emplace_back(today_.size());
    for (size_t i = 0; i < values.size(); ++i) values[i] = value_of(i);
    Column column = Named(name, type);
    column.whole = values;
    arrays_->set.Add(std::move(column));
  }
  // By its id.
  void AddCluster(std::string_view name, int16_t CustomerScore::*member) {
    Add(name, ColumnType::kInteger,
        [&](size_t i) { return scores_[i].*member >= 0 ? scores_[i].*member + int64_t{1} : kNoWhole; });
  }
  template <typename Number>
  void AddNumber(std::string_view name, Number CustomerScore::*member) {
    std::vector<double>& values = arrays_->number.emplace_back(today_.size());
    for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(scores_[i].*member);
    Column column = Named(name, ColumnType::kNumber);
    column.number = values;
    arrays_->set.Add(std::move(column));
  }
  void AddFlag(std::string_view name, uint32_t flag) {
    Add(name, ColumnType::kFlag, [&](size_t i) { return int64_t{(scores_[i].flags & flag) != 0}; });
  }
  void AddRank(std::string_view name, uint8_t CustomerScore::*member) {
    Add(name, ColumnType::kInteger,
        [&](size_t i) { return scores_[i].*member > 0 ? int64_t{scores_[i].*member} : kNoWhole; });
  }
  void AddChurnNumber(std::string_view name, double CustomerChurn::*member) {
    std::vector<double>& values = arrays_->number.emplace_back(today_.size());
    for (size_t i = 0; i < values.size(); ++i) values[i] = scores_[i].churn.*member;
    Column column = Named(name, ColumnType::kNumber);
    column.number = values;
    arrays_->set.Add(std::move(column));
  }
  // `words` ascending; a word that is not among them is absent.
  void AddWords(std::string_view name, std::vector<std::string> words,
                const std::function<std::string(const CustomerScore&)>& word_of);
  void AddReason(const ChurnPlan& plan);
  void AddScheme(SchemeId scheme, const std::vector<uint8_t>& codes);
  static Column Named(std::string_view name, ColumnType type) {
    Column column;
    column.name = name;
    column.type = type;
    return column;
  }
  int64_t IfBought(size_t i, int64_t value) const { return today_.purchase_days[i] > 0 ? value : kNoWhole; }

  const FittedModels& models_;
  const CustomerColumns& today_;
  const std::span<const CustomerScore> scores_;
  Arrays* arrays_;
};

template <typename Arrays>
void Maker<Arrays>::AddFacts() {
  Add("first_purchase_date", ColumnType::kDay, [&](size_t i) { return IfBought(i, today_.first_day[i]); });
  Add("last_purchase_date", ColumnType::kDay, [&](size_t i) { return IfBought(i, today_.last_day[i]); });
  Add("net", ColumnType::kMoney, [&](size_t i) { return today_.net_micros[i]; });
  Add("no_purchase", ColumnType::kFlag, [&](size_t i) { return int64_t{today_.purchase_days[i] == 0}; });
  VisitFeatureColumns([&]<typename T>(std::string_view name, std::span<const T> CustomerColumns::*member) {
    if (name == "future_purchase_days") return;  // nobody knows yet
    const std::span<const T> values = today_.*member;
    const bool is_day = name == "first_day" || name == "last_day";
    Add(name, is_day ? ColumnType::kDay : ColumnType::kInteger,
        [&](size_t i) { return is_day ? IfBought(i, values[i]) : int64_t{values[i]}; });
  });
}

template <typename Arrays>
void Maker<Arrays>::AddScores() {
  if (models_.rfm.has_value()) {
    AddRank("recency_score", &CustomerScore::recency_score);
    AddRank("frequency_score", &CustomerScore::frequency_score);
    AddRank("monetary_score", &CustomerScore::monetary_score);
  }
  if (models_.clustering.has_value()) {
    AddCluster("cluster", &CustomerScore::cluster);
    AddNumber("cluster_distance", &CustomerScore::cluster_distance);
    AddCluster("second_cluster", &CustomerScore::second_cluster);
    AddFlag("outlier", kFlagOutlier);
    AddFlag("cluster_missing", kFlagClusterMissing);
  }
  if (models_.lifetime.has_value()) {
    AddNumber("p_alive", &CustomerScore::p_alive);
    AddNumber("expected_purchases", &CustomerScore::expected_purchases);
    AddNumber("p_no_purchase", &CustomerScore::p_no_purchase);
    AddNumber("expected_spend", &CustomerScore::expected_spend);
    AddNumber("lifetime_value", &CustomerScore::lifetime_value);
    VisitOutlook(*this);
    AddFlag("spend_from_population", kFlagSpendFromPopulation);
    AddFlag("spend_not_positive", kFlagSpendNotPositive);
  }
  if (models_.churn.has_value()) {
    AddNumber("churn_probability", &CustomerScore::churn_probability);
    AddChurnNumber("churn_margin", &CustomerChurn::margin);
    AddWords("churn_band", {"high", "low", "medium"},
             [](const CustomerScore& score) { return std::string(Name(score.churn.band)); });
    AddChurnNumber("value_at_risk", &CustomerChurn::value_at_risk);
    AddReason(models_.churn->plan);
    AddFlag("churn_inactive", kFlagChurnInactive);
    AddFlag("churn_from_lifetime", kFlagChurnFromLifetime);
  }
}

template <typename Arrays>
void Maker<Arrays>::AddWords(std::string_view name, std::vector<std::string> words,
                             const std::function<std::string(const CustomerScore&)>& word_of) {
  const std::vector<std::string>& ascending = arrays_->words.emplace_back(std::move(words));
  std::vector<int32_t>& values = arrays_->code.emplace_back(today_.size(), -1);
  for (size_t i = 0; i < values.size(); ++i) {
    const std::string word = word_of(scores_[i]);
    const auto found = std::lower_bound(ascending.begin(), ascending.end(), word);
    if (found != ascending.end() && *found == word) values[i] = static_cast<int32_t>(found - ascending.begin());
  }
  Column column = Named(name, ColumnType::kText);
  column.code = values;
  column.words = ascending;
  arrays_->set.Add(std::move(column));
}

// The group of the strongest reason that raises the risk.
template <typename Arrays>
void Maker<Arrays>::AddReason(const ChurnPlan& plan) {
  const std::vector<std::string> groups = GroupsOf(plan);
  std::vector<std::string> words = groups;
  std::sort(words.begin(), words.end());
  AddWords("churn_reason", std::move(words), [&groups](const CustomerScore& score) {
    const ChurnReason& reason = score.churn.reasons[0];
    return reason.group < groups.size() && reason.contribution > 0 ? groups[reason.group] : std::string();
  });
}

template <typename Arrays>
void Maker<Arrays>::AddScheme(SchemeId scheme, const std::vector<uint8_t>& codes) {
  const std::vector<std::string> names = ClassNamesOf(models_, scheme);
  std::vector<std::string>& words = arrays_->words.emplace_back(names);
  std::sort(words.begin(), words.end());
  std::vector<int32_t> word_of(names.size() + 1, -1);  // by class code
  for (size_t i = 0; i < names.size(); ++i) {
    word_of[i + 1] = static_cast<int32_t>(std::lower_bound(words.begin(), words.end(), names[i]) - words.begin());
  }
  std::vector<int32_t>& values = arrays_->code.emplace_back(today_.size(), -1);
  for (size_t i = 0; i < codes.size(); ++i) values[i] = word_of.at(codes[i]);
  Column column = Named(scheme == SchemeId::kRfm ? "rfm_segment" : Name(scheme), ColumnType::kText);
  column.code = values;
  column.words = words;
  arrays_->set.Add(std::move(column));
}

template <typename Arrays>
void Maker<Arrays>::AddClasses(const ClassCodes& classes) {
  for (size_t place = 0; place < kSchemes; ++place) {
    const auto scheme = static_cast<SchemeId>(place);
    if (HasScheme(models_, scheme)) AddScheme(scheme, classes.codes.at(place));
  }
  if (!models_.schemes.has_value() || !models_.schemes->peers.has_value()) return;
  Add("growth_potential", ColumnType::kMoney, [&](size_t i) { return classes.growth_potential[i]; });
}

template <typename Arrays>
absl::Status Maker<Arrays>::AddProfile(const ColumnSet& profile) {
  for (const Column& column : profile.columns()) {
    if (arrays_->set.Find(column.name) != nullptr) return Mismatch(fmt::format("two columns are {}", column.name));
    arrays_->set.Add(column);
  }
  return absl::OkStatus();
}

bool AllOrNone(const std::vector<uint8_t>& codes, size_t rows, bool asked) {
  return codes.size() == (asked ? rows : 0);
}

}  // namespace

bool HasScheme(const FittedModels& models, SchemeId scheme) {
  switch (scheme) {
    case SchemeId::kRfm:
    case SchemeId::kRfmTen:
    case SchemeId::kRfmEight:
      return models.rfm.has_value();
    default:
      break;
  }
  if (!models.schemes.has_value()) return false;
  const SchemeModels& schemes = *models.schemes;
  switch (scheme) {
    case SchemeId::kValueClass:
    case SchemeId::kGrade:
    case SchemeId::kCore:
    case SchemeId::kNeedClass:
      return schemes.value.has_value();
    case SchemeId::kCustomerKind:
    case SchemeId::kStage:
      return schemes.value.has_value() && schemes.life_cycle.has_value();
    case SchemeId::kLifeCycle:
      return schemes.life_cycle.has_value();
    default:
      break;
  }
  return schemes.levels.at(static_cast<size_t>(scheme) - static_cast<size_t>(SchemeId::kValueLevel)).has_value();
}

const ColumnSet& ShardColumns::set() const { return arrays_->set; }

absl::StatusOr<ShardColumns> ShardColumns::Make(const FittedModels& models, const CustomerColumns& today,
                                                std::span<const CustomerScore> scores, const ClassCodes& classes,
                                                const ColumnSet* profile) {
  const size_t rows = today.size();
  // A profile without columns is of any number of customers.
  const size_t profiles = profile == nullptr || profile->columns().empty() ? rows : profile->rows();
  if (scores.size() != rows || profiles != rows) {
    return Mismatch(fmt::format("{} customers have {} scores and {} profiles", rows, scores.size(), profiles));
  }
  for (size_t place = 0; place < kSchemes; ++place) {
    if (AllOrNone(classes.codes.at(place), rows, HasScheme(models, static_cast<SchemeId>(place)))) continue;
    return Mismatch(fmt::format("{} customers have {} classes of {}", rows, classes.codes.at(place).size(),
                                Name(static_cast<SchemeId>(place))));
  }
  auto arrays = std::make_shared<Arrays>();
  Maker<Arrays> maker(models, today, scores, arrays.get());
  maker.AddFacts();
  maker.AddScores();
  maker.AddClasses(classes);
  if (profile != nullptr) STRATA_RETURN_IF_ERROR(maker.AddProfile(*profile));
  return ShardColumns(std::move(arrays));
}

}  // namespace strata

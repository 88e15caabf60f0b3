// Fitted models survive their JSON bit by bit.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <concepts>
#include <limits>
#include <map>
#include <random>
#include <type_traits>

#include "data/snapshot/snapshot.h"
#include "tests/data/snapshot/model_fields.h"
#include "tests/data/snapshot/whole_clustering.h"
#include "tests/model/churn/drawn_trees.h"

namespace strata {
namespace {

using Limits = std::numeric_limits<double>;

// The doubles that text forms get wrong.
double OddDouble(std::mt19937_64& random) {
  const double odd[] = {0.0,
                        -0.0,
                        0.1,
                        1.0 / 3,
                        Limits::min(),
                        Limits::denorm_min(),
                        -Limits::denorm_min() * 12345,
                        Limits::max(),
                        Limits::lowest(),
                        Limits::infinity(),
                        -Limits::infinity(),
                        Limits::quiet_NaN(),
                        -Limits::quiet_NaN(),
                        std::nan("42"),
                        5e-324,
                        9007199254740993.0,
                        1e22,
                        1e23};
  const uint64_t pick = random() % (2 * std::size(odd));
  return pick < std::size(odd) ? odd[pick] : std::bit_cast<double>(random());
}

// Writes every field of a struct.
class Filler {
 public:
  explicit Filler(uint64_t seed) : random_(seed) {}
  template <typename... T>
  void operator()(T&... fields) {
    (Fill(fields), ...);
  }

 private:
  void Fill(bool& value) { value = random_() % 2 == 0; }
  void Fill(int& value) { value = static_cast<int>(random_()); }
  void Fill(int64_t& value) { value = static_cast<int64_t>(random_()); }
  void Fill(uint64_t& value) { value = random_(); }
  void Fill(int8_t& value) { value = static_cast<int8_t>(random_()); }
  void Fill(uint16_t& value) { value = static_cast<uint16_t>(random_()); }
  void Fill(ChurnAlgorithm& value) { value = static_cast<ChurnAlgorithm>(random_() % 3); }
  void Fill(ChurnQuestion& value) { value = static_cast<ChurnQuestion>(random_() % 4); }
  void Fill(ChurnSource& value) { value = static_cast<ChurnSource>(random_() % 4); }
  void Fill(ColumnType& value) { value = static_cast<ColumnType>(random_() % 7); }
  void Fill(LogisticColumn::Kind& value) { value = static_cast<LogisticColumn::Kind>(random_() % 3); }
  void Fill(ReasonsFor& value) { value = static_cast<ReasonsFor>(random_() % 3); }
  void Fill(CalibrationMethod& value) { value = static_cast<CalibrationMethod>(random_() % 3); }
  void Fill(double& value) { value = OddDouble(random_); }
  void Fill(uint8_t& value) { value = static_cast<uint8_t>(random_()); }
  void Fill(Int128& value) { value = static_cast<Int128>(static_cast<int64_t>(random_())) * 1'000'000'007; }
  void Fill(Transform& value) { value = static_cast<Transform>(random_() % kTransformNames.size()); }
  void Fill(Scale& value) { value = static_cast<Scale>(random_() % kScaleNames.size()); }
  void Fill(MissingRule& value) { value = static_cast<MissingRule>(random_() % kMissingRuleNames.size()); }
  void Fill(LifetimeKind& value) { value = static_cast<LifetimeKind>(1 + random_() % 8); }
  void Fill(CovariateTrait::Coding& value) { value = static_cast<CovariateTrait::Coding>(1 + random_() % 4); }
  void Fill(CovariateCoefficient::On& value) { value = static_cast<CovariateCoefficient::On>(1 + random_() % 3); }
  void Fill(MaximiserState& value) { value = static_cast<MaximiserState>(random_() % 5); }
  void Fill(Grade& value) { value = static_cast<Grade>(random_() % 5); }
  void Fill(std::string& value) { value = "text \"quoted\" \n \xc3\xa4 " + std::to_string(random_()); }
  template <ModelPart T>
  void Fill(T& value) {
    VisitModelPart(*this, value);
  }
  // Trees are only read back where they are some.
  void Fill(Ensemble& value) {
    TreeDraws draws(random_());
    value = draws.Trees(1 + draws.Below(6), draws.Below(4), kMaxLeaves);
    Fill(value.rows);
    for (FeatureBins& bins : value.bins) Fill(bins.monotone);
    for (Tree& tree : value.trees) {
      for (TreeNode& node : tree.nodes) {
        Fill(node.gain);
        Fill(node.mask);
      }
    }
  }
  template <typename K, typename T>
  void Fill(std::map<K, T>& values) {
    for (uint64_t i = random_() % 4; i > 0; --i) {
      K key;
      Fill(key);
      Fill(values[key]);
    }
  }
  template <typename A, typename B>
  void Fill(std::pair<A, B>& value) {
    (*this)(value.first, value.second);
  }
  template <typename T>
  void Fill(std::optional<T>& value) {
    if (random_() % 2 == 0) Fill(value.emplace());
  }
  template <typename T>
  void Fill(std::vector<T>& values) {
    values.resize(random_() % 4);
    for (T& value : values) Fill(value);
  }
  template <typename T, size_t N>
  void Fill(std::array<T, N>& values) {
    for (T& value : values) Fill(value);
  }

  std::mt19937_64 random_;
};

// All fields of a struct as text, doubles by their bits.
class Printer {
 public:
  template <typename... T>
  std::string operator()(const T&... fields) {
    return (Text(fields) + ...);
  }

 private:
  static std::string Text(double value) { return Hex(std::bit_cast<uint64_t>(value)) + ";"; }
  static std::string Text(const std::string& value) { return value + ";"; }
  static std::string Text(Int128 value) { return ToString(value) + ";"; }
  template <typename T>
  requires std::is_enum_v<T>
  static std::string Text(T value) { return std::to_string(static_cast<int>(value)) + ";"; }
  template <ModelPart T>
  static std::string Text(const T& value) {
    return VisitModelPart(Printer(), value);
  }
  static std::string Text(const Tree& tree) { return Text(tree.nodes); }
  template <typename K, typename T>
  static std::string Text(const std::map<K, T>& values) {
    std::string text = "{";
    for (const auto& [key, value] : values) text += Text(key) + Text(value);
    return text + "}";
  }
  template <std::integral T>
  static std::string Text(T value) {
    return std::to_string(value) + ";";
  }
  template <typename A, typename B>
  static std::string Text(const std::pair<A, B>& value) {
    return Text(value.first) + Text(value.second);
  }
  template <typename T>
  static std::string Text(const std::optional<T>& value) {
    return value.has_value() ? Text(*value) : "none;";
  }
  template <typename T>
  static std::string Text(const std::vector<T>& values) {
    std::string text = std::to_string(values.size()) + "[";
    for (const T& value : values) text += Text(value);
    return text + "]";
  }
  template <typename T, size_t N>
  static std::string Text(const std::array<T, N>& values) {
    return Text(std::vector<T>(values.begin(), values.end()));
  }
};

// What a reader checks fits together.
void FillChurn(uint64_t seed, ChurnModel* model) {
  VisitModelPart(Filler(seed), *model);
  for (std::vector<double>* values : {&model->mean, &model->deviation, &model->coefficients}) {
    values->resize(model->features.size(), 0.5);
  }
  model->calibration.probabilities.resize(model->calibration.places.size(), 0.5);
  if (model->ensemble.has_value()) model->plan.features.resize(model->ensemble->bins.size());
  if (!model->ensemble.has_value() && model->algorithm == ChurnAlgorithm::kTrees) model->fitted = false;
}

FittedModels RandomModels(uint64_t seed) {
  std::mt19937_64 random(seed);
  FittedModels models;
  if (random() % 4 != 0) VisitModelPart(Filler(random()), models.rfm.emplace());
  if (random() % 4 != 0) {
    VisitModelPart(Filler(random()), models.clustering.emplace());
    MakeWhole(&*models.clustering);
  }
  if (random() % 4 != 0) VisitModelPart(Filler(random()), models.lifetime.emplace());
  if (random() % 4 != 0) VisitModelPart(Filler(random()), models.spend.emplace());
  if (random() % 4 != 0) FillChurn(random(), &models.churn.emplace());
  if (random() % 4 != 0) VisitModelPart(Filler(random()), models.schemes.emplace());
  Filler{random()}(models.lifetime_horizon_days, models.discount_rate_annual);
  return models;
}

std::string Print(const FittedModels& models) {
  const auto& [rfm, clustering, lifetime, spend, churn, schemes, horizon, rate] = models;
  std::string text = Printer()(horizon, rate);
  if (rfm.has_value()) text += "rfm:" + VisitModelPart(Printer(), *rfm);
  if (clustering.has_value()) text += "clustering:" + VisitModelPart(Printer(), *clustering);
  if (lifetime.has_value()) text += "lifetime:" + VisitModelPart(Printer(), *lifetime);
  if (spend.has_value()) text += "spend:" + VisitModelPart(Printer(), *spend);
  if (churn.has_value()) text += "churn:" + VisitModelPart(Printer(), *churn);
  if (schemes.has_value()) text += "schemes:" + VisitModelPart(Printer(), *schemes);
  return text;
}

TEST(ModelsJson, EveryFieldComesBackBitByBit) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    const FittedModels models = RandomModels(seed);
    const auto files = ModelsToJson(models);
    const absl::StatusOr<FittedModels> decoded = ModelsFromJson(files);
    ASSERT_TRUE(decoded.ok()) << "seed " << seed << ": " << decoded.status();
    EXPECT_EQ(Print(*decoded), Print(models)) << "seed " << seed;
    EXPECT_EQ(ModelsToJson(*decoded), files) << "seed " << seed;
  }
}

TEST(ModelsJson, TheHistoryOfABaseHasAFileOfItsOwn) {
  FittedModels models;
  BaseHistory& history = models.lifetime.emplace().history.emplace();
  history.births = {{10'000, 3}, {10'002, 1}};
  history.cohorts[{328, 329}] = {.buyers = 2, .net_micros = Int128{1} << 100};
  history.gaps = {0, 4};
  auto files = ModelsToJson(models);
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(files[1].first, "lifetime_history");
  EXPECT_THAT(files[1].second, testing::HasSubstr("\"births\":[[10000,3],[10002,1]]"));
  EXPECT_EQ(*ModelsFromJson(files)->lifetime->history, history);
  files[1].second.replace(files[1].second.find("10002"), 5, "10000");
  EXPECT_EQ(ModelsFromJson(files).status().code(), absl::StatusCode::kDataLoss) << "a day twice";
  files = ModelsToJson(models);
  files.erase(files.begin());
  EXPECT_EQ(ModelsFromJson(files).status().code(), absl::StatusCode::kDataLoss) << "a history of no model";
}

TEST(ModelsJson, AnAbsentModelHasNoFile) {
  FittedModels models;
  models.spend.emplace();
  std::vector<std::string> names;
  for (const auto& [name, json] : ModelsToJson(models)) names.push_back(name);
  EXPECT_THAT(names, testing::ElementsAre("spend", "valuation"));
  EXPECT_FALSE(ModelsFromJson(ModelsToJson(models))->rfm.has_value());
}

TEST(ModelsJson, IsReadableByPeople) {
  FittedModels models;
  models.spend = SpendModel{.fitted = true, .p = 6.25, .log_likelihood = -4055.92};
  models.spend->v = Limits::quiet_NaN();
  const std::string json = ModelsToJson(models)[0].second;
  EXPECT_THAT(json, testing::StartsWith("{\n  \"format_version\": 5,\n  \"fitted\": true,"));
  EXPECT_THAT(json, testing::HasSubstr("\"p\": 6.25,"));
  EXPECT_THAT(json, testing::HasSubstr("\"v\": \"nan\","));
  EXPECT_THAT(json, testing::HasSubstr("\"log_likelihood\": -4055.92,"));
}

TEST(ModelsJson, WhatIsWrongIsNamed) {
  FittedModels models;
  models.rfm = RfmModel{.recency_cuts_days = {1, 17}};
  const auto with = [&models](const std::string& from, const std::string& to) {
    auto files = ModelsToJson(models);
    const size_t at = files[0].second.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    files[0].second.replace(at, from.size(), to);
    return ModelsFromJson(files).status();
  };
  const auto message = [](const absl::Status& status) { return std::string(StdView(status.message())); };
  EXPECT_THAT(message(with("\"scores\": 5", "\"scores\": 5.5")),
              testing::HasSubstr("models/rfm.json: scores is 5.5, allowed is an integer of 32 bits"));
  EXPECT_THAT(message(with("\"scores\": 5", "\"Scores\": 5")),
              testing::HasSubstr("models/rfm.json: scores is missing"));
  EXPECT_THAT(message(with("17\n", "\"17\"\n")), testing::HasSubstr("recency_cuts_days[1] is \"17\""));
  EXPECT_THAT(message(with("{", "[")), testing::HasSubstr("models/rfm.json: not a JSON object"));
  EXPECT_EQ(with("\"format_version\": 5", "\"format_version\": 4").code(), absl::StatusCode::kFailedPrecondition);
}

TEST(ModelsJson, UnknownRepeatedAndMissingFilesAreRefused) {
  auto files = ModelsToJson({});
  files.push_back({"palmistry", files[0].second});
  EXPECT_EQ(ModelsFromJson(files).status().code(), absl::StatusCode::kDataLoss);
  files.back().first = "valuation";
  EXPECT_EQ(ModelsFromJson(files).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(ModelsFromJson({}).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace strata

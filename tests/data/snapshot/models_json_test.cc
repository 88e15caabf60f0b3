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

template <typename T, typename... U>
concept OneOf = (std::same_as<T, U> || ...);
// What a clustering model is made of.
template <typename T>
concept ClusteringPart = OneOf<T, NumericFeature, CategoryFeature, ClusterSpace, Centre, FittedCluster, TrimThreshold,
                               GapRow, GapChoice, RefitDecision, FeatureDrift, Matching>;

template <typename Visit, typename M>
auto VisitPart(Visit&& visit, M& m) {
  using T = std::remove_const_t<M>;
  if constexpr (OneOf<T, Centre, TrimThreshold, RefitDecision>) {
    auto& [a, b] = m;
    return visit(a, b);
  } else if constexpr (std::same_as<T, CategoryFeature>) {
    auto& [a, b, c, d] = m;
    return visit(a, b, c, d);
  } else if constexpr (std::same_as<T, ClusterSpace>) {
    auto& [a, b, c, d, e] = m;
    return visit(a, b, c, d, e);
  } else if constexpr (std::same_as<T, GapChoice>) {
    auto& [a, b, c, d, e, f] = m;
    return visit(a, b, c, d, e, f);
  } else if constexpr (std::same_as<T, FeatureDrift>) {
    auto& [a, b, c, d, e, f, g] = m;
    return visit(a, b, c, d, e, f, g);
  } else if constexpr (std::same_as<T, FittedCluster>) {
    auto& [a, b, c, d, e, f, g, h, i, j] = m;
    return visit(a, b, c, d, e, f, g, h, i, j);
  } else if constexpr (OneOf<T, GapRow, Matching>) {
    auto& [a, b, c, d, e, f, g, h, i] = m;
    return visit(a, b, c, d, e, f, g, h, i);
  } else {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s] = m;
    return visit(a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s);
  }
}

// Writes every field of a struct, through structured bindings: a new field does not compile until it is here.
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
  void Fill(double& value) { value = OddDouble(random_); }
  void Fill(uint8_t& value) { value = static_cast<uint8_t>(random_()); }
  void Fill(Int128& value) { value = static_cast<Int128>(static_cast<int64_t>(random_())) * 1'000'000'007; }
  void Fill(Transform& value) { value = static_cast<Transform>(random_() % kTransformNames.size()); }
  void Fill(Scale& value) { value = static_cast<Scale>(random_() % kScaleNames.size()); }
  void Fill(MissingRule& value) { value = static_cast<MissingRule>(random_() % kMissingRuleNames.size()); }
  template <ClusteringPart T>
  void Fill(T& value) {
    VisitPart(*this, value);
  }
  void Fill(ValueModel& value);
  void Fill(LevelModel& value);
  void Fill(PeerModel& value);
  void Fill(PeerModel::Group& value);
  void Fill(LifeCycleModel& value);
  template <typename T>
  void Fill(std::map<std::string, T>& values) {
    for (uint64_t i = random_() % 4; i > 0; --i) Fill(values["group " + std::to_string(random_())]);
  }
  void Fill(Grade& value) { value = static_cast<Grade>(random_() % 5); }
  void Fill(std::string& value) { value = "text \"quoted\" \n \xc3\xa4 " + std::to_string(random_()); }
  void Fill(std::pair<int, double>& value) { (*this)(value.first, value.second); }
  void Fill(Baseline& value) { (*this)(value.name, value.auc, value.log_loss); }
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
  template <ClusteringPart T>
  static std::string Text(const T& value) {
    return VisitPart(Printer(), value);
  }
  static std::string Text(const ValueModel& value);
  static std::string Text(const LevelModel& value);
  static std::string Text(const PeerModel& value);
  static std::string Text(const PeerModel::Group& value);
  static std::string Text(const LifeCycleModel& value);
  template <typename T>
  static std::string Text(const std::map<std::string, T>& values) {
    std::string text = "{";
    for (const auto& [name, value] : values) text += Text(name) + Text(value);
    return text + "}";
  }
  template <std::integral T>
  static std::string Text(T value) {
    return std::to_string(value) + ";";
  }
  static std::string Text(const std::pair<int, double>& value) { return Text(value.first) + Text(value.second); }
  static std::string Text(const Baseline& value) { return Text(value.name) + Text(value.auc) + Text(value.log_loss); }
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

template <typename Visit, typename M>
auto VisitRfm(Visit&& visit, M& m) {
  auto& [a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s, t] = m;
  return visit(a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s, t);
}
template <typename Visit, typename M>
auto VisitValue(Visit&& visit, M& m) {
  auto& [a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s, t, u, v] = m;
  return visit(a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s, t, u, v);
}
template <typename Visit, typename M>
auto VisitLevel(Visit&& visit, M& m) {
  auto& [a, b, c] = m;
  return visit(a, b, c);
}
template <typename Visit, typename M>
auto VisitPeerGroup(Visit&& visit, M& m) {
  auto& [a, b, c, d, e] = m;
  return visit(a, b, c, d, e);
}
template <typename Visit, typename M>
auto VisitPeers(Visit&& visit, M& m) {
  auto& [a, b, c, d, e] = m;
  return visit(a, b, c, d, e);
}
template <typename Visit, typename M>
auto VisitLifeCycle(Visit&& visit, M& m) {
  auto& [a, b, c, d, e, f, g] = m;
  return visit(a, b, c, d, e, f, g);
}
template <typename Visit, typename M>
auto VisitSchemes(Visit&& visit, M& m) {
  auto& [a, b, c, d] = m;
  return visit(a, b, c, d);
}
template <typename Visit, typename M>
auto VisitClustering(Visit&& visit, M& m) {
  auto& [a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s, t, u, v, w, x, y, z, z2, z3] = m;
  return visit(a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s, t, u, v, w, x, y, z, z2, z3);
}
template <typename Visit, typename M>
auto VisitLifetime(Visit&& visit, M& m) {
  auto& [a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q] = m;
  return visit(a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q);
}
template <typename Visit, typename M>
auto VisitSpend(Visit&& visit, M& m) {
  auto& [a, b, c, d, e, f, g, h, i, j, k, l, n] = m;
  return visit(a, b, c, d, e, f, g, h, i, j, k, l, n);
}
template <typename Visit, typename M>
auto VisitChurn(Visit&& visit, M& m) {
  auto& [a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s, t, u, v, w, x, y, z, z2] = m;
  return visit(a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s, t, u, v, w, x, y, z, z2);
}

void Filler::Fill(ValueModel& value) { VisitValue(*this, value); }
void Filler::Fill(LevelModel& value) { VisitLevel(*this, value); }
void Filler::Fill(PeerModel& value) { VisitPeers(*this, value); }
void Filler::Fill(PeerModel::Group& value) { VisitPeerGroup(*this, value); }
void Filler::Fill(LifeCycleModel& value) { VisitLifeCycle(*this, value); }
std::string Printer::Text(const ValueModel& value) { return VisitValue(Printer(), value); }
std::string Printer::Text(const LevelModel& value) { return VisitLevel(Printer(), value); }
std::string Printer::Text(const PeerModel& value) { return VisitPeers(Printer(), value); }
std::string Printer::Text(const PeerModel::Group& value) { return VisitPeerGroup(Printer(), value); }
std::string Printer::Text(const LifeCycleModel& value) { return VisitLifeCycle(Printer(), value); }

FittedModels RandomModels(uint64_t seed) {
  std::mt19937_64 random(seed);
  FittedModels models;
  if (random() % 4 != 0) VisitRfm(Filler(random()), models.rfm.emplace());
  if (random() % 4 != 0) VisitClustering(Filler(random()), models.clustering.emplace());
  if (random() % 4 != 0) VisitLifetime(Filler(random()), models.lifetime.emplace());
  if (random() % 4 != 0) VisitSpend(Filler(random()), models.spend.emplace());
  if (random() % 4 != 0) VisitChurn(Filler(random()), models.churn.emplace());
  if (random() % 4 != 0) VisitSchemes(Filler(random()), models.schemes.emplace());
  Filler{random()}(models.lifetime_horizon_days, models.discount_rate_annual);
  return models;
}

std::string Print(const FittedModels& models) {
  const auto& [rfm, clustering, lifetime, spend, churn, schemes, horizon, rate] = models;
  std::string text = Printer()(horizon, rate);
  if (rfm.has_value()) text += "rfm:" + VisitRfm(Printer(), *rfm);
  if (clustering.has_value()) text += "clustering:" + VisitClustering(Printer(), *clustering);
  if (lifetime.has_value()) text += "lifetime:" + VisitLifetime(Printer(), *lifetime);
  if (spend.has_value()) text += "spend:" + VisitSpend(Printer(), *spend);
  if (churn.has_value()) text += "churn:" + VisitChurn(Printer(), *churn);
  if (schemes.has_value()) text += "schemes:" + VisitSchemes(Printer(), *schemes);
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
  models.lifetime = LifetimeModel{.fitted = true, .r = 0.243, .log_likelihood = -9582.43};
  models.lifetime->b = Limits::quiet_NaN();
  const std::string json = ModelsToJson(models)[0].second;
  EXPECT_THAT(json, testing::StartsWith("{\n  \"format_version\": 3,\n  \"fitted\": true,"));
  EXPECT_THAT(json, testing::HasSubstr("\"r\": 0.243,"));
  EXPECT_THAT(json, testing::HasSubstr("\"b\": \"nan\","));
  EXPECT_THAT(json, testing::HasSubstr("\"log_likelihood\": -9582.43,"));
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
  EXPECT_EQ(with("\"format_version\": 3", "\"format_version\": 2").code(), absl::StatusCode::kFailedPrecondition);
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

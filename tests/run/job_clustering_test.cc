// The section models.clustering of a job: what it means, and what stays as it was for jobs that say little.
#include "run/job_clustering.h"

#include <gtest/gtest.h>

#include <string>

#include "run/job_file.h"

namespace strata {
namespace {

constexpr char kHead[] = R"(name: clusters
currency: EUR
sources:
  transactions: {uri: t.csv, columns: {customer_id: c, time: t, amount: a}}
)";
constexpr char kCustomers[] = R"(  customers:
    uri: c.csv
    columns: {customer_id: id, gender: sex}
    extra: {income: {column: i, type: number}, member: {column: m, type: flag}}
)";

ClusteringSettings Read(const std::string& clustering, const std::string& tables = "") {
  const absl::StatusOr<Job> job = ParseJob(kHead + tables + "models:\n  clustering: " + clustering + "\n", "j");
  EXPECT_TRUE(job.ok()) << job.status();
  return job.ok() ? *job->clustering : ClusteringSettings{};
}

TEST(JobClustering, SaysLittleByDefault) {
  for (const char* text : {"", "{k: auto}", "{k: auto, k_max: 12}"}) {
    const ClusteringSettings settings = Read(text);
    EXPECT_TRUE(settings.features.empty());
    EXPECT_FALSE(settings.k.has_value());
    EXPECT_EQ(settings.k_max, 12);
    EXPECT_EQ(settings.starts, 16);
    EXPECT_EQ(settings.iterations_max, 100);
    EXPECT_EQ(settings.tolerance, 0);
    EXPECT_EQ(settings.trim, 0);
    EXPECT_EQ(settings.sample, 32'768);
    EXPECT_EQ(settings.references, 20);
    EXPECT_EQ(settings.refit, (ClusterRefit{.nightly = false, .frozen = false, .drift = true, .days = 30}));
    EXPECT_FALSE(settings.WantsProfile());
  }
}

TEST(JobClustering, ReadsEveryKey) {
  const ClusteringSettings settings = Read(
      "{k: 5, k_max: 20, starts: 3, iterations_max: 7, tolerance: 0.0001, trim: 0.05, gamma: 1.5, weight: margin,\n"
      "    sample: 2048, trials: all, references: 30, refit: {days: 7, drift: true}, drift: {psi: 0.1, inertia: 2},\n"
      "    features: [customers.gender, net]}",
      kCustomers);
  EXPECT_EQ(settings.k, 5);
  EXPECT_EQ(settings.k_max, 20);
  EXPECT_EQ(settings.starts, 3);
  EXPECT_EQ(settings.iterations_max, 7);
  EXPECT_EQ(settings.tolerance, 100);
  EXPECT_EQ(settings.trim, 50'000);
  EXPECT_EQ(settings.gamma, 1.5);
  EXPECT_EQ(settings.weight, "margin");
  EXPECT_EQ(settings.sample, 2048);
  EXPECT_TRUE(settings.all_trials);
  EXPECT_EQ(settings.references, 30);
  EXPECT_EQ(settings.refit, (ClusterRefit{.nightly = false, .frozen = false, .drift = true, .days = 7}));
  EXPECT_EQ(settings.drift_psi, 0.1);
  EXPECT_EQ(settings.drift_inertia, 2);
  EXPECT_TRUE(settings.WantsProfile());
}

TEST(JobClustering, ReadsFeaturesWithTheDefaultsOfTheirTypes) {
  const ClusteringSettings settings = Read(
      "{features: [log1p_tenure_days, recency_days, return_share, last_day, margin, customers.gender, "
      "customers.income,\n"
      "    customers.member, {column: net, transform: none, winsorise: [0, 0.99], scale: minmax, weight: 0.5,\n"
      "    missing: exclude}, {column: log1p_purchase_days, weight: 3}]}",
      kCustomers);
  struct Expected {
    const char* column;
    const char* name;
    Transform transform;
  };
  const Expected expected[] = {
      {"tenure_days", "log1p_tenure_days", Transform::kLog1p},
      {"recency_days", "recency_days", Transform::kYeoJohnson},
      {"return_share", "return_share", Transform::kNone},
      {"last_day", "last_day", Transform::kNone},
      {"margin", "margin", Transform::kYeoJohnson},
      {"customers.gender", "customers.gender", Transform::kCategory},
      {"customers.income", "customers.income", Transform::kYeoJohnson},
      {"customers.member", "customers.member", Transform::kNone},
      {"net", "net", Transform::kNone},
      {"purchase_days", "log1p_purchase_days", Transform::kLog1p},
  };
  ASSERT_EQ(settings.features.size(), std::size(expected));
  for (size_t i = 0; i < std::size(expected); ++i) {
    EXPECT_EQ(settings.features[i].column, expected[i].column);
    EXPECT_EQ(settings.features[i].name, expected[i].name);
    EXPECT_EQ(settings.features[i].transform, expected[i].transform) << expected[i].name;
  }
  const ClusterFeatureSettings& net = settings.features[8];
  EXPECT_EQ(net.scale, Scale::kMinMax);
  EXPECT_EQ(net.winsorise, (std::array<int64_t, 2>{0, 990'000}));
  EXPECT_EQ(net.missing, MissingRule::kExclude);
  EXPECT_EQ(net.weight, 0.5);
  EXPECT_EQ(settings.features[9].weight, 3);
  EXPECT_TRUE(settings.WantsProfile());
}

TEST(JobClustering, WantsAProfileForItsColumnsOnly) {
  EXPECT_FALSE(
      Read("{features: [net, recency_days, purchase_days_90, log1p_purchase_days], weight: net}").WantsProfile());
  EXPECT_TRUE(Read("{features: [net, margin]}").WantsProfile());
  EXPECT_TRUE(Read("{features: [net], weight: gross}").WantsProfile());
}

TEST(JobClustering, ReadsEveryWayOfRefitting) {
  EXPECT_EQ(Read("{refit: nightly}").refit, (ClusterRefit{.nightly = true, .drift = false, .days = std::nullopt}));
  EXPECT_EQ(Read("{refit: frozen}").refit, (ClusterRefit{.frozen = true, .drift = false, .days = std::nullopt}));
  EXPECT_EQ(Read("{refit: on_drift}").refit, (ClusterRefit{.drift = true, .days = std::nullopt}));
  EXPECT_EQ(Read("{refit: {days: 90, drift: false}}").refit, (ClusterRefit{.drift = false, .days = 90}));
  EXPECT_EQ(Read("{refit: {days: 90}}").refit, (ClusterRefit{.drift = true, .days = 90}));
}

TEST(JobClustering, SaysWhatTheJobLacksForAColumn) {
  const absl::StatusOr<Job> job =
      ParseJob(std::string(kHead) + "models:\n  clustering: {features: [rfm_monetary]}\n", "j");
  ASSERT_FALSE(job.ok());
  EXPECT_NE(job.status().message().find("for which the job lacks models.rfm.window"), absl::string_view::npos);
}

TEST(JobClustering, EstimatesGammaUnlessTold) {
  for (const char* gamma : {"auto", "huang"}) {
    const ClusteringSettings settings =
        Read(std::string("{features: [customers.gender], gamma: ") + gamma + "}", kCustomers);
    EXPECT_FALSE(settings.gamma.has_value());
    EXPECT_EQ(settings.gamma_huang, std::string(gamma) == "huang");
  }
}

TEST(JobClustering, BoundsHowManyFeaturesThereAre) {
  std::string extra = "    extra: {";
  std::string words;
  std::string numbers;
  for (int i = 0; i < 25; ++i) {
    const std::string n = std::to_string(i);
    extra += "n" + n + ": {column: n" + n + ", type: number}, ";
    numbers += "customers.n" + n + ", ";
  }
  for (int i = 0; i < 9; ++i) {
    const std::string n = std::to_string(i);
    extra += "w" + n + ": {column: w" + n + ", type: category}, ";
    words += "customers.w" + n + ", ";
  }
  const std::string tables = "  customers:\n    uri: c.csv\n    columns: {customer_id: id}\n" + extra + "}\n";
  for (const auto& [features, found] : {std::pair(words, "found 0 columns of numbers and 9 of words"),
                                        std::pair(numbers, "found 25 columns of numbers and 0 of words"),
                                        std::pair(numbers + words, "found 34 items")}) {
    const absl::StatusOr<Job> job =
        ParseJob(kHead + tables + "models:\n  clustering: {features: [" + features + "]}\n", "j");
    ASSERT_FALSE(job.ok());
    EXPECT_NE(job.status().message().find(found), absl::string_view::npos) << job.status();
  }
}

}  // namespace
}  // namespace strata

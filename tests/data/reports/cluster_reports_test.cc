// The reports of clusters: their laws, the same table for any shards, and figures against a walk over all customers.
#include "data/reports/cluster_reports.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <random>

#include "data/reports/cluster_shard.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

constexpr Day kThen = 20'000, kNow = 20'007;
constexpr int kLeftCustomers = 20;

// One customer, as drawn.
struct Person {
  std::string id;
  uint64_t hash = 0;
  int16_t then = 0, by_last_model = 0, by_last_centres = 0, now = 0;
  double visits = 0;
  uint8_t plan = 0;
  int32_t scaled = 0;
  float distance = 0;
  int64_t silhouette = 0, net_micros = 0;
  Day last_row_day = 0;
};

std::vector<Person> DrawPeople(uint64_t seed, size_t number) {
  std::mt19937_64 random(seed);
  std::vector<Person> people(number);
  for (size_t i = 0; i < number; ++i) {
    Person& person = people[i];
    person.id = "customer-" + std::to_string(i);
    person.hash = random();
    const auto cluster = [&random](int16_t last) {
      return static_cast<int16_t>(random() % 4 == 0 ? 1 + random() % 4 : last);
    };
    person.now = static_cast<int16_t>(random() % 4);  // ids 1, 2 and 3; 4 was there last time
    person.then = random() % 11 == 0 ? kNotInFollowed : cluster(person.now);
    person.by_last_model = cluster(person.then == kNotInFollowed ? int16_t{1} : person.then);
    person.by_last_centres = cluster(person.by_last_model);
    person.visits = random() % 9 == 0 ? std::nan("") : static_cast<double>(random() % 1000) / 8;
    person.plan = static_cast<uint8_t>(random() % 3);
    person.scaled = static_cast<int32_t>(random() % 8192) - 4096;
    person.distance = static_cast<float>(random() % 16) / 4;  // ties for the medoid
    person.silhouette = static_cast<int64_t>(random() >> 24) - (int64_t{1} << 39);
    person.net_micros = static_cast<int64_t>(random() % 1'000'000'000) - 100'000'000;
    person.last_row_day = kThen - 3 + static_cast<Day>(random() % 10);
  }
  std::sort(people.begin(), people.end(),
            [](const Person& a, const Person& b) { return std::pair(a.hash, a.id) < std::pair(b.hash, b.id); });
  return people;
}

// The people in shards as reports see them.
class ClusterBase {
 public:
  ClusterBase(const std::vector<Person>& people, uint32_t shards) {
    MakeModel();
    for (uint32_t shard = 0; shard < shards; ++shard) {
      std::vector<Person> own;
      for (const Person& person : people) {
        if (person.hash % shards == shard) own.push_back(person);
      }
      AddShard(own);
    }
    for (int number = 0; number < kLeftCustomers; ++number) {
      ScoredCustomer gone{.hash = 0, .id = "gone", .score = {}};
      gone.score.cluster = static_cast<int16_t>(number % 4 - 1);
      gone.score.net_micros = 1000 * number;
      owned_[static_cast<size_t>(number) % shards].gone.push_back(gone);
    }
  }

  const ClusteringModel& model() const { return *models_.clustering; }

  ReportTable TableOf(const RegisteredReport& report, std::vector<std::string>* partials = nullptr) const {
    std::vector<std::string> made;
    for (const ReportShard& shard : shards_) made.push_back(report.accumulate(shard).value());
    auto table = report.finish({made.begin(), made.end()}, {.as_of = kNow, .models = &models_, .customers = 0});
    EXPECT_OK(table) << report.info.name;
    if (partials != nullptr) *partials = std::move(made);
    return table.ok() ? *std::move(table) : EmptyTable(report.info.columns.size());
  }

 private:
  struct Owned {
    std::vector<Person> people;
    std::vector<uint64_t> hash;
    std::vector<int64_t> net, last_row_day;
    CustomerColumns today;
    ColumnSet columns;
    ClusterShard clusters;
    std::vector<ScoredCustomer> gone;
  };

  void MakeModel() {
    ClusteringModel& model = models_.clustering.emplace();
    model.k = 3;
    NumericFeature visits;
    visits.name = visits.column = "visits";
    model.space.numeric = {visits};
    model.space.categories = {{.name = "plan", .column = "plan", .words = {"(none)", "gold", "tin"}}};
    for (const auto& [id, name] : {std::pair(1, "low visits"), std::pair(2, "plan = gold"), std::pair(3, "typical")}) {
      FittedCluster cluster;
      cluster.id = id;
      cluster.name = name;
      cluster.centre = {.q = {0}, .modes = {1}};
      cluster.effects = {1.0 - id, id == 2 ? 0.7 : 0.0};
      model.clusters.push_back(cluster);
    }
    Matching& matching = model.matching.emplace();
    matching.id = {2, 3, 1};
    matching.shift = {0.25, 0, 0.5};
    matching.appeared = {3};
    matching.vanished = {4};
    model.inertia_ratio = 1.125;
    model.refit = {.refit = true, .why = "nightly"};
    model.drift = {{.feature = "visits", .psi = 0.5, .null_99 = 0.1, .flagged = true, .missing_now = 0.25}};
    model.trials.k = 2;
    model.trials.rows = {{.k = 1, .within = 9}, {.k = 2, .within = 4, .gap = 0.5, .error = 0.1, .silhouette = 0.75}};
  }

  void AddShard(const std::vector<Person>& people) {
    Owned& owned = owned_.emplace_back();
    owned.people = people;
    std::vector<double> visits;
    std::vector<uint8_t> plan;
    ClusterPredictor::Labels& labels = owned.clusters.labels;
    ClusterHistory& history = owned.clusters.history.emplace();
    history.previous_as_of = kThen;
    labels.scaled.resize(1);
    for (const Person& person : people) {
      owned.hash.push_back(person.hash);
      owned.net.push_back(person.net_micros);
      owned.last_row_day.push_back(person.last_row_day);
      visits.push_back(person.visits);
      plan.push_back(person.plan);
      labels.id.push_back(person.now);
      labels.distance.push_back(person.distance);
      labels.silhouette.push_back(person.silhouette);
      labels.scaled[0].push_back(person.scaled);
      history.then.push_back(person.then);
      history.by_last_model.push_back(person.by_last_model);
      history.by_last_centres.push_back(person.by_last_centres);
    }
    owned.clusters.values = RawValues::OfColumns(models_.clustering->space, {visits}, {plan}, {});
    owned.today.hash = owned.hash;
    owned.today.net_micros = owned.net;
    Column column;
    column.name = "last_row_day";
    column.whole = owned.last_row_day;
    owned.columns.Add(std::move(column));
    ReportShard shard;
    shard.as_of = kNow;
    shard.models = &models_;
    shard.today = &owned.today;
    shard.id = [&owned](size_t row) { return std::string_view(owned.people[row].id); };
    shard.columns = &owned.columns;
    shard.clusters = &owned.clusters;
    shard.gone = &owned.gone;
    shards_.push_back(std::move(shard));
  }

  FittedModels models_;
  std::deque<Owned> owned_;
  std::vector<ReportShard> shards_;
};

RegisteredReport Named(const std::string& name) {
  for (RegisteredReport& report : ClusterReports()) {
    if (report.info.name == name) return report;
  }
  ADD_FAILURE() << "no report " << name;
  return {};
}

size_t Place(const RegisteredReport& report, const std::string& column) {
  const auto& columns = report.info.columns;
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const auto& one) { return one.name == column; });
  EXPECT_NE(found, columns.end()) << column;
  return static_cast<size_t>(found - columns.begin());
}

TEST(ClusterReports, AreTheSameForAnyShardsAndMergeInAnyOrder) {
  const std::vector<Person> people = DrawPeople(5, 700);
  const ClusterBase one(people, 1), many(people, 16);
  EXPECT_EQ(ClusterReports().size(), 6u);
  for (const RegisteredReport& report : ClusterReports()) {
    SCOPED_TRACE(report.info.name);
    std::vector<std::string> partials, whole;
    const ReportTable table = many.TableOf(report, &partials), expected = one.TableOf(report, &whole);
    EXPECT_EQ(EncodeReport("r", report.info.columns, table).value(),
              EncodeReport("r", report.info.columns, expected).value());
    std::reverse(partials.begin(), partials.end());
    const std::string left = report.merge({partials.begin(), partials.begin() + 5}).value();
    const std::string right = report.merge({partials.begin() + 5, partials.end()}).value();
    EXPECT_EQ(report.merge({right, left}).value(), whole[0]);
    for (size_t size = 0; size < whole[0].size(); size += 1 + whole[0].size() / 50) {
      EXPECT_FALSE(report.merge({std::string_view(whole[0]).substr(0, size)}).ok()) << size;
    }
    for (const ReportColumn& column : report.info.columns) EXPECT_FALSE(column.meaning.empty()) << column.name;
  }
}

TEST(ClusterReports, HaveNoRowsOfCustomersWithoutClusters) {
  const FittedModels models{.clustering = ClusteringModel()};
  CustomerColumns nobody;
  ReportShard shard;
  shard.models = &models;
  shard.today = &nobody;
  for (const RegisteredReport& report : ClusterReports()) {
    const std::string partial = report.accumulate(shard).value();
    const auto table = report.finish({partial}, {.models = &models});
    ASSERT_OK(table) << report.info.name;
    EXPECT_EQ(table->rows, report.info.name == "cluster_drift" ? 4u : 0u) << report.info.name;
  }
}

TEST(ClustersReport, AddsUpItsMembers) {
  const std::vector<Person> people = DrawPeople(6, 400);
  const RegisteredReport report = Named("clusters");
  const ReportTable table = ClusterBase(people, 3).TableOf(report);
  ASSERT_EQ(table.rows, 4u);  // without a cluster, then 1, 2, 3
  for (size_t row = 0; row < table.rows; ++row) {
    int64_t customers = 0, net = 0;
    double distances = 0, silhouettes = 0, radius = 0;
    const Person* medoid = nullptr;
    for (const Person& person : people) {
      if (person.now != static_cast<int16_t>(row)) continue;
      ++customers;
      net += person.net_micros;
      distances += static_cast<double>(person.distance);
      silhouettes += std::ldexp(static_cast<double>(person.silhouette), -40);
      radius = std::max(radius, static_cast<double>(person.distance));
      if (medoid == nullptr || std::pair(person.distance, person.id) < std::pair(medoid->distance, medoid->id))
        medoid = &person;
    }
    EXPECT_EQ(table.whole[Place(report, "customers")][row], customers);
    EXPECT_EQ(table.whole[Place(report, "sum_net")][row], net);
    EXPECT_DOUBLE_EQ(table.number[Place(report, "share")][row], static_cast<double>(customers) / 400);
    if (row == 0) {
      EXPECT_EQ(table.whole[0][row], kNoWhole);
      EXPECT_FALSE(table.text[Place(report, "medoid")][row].has_value());
      continue;
    }
    EXPECT_EQ(table.whole[0][row], static_cast<int64_t>(row));
    EXPECT_EQ(table.text[Place(report, "medoid")][row], medoid->id);
    EXPECT_NEAR(table.number[Place(report, "mean_distance")][row], distances / static_cast<double>(customers), 1e-6);
    EXPECT_NEAR(table.number[Place(report, "silhouette")][row], silhouettes / static_cast<double>(customers), 1e-12);
    EXPECT_EQ(table.number[Place(report, "radius")][row], radius);
  }
  EXPECT_EQ(table.text[Place(report, "apart_1")][3], "low visits (-2.00)");
  EXPECT_EQ(table.text[Place(report, "apart_1")][2], "low visits (-1.00)");
  EXPECT_EQ(table.text[Place(report, "apart_2")][2], "plan = gold (+0.70)");
}

TEST(ClusterFeaturesReport, HasMeansAndShares) {
  const std::vector<Person> people = DrawPeople(7, 300);
  const RegisteredReport report = Named("cluster_features");
  const ReportTable table = ClusterBase(people, 2).TableOf(report);
  for (size_t row = 0; row < table.rows; ++row) {
    const auto id = static_cast<int16_t>(table.whole[0][row]);
    const auto& word = table.text[Place(report, "word")][row];
    double sum = 0, base_sum = 0, scaled = 0;
    int64_t with = 0, base_with = 0, members = 0, worded = 0, base_worded = 0, base = 0;
    for (const Person& person : people) {
      if (person.now == 0) continue;
      const bool is_known = !std::isnan(person.visits);
      const bool has_word = word.has_value() && *word == std::vector<std::string>{"(none)", "gold", "tin"}[person.plan];
      ++base;
      base_with += is_known ? 1 : 0;
      base_sum += is_known ? person.visits : 0;
      base_worded += has_word ? 1 : 0;
      if (person.now != id) continue;
      ++members;
      with += is_known ? 1 : 0;
      sum += is_known ? person.visits : 0;
      scaled += std::ldexp(person.scaled, -12);
      worded += has_word ? 1 : 0;
    }
    const auto number = [&](const char* column) { return table.number[Place(report, column)][row]; };
    if (!word.has_value()) {
      EXPECT_EQ(table.whole[Place(report, "customers")][row], with);
      EXPECT_NEAR(number("mean"), sum / static_cast<double>(with), 1e-9);
      EXPECT_NEAR(number("base_mean"), base_sum / static_cast<double>(base_with), 1e-9);
      EXPECT_NEAR(number("mean_scaled"), scaled / static_cast<double>(members), 1e-12);
      EXPECT_EQ(number("effect"), 1.0 - id);
      continue;
    }
    EXPECT_EQ(table.whole[Place(report, "customers")][row], worded);
    EXPECT_DOUBLE_EQ(number("share"), static_cast<double>(worded) / static_cast<double>(members));
    EXPECT_DOUBLE_EQ(number("base_share"), static_cast<double>(base_worded) / static_cast<double>(base));
  }
  EXPECT_EQ(table.rows, 3u + 9u);
}

TEST(ClusterMovesReport, CountsEverybodyOnceByTheirCause) {
  const std::vector<Person> people = DrawPeople(8, 500);
  const RegisteredReport report = Named("cluster_moves");
  const ReportTable table = ClusterBase(people, 4).TableOf(report);
  std::map<std::string, int64_t> expected, found;
  for (const Person& person : people) {
    const int then = person.then == kNotInFollowed ? 0 : person.then;
    if (then == 0 && person.now == 0) continue;
    const bool bought = person.last_row_day > kThen;
    const bool other_k = then == 4 || person.now == 3;
    const std::string part = other_k ? "k" : person.by_last_centres == person.now ? "transform" : "centres";
    if (person.now == then) {
      ++expected["stayed"];
    } else if (then == 0) {
      ++expected["entered"];
    } else if (person.now == 0) {
      ++expected["left"];
    } else if (person.by_last_model == person.now) {
      ++expected[bought ? "bought" : "aged"];
    } else {
      ++expected[person.by_last_model == then ? part : bought ? "both_bought" : "both_aged"];
    }
  }
  expected["left"] += kLeftCustomers - kLeftCustomers / 4;  // those who had a cluster
  for (size_t row = 0; row < table.rows; ++row) {
    found[*table.text[Place(report, "cause")][row]] += table.whole[Place(report, "customers")][row];
  }
  EXPECT_EQ(found, expected);
}

TEST(ClusterDriftReport, ComparesBothNights) {
  const std::vector<Person> people = DrawPeople(9, 500);
  const RegisteredReport report = Named("cluster_drift");
  const ReportTable table = ClusterBase(people, 4).TableOf(report);
  const auto value = [&](const std::string& measure, int64_t id) {
    for (size_t row = 0; row < table.rows; ++row) {
      if (*table.text[0][row] == measure && table.whole[1][row] == id) return table.number[2][row];
    }
    return std::nan("");
  };
  int64_t common = 0, both = 0, either = 0;
  for (const Person& person : people) {
    if (person.then == kNotInFollowed) continue;
    common += person.then > 0 && person.now > 0 ? 1 : 0;
    both += person.then == 2 && person.now == 2 ? 1 : 0;
    either += person.then == 2 || person.now == 2 ? 1 : 0;
  }
  EXPECT_EQ(value("common_customers", kNoWhole), static_cast<double>(common));
  EXPECT_DOUBLE_EQ(value("overlap", 2), static_cast<double>(both) / static_cast<double>(either));
  EXPECT_EQ(value("centre_shift", 2), 0.25);  // matched first, listed second
  EXPECT_EQ(value("centre_shift", 1), 0.5);
  EXPECT_EQ(value("appeared", 3), 1);
  EXPECT_EQ(value("vanished", 4), 1);
  EXPECT_EQ(value("inertia_ratio", kNoWhole), 1.125);
  EXPECT_EQ(value("refit", kNoWhole), 1);
  const double rand = value("adjusted_rand", kNoWhole);
  EXPECT_GT(rand, 0.2);
  EXPECT_LT(rand, 0.9);
}

}  // namespace
}  // namespace strata

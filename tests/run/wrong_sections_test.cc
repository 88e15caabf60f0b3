// Every section of a job beside transactions, spoiled one way at a time: the error names the key, what was found and
// what is allowed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "run/job_file.h"

namespace strata {
namespace {

using ::testing::HasSubstr;

constexpr char kJob[] = R"(name: wrong
currency: EUR
sources:
  transactions: {uri: t.csv, columns: {customer_id: c, time: t, amount: a, order_id: o, category: k}, lines: keep}
  customers:
    uri: customers.csv
    columns: {customer_id: id, gender: sex, region: state, contract_start: from, contract_end: to}
    values: {gender: {F: female, M: male}}
    extra: {tier: {column: level, type: category}}
    valid_from: {"customers_2024*.csv": 2024-01-01}
    error_budget: {rejected_ratio_max: 0.5}
  products: {uri: p.csv, columns: {product_id: sku, unit_cost: cost}, valid_from: 2024-01-01}
  costs: {uri: costs.csv, columns: {customer_id: c, period: p, type: t, amount: a}}
  cases: {uri: cases.csv, columns: {case_id: n, customer_id: c, kind: k, opened: o, updated_at: u}, delimiter: ";"}
  surveys: {uri: s.csv, columns: {customer_id: c, time: t, instrument: i, score: s}, on_missing_customer: skip}
models:
  rfm: {scores: {recency: 5, frequency: 4, monetary: 3}, cuts: fixed, ties: value, window: {days: 365}, grid: eleven,
        fixed: {recency_days: [7, 30, 90, 180], frequency: [1, 2, 4], monetary: [10.5, 100]}, refit: nightly,
        grids: {mine: {axes: [recency], cells: {"[3-5]": good, "[1-2]": rest}}}}
  value: {window_days: 730, a: 0.8, b: 0.95, d_beyond: 0.99, loyalty: {up: 4, down: 1}, stability: {up_max: 0.25, down_min: 4},
          peer_quantile: 0.8, peers_min: 100, treatment: {A: care, D: stop}}
  levels: {cuts: [0.5, 0.8], frequency: {fixed: [2, 5]}, order: {cuts: [0.3, 0.6]}}
  life_cycle: {gap_days: 365, quantiles: [0.8, 0.9, 0.95]}
  clustering:
    features:
      - log1p_recency_days
      - {column: margin, transform: yeo_johnson, scale: robust, winsorise: [0.005, 0.995], weight: 1.5, missing: median}
      - customers.gender
    k: auto
    k_max: 12
    starts: 16
    tolerance: 0.001
    trim: 0.05
    gamma: huang
    weight: net
    sample: 32768
    references: 20
    trials: chosen
    refit: {days: 30, drift: true}
    drift: {psi: 0.25, inertia: 0.5}
reports: [quality_tables, rfm_cells]
segments:
  vip: grade = 'A' AND net >= 500
  tea: EXISTS (SELECT * FROM transactions WHERE category = 'tea' AND days_ago < 90)
  both: {where: segment('vip') AND segment('tea'), title: Both}
)";

// One edit, the key that the error names, and what it says was found and is allowed.
struct WrongCase {
  const char* replace;
  const char* with;
  const char* key;
  const char* found;
  const char* allowed;
};

void ExpectRefused(const std::vector<WrongCase>& cases) {
  ASSERT_TRUE(ParseJob(kJob, "wrong.yaml").ok()) << ParseJob(kJob, "wrong.yaml").status();
  for (const WrongCase& c : cases) {
    SCOPED_TRACE(std::string(c.replace) + " -> " + c.with);
    std::string text = kJob;
    const size_t at = text.find(c.replace);
    ASSERT_NE(at, std::string::npos);
    text.replace(at, std::string(c.replace).size(), c.with);
    const absl::StatusOr<Job> job = ParseJob(text, "wrong.yaml");
    ASSERT_FALSE(job.ok());
    EXPECT_EQ(job.status().code(), absl::StatusCode::kInvalidArgument);
    const std::string message(job.status().message());
    EXPECT_THAT(message, HasSubstr("wrong.yaml:"));
    EXPECT_THAT(message, HasSubstr(c.key));
    EXPECT_THAT(message, HasSubstr(c.found));
    EXPECT_THAT(message, HasSubstr(c.allowed));
  }
}

TEST(WrongSections, OfTablesAreRefusedWithKeyFoundAndAllowed) {
  ExpectRefused({
      {"  costs:", "  cost:", "sources.cost: ", "unknown key", "did you mean 'costs'?"},
      {"uri: customers.csv", "uri: ''", "sources.customers.uri: ", "''", "not blank"},
      {"    uri: customers.csv\n", "", "sources.customers.uri: ", "missing", "glob"},
      {"customer_id: id, gender", "gender", "sources.customers.columns.customer_id: ", "missing", "name of a column"},
      {"gender: sex", "sexe: sex", "sources.customers.columns.sexe: ", "unknown key", "gender"},
      {"gender: sex", "gender: ' '", "sources.customers.columns.gender: ", "' '", "not blank"},
      {"F: female", "F: woman", "sources.customers.values.gender.F: ", "'woman'", "female, male, other, unknown"},
      {"values: {gender:", "values: {area:", "sources.customers.values.area: ", "no column is mapped", "columns"},
      {"values: {gender:", "values: {region:", "sources.customers.values.region: ", "unknown key", "gender"},
      {"type: category", "type: text", "sources.customers.extra.tier.type: ", "'text'", "category, number, day, flag"},
      {", type: category", "", "sources.customers.extra.tier.type: ", "missing", "category, number, day, flag"},
      {"{tier:", "{Tier:", "sources.customers.extra.Tier: ", "no name", "a small letter"},
      {"{tier:", "{city:", "sources.customers.extra.city: ", "a column of the table itself", "another name"},
      {"2024-01-01}\n", "2024-02-30}\n", "sources.customers.valid_from.", "'2024-02-30'", "YYYY-MM-DD"},
      {"valid_from: 2024-01-01}", "valid_from: soon}", "sources.products.valid_from: ", "'soon'", "YYYY-MM-DD"},
      {"gender: sex", "gender: sex, valid_from: v", "sources.customers.valid_from: ", "a column says it", "not both"},
      {"rejected_ratio_max: 0.5", "rejected_ratio_max: 2", "sources.customers.error_budget.rejected_ratio_max: ", "'2'",
       "0 to 1"},
      {"unit_cost: cost}", "unit_cost: cost}, on_missing_customer: skip",
       "sources.products.on_missing_customer: ", "unknown key", "uri"},
      {"columns: {customer_id: c, period", "columns: {period", "sources.costs.columns: ", "neither whom nor what",
       "customer_id, activity"},
      {", type: t,", ",", "sources.costs.columns.type: ", "missing", "name of a column"},
      {"case_id: n, ", "", "sources.cases.columns.updated_at: ", "without case_id", "both or neither"},
      {"delimiter: \";\"", "delimiter: \";;\"", "sources.cases.delimiter: ", "';;'", "one of"},
      {"on_missing_customer: skip", "on_missing_customer: drop", "sources.surveys.on_missing_customer: ", "'drop'",
       "reject, skip"},
      {"lines: keep", "lines: maybe", "sources.transactions.lines: ", "'maybe'", "keep, drop"},
      {"delimiter: \";\"", "on_changed: ignore", "sources.cases.on_changed: ", "'ignore'", "error, replace"},
      {"delimiter: \";\"", "on_vanished: cry", "sources.cases.on_vanished: ", "'cry'", "keep, error, remove"},
      {"delimiter: \";\"", "time_format: '%d.%m'", "sources.cases.time_format: ", "'%d.%m'", "the year"},
  });
}

TEST(WrongSections, OfRfmAreRefusedWithKeyFoundAndAllowed) {
  ExpectRefused({
      {"recency: 5", "recency: 1", "models.rfm.scores.recency: ", "'1'", "2 to 10"},
      {"recency: 5", "recent: 5", "models.rfm.scores.recent: ", "unknown key", "recency"},
      {"cuts: fixed", "cuts: equal", "models.rfm.cuts: ", "'equal'", "quantile, fixed, nested"},
      {"cuts: fixed", "cuts: nested", "models.rfm.fixed: ", "not fixed", "only with cuts: fixed"},
      {"ties: value", "ties: mid_rank", "models.rfm.ties: ", "'mid_rank'", "value"},
      {"[1, 2, 4]", "[1, 2]", "models.rfm.fixed.frequency: ", "2", "3"},
      {"[1, 2, 4]", "[1, 4, 2]", "models.rfm.fixed.frequency: ", "'2'", "greater than the one before"},
      {"frequency: [1, 2, 4], ", "", "models.rfm.fixed.frequency: ", "missing", "3 cuts"},
      {"[10.5, 100]", "[10.5, many]", "models.rfm.fixed.monetary: ", "many", "6 decimals"},
      {"window: {days: 365}", "window: year", "models.rfm.window: ", "'year'", "all, {days: N}"},
      {"window: {days: 365}", "window: {days: 0}", "models.rfm.window.days: ", "'0'", "1 to 36500"},
      {"window: {days: 365}", "window: {days: 9, count: 2}", "models.rfm.window.days: ", "twice",
       "calendar with count"},
      {"window: {days: 365}", "window: {calendar: week}", "models.rfm.window.calendar: ", "'week'",
       "month, quarter, year"},
      {"grid: eleven", "grid: twelve", "models.rfm.grid: ", "'twelve'", "eleven, ten, eight, mine"},
      {"{mine:", "{ten:", "models.rfm.grids.ten: ", "built-in", "another name"},
      {"axes: [recency]", "axes: [age]", "models.rfm.grids.mine.axes: ", "'age'", "recency, frequency, monetary"},
      {"\"[1-2]\": rest", "\"[1-1]\": rest", "models.rfm.grids.mine.cells: ", "2", "no class"},
      {"\"[1-2]\": rest", "\"[1-3]\": rest", "models.rfm.grids.mine.cells: ", "3", "good"},
      {"refit: nightly", "refit: frozen", "models.rfm.refit: ", "'frozen'", "nightly"},
  });
}

TEST(WrongSections, OfValueLevelsAndLifeCycleAreRefusedWithKeyFoundAndAllowed) {
  ExpectRefused({
      {"window_days: 730", "window_days: ever", "models.value.window_days: ", "'ever'", "all, or a whole number"},
      {"a: 0.8,", "a: 1.2,", "models.value.a: ", "'1.2'", "between 0 and 1"},
      {"b: 0.95", "b: 0.5", "models.value.b: ", "a is not less than b", "a less than b"},
      {"d_beyond: 0.99", "d_beyond: 0.9", "models.value.d_beyond: ", "'0.9'", "greater than b"},
      {"down: 1}", "down: 4}", "models.value.loyalty.down: ", "4", "less than up"},
      {"up: 4", "up: 5", "models.value.loyalty.up: ", "'5'", "0 to 4"},
      {"down_min: 4", "down_min: 0.2", "models.value.stability.up_max: ", "not below down_min", "less"},
      {"peer_quantile: 0.8", "peer_quantile: 0", "models.value.peer_quantile: ", "'0'", "between 0 and 1"},
      {"peers_min: 100", "peers_min: 0", "models.value.peers_min: ", "'0'", "1 to 1000000"},
      {"treatment: {A:", "treatment: {E:", "models.value.treatment.E: ", "unknown key", "A, B, C, D"},
      {"peers_min: 100", "refit: weekly", "models.value.refit: ", "'weekly'", "nightly, frozen"},
      {"cuts: [0.5, 0.8]", "cuts: [0.5]", "models.levels.cuts: ", "1", "2"},
      {"cuts: [0.5, 0.8]", "cuts: [0.8, 0.5]", "models.levels.cuts: ", "'0.5'", "greater than the one before"},
      {"fixed: [2, 5]", "fixed: [2, 5.5]", "models.levels.frequency.fixed: ", "5.5", "whole number"},
      {"fixed: [2, 5]", "fixed: [2, 5], cuts: [0.1, 0.2]", "models.levels.frequency.fixed: ", "twice", "cuts or fixed"},
      {"order: {cuts", "orders: {cuts", "models.levels.orders: ", "unknown key", "did you mean 'order'?"},
      {"gap_days: 365", "gap_days: 4000", "models.life_cycle.gap_days: ", "'4000'", "1 to 3650"},
      {"[0.8, 0.9, 0.95]", "[0.8, 0.9]", "models.life_cycle.quantiles: ", "2", "3"},
      {"[0.8, 0.9, 0.95]", "[0.8, 0.9, 0.95], fixed_days: [1, 2, 3]", "models.life_cycle.quantiles: ", "fixed",
       "without fixed_days"},
  });
}

TEST(WrongSections, OfFeaturesToClusterOnAreRefusedWithKeyFoundAndAllowed) {
  ExpectRefused({
      {"- log1p_recency_days", "- log1p_recency", "models.clustering.features[1].column: ", "'log1p_recency'",
       "did you mean 'log1p_recency_days'?"},
      {"- log1p_recency_days", "- p_alive", "features[1].column: ", "'p_alive', a score", "columns of customers"},
      {"- log1p_recency_days", "- grade", "features[1].column: ", "'grade', a score, class", "columns of customers"},
      {"- log1p_recency_days", "- no_purchase", "features[1].column: ", "constant", "columns of customers"},
      {"- log1p_recency_days", "- margin", "features[2].column: ", "'margin' twice", "each column once"},
      {"- log1p_recency_days", "- ''", "features[1].column: ", "''", "not blank"},
      {"- log1p_recency_days", "- [net]", "models.clustering.features: ", "a list in the list",
       "mappings with the keys"},
      {"- log1p_recency_days", "- {transform: none}", "features[1].column: ", "missing", "a column of customers"},
      {"- log1p_recency_days", "- {column: net, power: 2}", "features[1].power: ", "unknown key", "transform"},
      {"- log1p_recency_days", "- {column: log1p_recency_days, transform: none}", "features[1].transform: ", "'none'",
       "log1p, or the column recency_days"},
      {"- customers.gender", "- customers.city", "features[3].column: ", "sources.customers.columns.city",
       "columns of customers"},
      {"- customers.gender", "- kyc.income", "features[3].column: ", "'kyc.income'", "columns of customers"},
      {"- customers.gender", "- {column: customers.gender, transform: log1p}", "features[3].transform: ", "'log1p'",
       "category, since customers.gender holds words"},
      {"- customers.gender", "- {column: customers.gender, scale: robust}", "features[3].scale: ", "holds words",
       "only for numbers"},
      {"- customers.gender", "- {column: customers.gender, winsorise: [0, 1]}",
       "features[3].winsorise: ", "holds words", "only for numbers"},
      {"- customers.gender", "- {column: customers.gender, missing: zero}", "features[3].missing: ", "holds words",
       "only for numbers"},
      {"yeo_johnson", "box_cox", "features[2].transform: ", "'box_cox'", "none, log1p, yeo_johnson"},
      {"yeo_johnson", "category", "features[2].transform: ", "'category'", "since margin is a number"},
      {"scale: robust", "scale: unit", "features[2].scale: ", "'unit'", "standard, robust, minmax, none"},
      {"[0.005, 0.995]", "[0.995, 0.005]", "features[2].winsorise: ", "not less", "the first less than the second"},
      {"[0.005, 0.995]", "[0.005, 1.5]", "features[2].winsorise: ", "'1.5'", "from 0 to 1"},
      {"[0.005, 0.995]", "[0.005]", "features[2].winsorise: ", "1 numbers", "a list of 2"},
      {"[0.005, 0.995]", "0.005", "features[2].winsorise: ", "'0.005'", "a list of 2"},
      {"weight: 1.5", "weight: 0", "features[2].weight: ", "'0'", "0.001 to 10"},
      {"missing: median", "missing: mean", "features[2].missing: ", "'mean'", "median, zero, exclude"},
  });
}

TEST(WrongSections, OfClusteringAreRefusedWithKeyFoundAndAllowed) {
  ExpectRefused({
      {"k: auto", "k: 65", "models.clustering.k: ", "'65'", "auto, or a whole number from 1 to 64"},
      {"k: auto", "k: many", "models.clustering.k: ", "'many'", "1 to 64"},
      {"k: auto", "k: 0", "models.clustering.k: ", "'0'", "1 to 64"},
      {"k: auto", "k: 5", "models.clustering.references: ", "k is 5", "only with k: auto"},
      {"k_max: 12", "k_max: 1", "models.clustering.k_max: ", "'1'", "2 to 64"},
      {"starts: 16", "starts: 0", "models.clustering.starts: ", "'0'", "1 to 64"},
      {"starts: 16", "iterations_max: 0", "models.clustering.iterations_max: ", "'0'", "1 to 10000"},
      {"tolerance: 0.001", "tolerance: 0.1", "models.clustering.tolerance: ", "'0.1'", "0 to 0.01"},
      {"trim: 0.05", "trim: 0.6", "models.clustering.trim: ", "'0.6'", "0 to 0.5"},
      {"gamma: huang", "gamma: 0", "models.clustering.gamma: ", "'0'", "auto, huang, or a number from 0.01 to 100"},
      {"      - customers.gender\n", "", "models.clustering.gamma: ", "no feature is a column of words",
       "only with one"},
      {"weight: net\n", "weight: nett\n", "models.clustering.weight: ", "'nett'", "did you mean 'net'?"},
      {"weight: net\n", "weight: customers.gender\n", "models.clustering.weight: ", "'customers.gender'",
       "a column of numbers"},
      {"weight: net\n", "weight: lifetime_value\n", "models.clustering.weight: ", "'lifetime_value', a score",
       "columns of customers"},
      {"sample: 32768", "sample: 100", "models.clustering.sample: ", "'100'", "1024 to 65536"},
      {"references: 20", "references: 19", "models.clustering.references: ", "'19'", "20 to 100"},
      {"trials: chosen", "trials: some", "models.clustering.trials: ", "'some'", "chosen, all"},
      {"{days: 30, drift: true}", "{days: 0}", "models.clustering.refit.days: ", "'0'", "1 to 3650"},
      {"{days: 30, drift: true}", "weekly", "models.clustering.refit: ", "'weekly'", "nightly, frozen, on_drift"},
      {"{days: 30, drift: true}", "{days: 30, drift: maybe}", "models.clustering.refit.drift: ", "'maybe'", "true"},
      {"{days: 30, drift: true}", "frozen", "models.clustering.drift: ", "does not look at drift",
       "only with on_drift"},
      {"psi: 0.25", "psi: 0", "models.clustering.drift.psi: ", "'0'", "a number from"},
      {"psi: 0.25", "psy: 1", "models.clustering.drift.psy: ", "unknown key", "psi"},
  });
}

TEST(WrongSections, OfReportsAndSegmentsAreRefusedWithKeyFoundAndAllowed) {
  ExpectRefused({
      {"[quality_tables, rfm_cells]", "some", "reports: ", "'some'", "all, or a list"},
      {"[quality_tables, rfm_cells]", "{a: b}", "reports: ", "a mapping", "a list"},
      {"[quality_tables, rfm_cells]", "[rfm_cells, rfm_cells]", "reports: ", "'rfm_cells' twice", "each once"},
      {"[quality_tables, rfm_cells]", "[Quality]", "reports: ", "'Quality'", "all, or a list"},
      {"  vip:", "  Vip:", "segments.Vip", "Vip", "small letter"},
      {"grade = 'A'", "grade = 'E'", "segments.vip:1:9", "'E'", "A, B, C, D"},
      {"grade = 'A'", "grades = 'A'", "segments.vip:1:1", "grades", "grade"},
      {"net >= 500", "net >= 'much'", "segments.vip:1:", "text", "money"},
      {"net >= 500", "net >=", "segments.vip:1:", "the end of the condition", "a column, a number"},
      {"days_ago < 90", "day_ago < 90", "segments.tea:1:", "day_ago", "days_ago"},
      {"FROM transactions", "FROM cakes", "segments.tea:1:", "cakes", "transactions"},
      {"segment('tea')", "segment('coffee')", "segments.both:1:", "coffee", "tea"},
      {"grade = 'A' AND net >= 500", "segment('both')", "segments.", "both", "vip"},
      {"title: Both", "titel: Both", "segments.both.titel: ", "unknown key", "title"},
      {"where: segment('vip') AND segment('tea'), ", "", "segments.both.where: ", "missing", "a condition"},
      {"net >= 500", "p_alive > 0.5", "segments.vip:1:", "p_alive", "models.lifetime"},
  });
}

}  // namespace
}  // namespace strata

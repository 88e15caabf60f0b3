// Classes of a few customers worked out by hand, and why they change.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "model/classes/schemes.h"
#include "model/fitted_models.h"
#include "tests/model/customer_table.h"

namespace strata {
namespace {

constexpr Day kAsOf = 10'000;

// The class names of every customer in a scheme, "none" for none.
std::vector<std::string> NamesOf(const ClassCodes& classes, SchemeId scheme) {
  std::vector<std::string> names;
  for (const uint8_t code : classes.codes[static_cast<size_t>(scheme)]) {
    names.emplace_back(code == 0 ? "none" : ClassNames(scheme)[code - 1U]);
  }
  return names;
}

// Five customers: one who never bought, a steady one, a new one, one long gone, one back after a long silence.
struct FiveCustomers {
  FiveCustomers() {
    const auto whole = [this](const char* name, const std::vector<int64_t>& values) {
      Column column;
      column.name = name;
      column.whole = values;
      profile.Add(std::move(column));
    };
    whole("margin", margin);
    whole("active_quarters", quarters);
    whole("last_gap_days", last_gap);
    whole("unit_price", unit_price);
    const auto text = [this](const char* name, const std::vector<int32_t>& codes,
                             const std::vector<std::string>& words) {
      Column column;
      column.name = name;
      column.type = ColumnType::kText;
      column.code = codes;
      column.words = words;
      profile.Add(std::move(column));
    };
    text("main_category", category, categories);
    text("main_region", region, regions);
    text("tenure_band", tenure, tenures);
    today.as_of = kAsOf;
    today.hash = hash;
    today.purchase_days = purchase_days;
    today.first_day = first_day;
    today.last_day = last_day;
    today.net_micros = net;
    today.squared_gap_days = squared_gaps;
  }
  FiveCustomers(const FiveCustomers&) = delete;
  FiveCustomers& operator=(const FiveCustomers&) = delete;

  std::vector<uint64_t> hash = {1, 2, 3, 4, 5};
  std::vector<int32_t> purchase_days = {0, 11, 1, 2, 4};
  std::vector<Day> first_day = {0, kAsOf - 400, kAsOf - 20, kAsOf - 900, kAsOf - 800};
  std::vector<Day> last_day = {0, kAsOf - 10, kAsOf - 20, kAsOf - 500, kAsOf - 5};
  std::vector<int64_t> net = {0, 900, 100, 50, 300};
  std::vector<int64_t> squared_gaps = {0, 10 * 39 * 39, 0, 400 * 400, 300 * 300 * 2};
  std::vector<int64_t> margin = {kNoWhole, 500, 40, -5, 90};
  std::vector<int64_t> quarters = {0, 4, 1, 0, 2};
  std::vector<int64_t> last_gap = {kNoWhole, 39, kNoWhole, 400, 300};
  std::vector<int64_t> unit_price = {kNoWhole, 10, 10, 90, 30};
  std::vector<int32_t> category = {-1, 0, 1, 0, 0};
  std::vector<std::string> categories = {"tea", "toys"};
  std::vector<int32_t> region = {-1, 0, 0, 0, -1};
  std::vector<std::string> regions = {"east"};
  std::vector<int32_t> tenure = {-1, 0, 0, 0, 0};
  std::vector<std::string> tenures = {"2"};
  ColumnSet profile;
  CustomerColumns today;
};

FittedModels ModelsOfFive() {
  FittedModels models;
  SchemeModels& schemes = models.schemes.emplace();
  ValueModel& value = schemes.value.emplace();
  value.a_from = 500;
  value.b_from = 90;
  value.c_from = 1;
  schemes.life_cycle.emplace().days = {60, 120, 365};
  schemes.peers.emplace().groups = {
      {"", "2", "tea", 120, 400}, {"east", "2", "tea", 150, 450}, {"east", "2", "toys", 100, 70}};
  schemes.levels[1].emplace().cuts = {1, 4};
  schemes.levels[4].emplace().cuts = {20, 40};
  schemes.levels[4]->by_group["tea"] = {10, 30};
  return models;
}

using Names = std::vector<std::string>;

TEST(Classify, FiveCustomersByHand) {
  const FiveCustomers five;
  const ClassCodes classes = ClassifyCustomers(ModelsOfFive(), five.today, five.profile);
  EXPECT_EQ(NamesOf(classes, SchemeId::kValueClass), (Names{"none", "A", "C", "D", "B"}));
  // The third was active in one quarter only, but C is the end; the fifth has three gaps, (0, 300, 300)-like, and
  // stays.
  EXPECT_EQ(NamesOf(classes, SchemeId::kGrade), (Names{"none", "A", "C", "D", "B"}));
  EXPECT_EQ(NamesOf(classes, SchemeId::kLifeCycle), (Names{"potential", "active", "new", "lost", "returning"}));
  EXPECT_EQ(classes.growth_potential, (std::vector<int64_t>{kNoWhole, -50, 30, 455, 310}));
  EXPECT_EQ(NamesOf(classes, SchemeId::kCustomerKind),
            (Names{"ordinary", "quality", "potential", "ordinary", "quality"}));
  EXPECT_EQ(NamesOf(classes, SchemeId::kCore), (Names{"general", "core", "potential", "potential", "potential"}));
  EXPECT_EQ(NamesOf(classes, SchemeId::kNeedClass),
            (Names{"potential", "important", "ordinary", "ordinary", "ordinary"}));
  EXPECT_EQ(NamesOf(classes, SchemeId::kStage),
            (Names{"acquisition", "nurture", "acquisition", "retention", "uplift"}));
  EXPECT_EQ(NamesOf(classes, SchemeId::kFrequencyLevel), (Names{"zero", "high", "low", "medium", "medium"}));
  // tea has cuts of its own, toys those of all.
  EXPECT_EQ(NamesOf(classes, SchemeId::kSpendingLevel), (Names{"zero", "low", "low", "high", "medium"}));
  EXPECT_TRUE(classes.codes[static_cast<size_t>(SchemeId::kAmountLevel)].empty()) << "not asked for";
  EXPECT_TRUE(classes.codes[static_cast<size_t>(SchemeId::kRfm)].empty());
}

TEST(Classify, AColumnThatIsNotThereIsAbsentInEveryRow) {
  const FiveCustomers five;
  const ClassCodes classes = ClassifyCustomers(ModelsOfFive(), five.today, ColumnSet());
  EXPECT_EQ(NamesOf(classes, SchemeId::kValueClass), (Names(5, "none")));
  EXPECT_EQ(classes.growth_potential, (std::vector<int64_t>(5, kNoWhole)));
  EXPECT_EQ(NamesOf(classes, SchemeId::kLifeCycle), (Names{"potential", "active", "new", "lost", "active"}))
      << "without gaps nobody returns";
}

TEST(Classify, RfmNamesTheGridOfTheJob) {
  const FiveCustomers five;
  FittedModels models;
  RfmModel& rfm = models.rfm.emplace();
  rfm.customers = 4;
  rfm.scores = 2;
  rfm.recency_cuts_days = {15};
  rfm.frequency_cuts = {2};
  rfm.monetary_cuts_micros = {100};
  rfm.sums = {535, 18, 1350};
  ClassCodes classes = ClassifyCustomers(models, five.today, five.profile);
  EXPECT_EQ(NamesOf(classes, SchemeId::kRfm),
            (Names{"none", "champions", "need_attention", "need_attention", "champions"}));
  EXPECT_EQ(NamesOf(classes, SchemeId::kRfmEight),
            (Names{"none", "important_value", "general_develop", "lost", "general_develop"}));
  rfm.grid = "eight";
  classes = ClassifyCustomers(models, five.today, five.profile);
  EXPECT_EQ(classes.codes[static_cast<size_t>(SchemeId::kRfm)],
            classes.codes[static_cast<size_t>(SchemeId::kRfmEight)]);
  EXPECT_EQ(ClassNamesOf(models, SchemeId::kRfm).at(7), "lost");
  rfm.windowed = true;  // and no profile column of the window: nobody has scores
  classes = ClassifyCustomers(models, five.today, five.profile);
  EXPECT_EQ(NamesOf(classes, SchemeId::kRfm), (Names(5, "none")));
}

TEST(Causes, CoverEveryCombination) {
  for (uint8_t before = 0; before < 3; ++before) {
    for (uint8_t by_old_cuts = 0; by_old_cuts < 3; ++by_old_cuts) {
      for (uint8_t now = 0; now < 3; ++now) {
        for (const bool bought : {false, true}) {
          const std::string cause = Name(CauseOf(before, by_old_cuts, now, bought ? 101 : 100, 100));
          const std::string behaviour = bought ? "bought" : "aged";
          const std::string expected = now == before           ? ""
                                       : by_old_cuts == now    ? behaviour
                                       : by_old_cuts == before ? "cuts"
                                                               : "both_" + behaviour;
          EXPECT_EQ(cause, expected) << int{before} << int{by_old_cuts} << int{now};
        }
      }
    }
  }
}

TEST(SchemeNames, AreDistinctAndEveryClassHasOne) {
  std::set<std::string> names;
  for (size_t scheme = 0; scheme < kSchemes; ++scheme) {
    names.insert(Name(static_cast<SchemeId>(scheme)));
    const auto classes = ClassNames(static_cast<SchemeId>(scheme));
    EXPECT_EQ(std::set<std::string_view>(classes.begin(), classes.end()).size(), classes.size());
    EXPECT_GE(classes.size(), 3U);
  }
  EXPECT_EQ(names.size(), kSchemes);
}

}  // namespace
}  // namespace strata

// Planted causes of churn show before they work, in what they are about and nowhere else, and work as strongly as said.
#include "data/synthetic/causes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "data/synthetic/life.h"
#include "data/synthetic/tables/table_maker.h"
#include "tests/base/status_matchers.h"

namespace strata {
namespace {

constexpr int kDays = 720;
constexpr uint32_t kCustomers = 12'000;
constexpr int64_t kRowsEach = 320;

WorldOptions Options() {
  return {.customers = kCustomers,
          .transactions = kCustomers * kRowsEach,
          .seed = 5,
          .shape = BaseShape::kCauses,
          .first_day = 19'000,
          .days = kDays,
          .all_tables = true};
}

// What a customer did in a part of their life.
struct Seen {
  int purchases = 0, lines = 0, returned = 0, promoted = 0, pieces = 0, last_day = -1;
  std::set<int64_t> orders;
  std::map<uint8_t, int> categories;

  double PerOrder() const { return orders.empty() ? 0 : lines / static_cast<double>(orders.size()); }
  double Share(int part) const { return lines == 0 ? 0 : part / static_cast<double>(lines); }
};

Seen SeenIn(const World& world, const std::vector<SyntheticRow>& rows, int after, int until) {
  Seen seen;
  for (const SyntheticRow& row : rows) {
    const int day = static_cast<int>(row.second / kSecondsPerDay);
    if (day <= after || day > until) continue;
    if (row.is_return) {
      ++seen.returned;
      continue;
    }
    ++seen.lines;
    seen.pieces += row.quantity;
    seen.promoted += row.promotion > 0 ? 1 : 0;
    ++seen.categories[(*world.catalogue)[row.product].category];
    seen.orders.insert(row.order_id);
    seen.last_day = std::max(seen.last_day, day);
  }
  seen.purchases = static_cast<int>(seen.orders.size());
  return seen;
}

struct Lived {
  CustomerTruth truth;
  std::vector<SyntheticRow> rows;
};

class CausesTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    world_ = new World(*MakeWorld(Options()));
    for (uint32_t customer = 0; customer < kCustomers; ++customer) {
      Lived& lived = lives_->emplace_back();
      lived.truth = *LiveLife(*world_, customer, &lived.rows);
    }
  }
  static void TearDownTestSuite() {
    delete world_;
    delete lives_;
  }
  // Of the customers with the cause, what they did in its window and in the half year before it.
  template <typename Visit>
  static int ForAffected(ChurnCause cause, Visit&& visit) {
    int affected = 0;
    for (const Lived& lived : *lives_) {
      if (lived.truth.cause != cause) continue;
      ++affected;
      const int cutoff = lived.truth.cause_cutoff_day, from = cutoff - kCauseWindowDays;
      visit(lived, SeenIn(*world_, lived.rows, from, cutoff), SeenIn(*world_, lived.rows, from - 180, from));
    }
    return affected;
  }

  static inline World* world_ = nullptr;
  static inline std::vector<Lived>* lives_ = new std::vector<Lived>();
};

TEST_F(CausesTest, EachIsPlantedInItsShare) {
  std::map<ChurnCause, int> customers;
  for (const Lived& lived : *lives_) {
    ++customers[lived.truth.cause];
    if (lived.truth.cause == ChurnCause::kNone) {
      EXPECT_EQ(lived.truth.cause_cutoff_day, -1);
      continue;
    }
    EXPECT_EQ((kDays - 1 - lived.truth.cause_cutoff_day) % kCauseHorizonDays, 0);
  }
  for (size_t cause = 1; cause < kChurnCauses; ++cause) {
    const int found = customers[static_cast<ChurnCause>(cause)];
    // Some have left before their cutoff, or buy too little for it to show.
    EXPECT_GT(found, 0.6 * kCauseShare * kCustomers) << kChurnCauseNames[cause];
    EXPECT_LT(found, kCauseShare * kCustomers) << kChurnCauseNames[cause];
  }
}

TEST_F(CausesTest, ReturnsSpikeInTheWindowAlone) {
  int shown = 0;
  const int affected = ForAffected(ChurnCause::kReturnsSpike, [&](const Lived&, const Seen& now, const Seen& before) {
    shown += now.Share(now.returned) > 0.4 && before.Share(before.returned) < 0.15 ? 1 : 0;
  });
  EXPECT_GT(shown, 0.95 * affected);
  int others = 0, rare = 0;
  for (const Lived& lived : *lives_) {
    if (lived.truth.cause == ChurnCause::kReturnsSpike) continue;
    const Seen all = SeenIn(*world_, lived.rows, -1, kDays);
    ++others;
    rare += all.Share(all.returned) < 0.15 ? 1 : 0;
  }
  EXPECT_GT(rare, 0.98 * others);
}

TEST_F(CausesTest, PromotionsEndForWhoBoughtLittleElse) {
  ForAffected(ChurnCause::kPromotionsEnded, [](const Lived&, const Seen& now, const Seen& before) {
    EXPECT_EQ(now.promoted, 0);
    if (before.lines >= 20) {
      EXPECT_GT(before.Share(before.promoted), 0.45);
    }
  });
}

TEST_F(CausesTest, BasketsShrinkToAPieceForAsMuchMoney) {
  double spent_now = 0, spent_before = 0;
  int purchases_now = 0, purchases_before = 0;
  ForAffected(ChurnCause::kBasketShrink, [&](const Lived& lived, const Seen& now, const Seen& before) {
    EXPECT_EQ(now.lines, now.purchases);
    EXPECT_EQ(now.pieces, now.lines);
    if (before.purchases >= 5) {
      EXPECT_GT(before.PerOrder(), 1.8);
    }
    for (const SyntheticRow& row : lived.rows) {
      if (row.is_return) continue;
      const int day = static_cast<int>(row.second / kSecondsPerDay), age = lived.truth.cause_cutoff_day - day;
      if (age >= 0 && age < kCauseWindowDays) spent_now += static_cast<double>(row.amount_cents);
      if (age >= kCauseWindowDays && age < kCauseWindowDays + 180)
        spent_before += static_cast<double>(row.amount_cents);
    }
    purchases_now += now.purchases;
    purchases_before += before.purchases;
  });
  EXPECT_NEAR(spent_now / purchases_now / (spent_before / purchases_before), 1, 0.1);
}

TEST_F(CausesTest, TheOwnCategoryIsDropped) {
  int told = 0, dropped = 0;
  ForAffected(ChurnCause::kCategoryDropped, [&](const Lived&, const Seen& now, const Seen& before) {
    if (before.lines < 20) return;
    uint8_t home = 0;
    int most = 0;
    for (const auto& [category, lines] : before.categories) {
      if (lines > most) home = category;
      most = std::max(most, lines);
    }
    ++told;
    dropped += before.Share(most) > 0.5 && !now.categories.contains(home) ? 1 : 0;
  });
  EXPECT_GT(told, 200);
  EXPECT_GT(dropped, 0.98 * told);
}

TEST_F(CausesTest, TicketsAreOpenedBeforeTheCutoffAndClosedAfterIt) {
  TableMaker maker(*world_);
  std::map<std::string, std::vector<std::pair<Day, int64_t>>> expected;
  for (uint32_t customer = 0; customer < 3000; ++customer) {
    const Lived& lived = (*lives_)[customer];
    maker.AddBuyer(customer, lived.truth, lived.rows);
    if (lived.truth.cause != ChurnCause::kServiceTickets) continue;
    const Day cutoff = Options().first_day + lived.truth.cause_cutoff_day;
    auto& versions = expected[CustomerId(customer)];
    versions.emplace_back(cutoff - kTicketDays, int64_t{lived.truth.tickets} * 1'000'000);
    if (cutoff + kTicketDays <= world_->last_day()) versions.emplace_back(cutoff + kTicketDays, 0);
    EXPECT_GE(lived.truth.tickets, kTicketsMin);
  }
  ASSERT_GT(expected.size(), 100U);
  const MadeTables made = maker.Take();
  const std::vector<MadeColumn>& columns = made.tables[0].columns();
  const auto column = [&columns](std::string_view name) {
    return std::find_if(columns.begin(), columns.end(), [name](const MadeColumn& one) { return one.name == name; });
  };
  std::map<std::string, std::vector<std::pair<Day, int64_t>>> found;
  std::set<std::string> known;
  for (size_t row = 0; row < made.tables[0].rows(); ++row) {
    const std::string id(column("customer_id")->words.words()[static_cast<size_t>(column("customer_id")->code[row])]);
    const int64_t tickets = column(kTicketsColumn)->whole[row];
    if (known.insert(id).second) {  // the first version: no more than one that means nothing
      EXPECT_LE(tickets, 1'000'000);
    } else {
      found[id].emplace_back(static_cast<Day>(column("valid_from")->whole[row]), tickets);
    }
  }
  EXPECT_EQ(found, expected);
}

// At every cutoff whose horizon is over: customers who bought in the window, with the cause and with none there.
TEST_F(CausesTest, WorkAsStronglyAsSaidAndNotBySilence) {
  struct Outcome {
    double customers = 0, lost = 0, recency = 0, purchases = 0;
    double LogOdds() const { return std::log(lost / (customers - lost)); }
  };
  std::map<ChurnCause, Outcome> outcomes;
  for (int place = 1; place < CauseCutoffs(kDays); ++place) {
    const int cutoff = CauseCutoffDay(kDays, place);
    for (const Lived& lived : *lives_) {
      const Seen window = SeenIn(*world_, lived.rows, cutoff - kCauseWindowDays, cutoff);
      if (window.purchases < kCausePurchasesMin) continue;
      const bool is_now = lived.truth.cause_cutoff_day == cutoff;
      Outcome& outcome = outcomes[is_now ? lived.truth.cause : ChurnCause::kNone];
      const Seen after = SeenIn(*world_, lived.rows, cutoff, cutoff + kCauseHorizonDays);
      ++outcome.customers;
      outcome.lost += after.purchases == 0 ? 1 : 0;
      outcome.recency += cutoff - window.last_day;
      outcome.purchases += window.purchases;
    }
  }
  const Outcome& none = outcomes[ChurnCause::kNone];
  EXPECT_NEAR(none.lost / none.customers, kLeavesWithoutCause, 0.02);
  for (size_t cause = 1; cause < kChurnCauses; ++cause) {
    const Outcome& with = outcomes[static_cast<ChurnCause>(cause)];
    EXPECT_GT(with.LogOdds() - none.LogOdds(), 1.5) << kChurnCauseNames[cause];
    EXPECT_NEAR(with.recency / with.customers, none.recency / none.customers, 1.5) << kChurnCauseNames[cause];
    EXPECT_NEAR(with.purchases / with.customers / (none.purchases / none.customers), 1, 0.1) << kChurnCauseNames[cause];
  }
}

TEST(Causes, NeedRoomToShow) {
  const auto reason = [](const WorldOptions& options) { return std::string(MakeWorld(options).status().message()); };
  WorldOptions options = Options();
  EXPECT_OK(MakeWorld(options));
  options.all_tables = false;
  EXPECT_THAT(reason(options), testing::HasSubstr("shape causes needs all"));
  options = Options();
  options.dirty_ratio = 0.1;
  EXPECT_THAT(reason(options), testing::HasSubstr("--dirty-ratio 0.1: allowed with shape causes is 0"));
  options = Options();
  options.days = 300;
  EXPECT_THAT(reason(options), testing::HasSubstr("of 300 days there are 2 cutoffs; allowed with shape causes are 3"));
  options = Options();
  options.transactions = kCustomers * 20;
  EXPECT_THAT(reason(options), testing::HasSubstr("causes show in purchases"));
}

}  // namespace
}  // namespace strata

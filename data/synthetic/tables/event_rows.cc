// What customers are and do beside buying, row by row.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/local_minutes.h"
#include "data/synthetic/row_values.h"
#include "data/synthetic/tables/table_maker.h"

namespace strata {
namespace {

constexpr int64_t kOpensMinute = 8 * 60;
constexpr uint32_t kOpenMinutes = 14 * 60;
constexpr int64_t kMicros = 1'000'000;
constexpr int64_t kMicrosPerCent = 10'000;
constexpr Day kDaysPerYear = 365;
constexpr double kDeviation = 8;  // of satisfaction around its group's mean
constexpr double kOddAnswer = 0.15;

// Events of a customer: none, one or two of them, `mean` on average (below 2).
uint32_t HowMany(double mean, DrawStream* draws) {
  const auto sure = static_cast<uint32_t>(mean);
  return sure + (draws->Unit() < mean - sure ? 1 : 0);
}

std::string AnyProduct(DrawStream* draws) { return ProductId(draws->Below(kProductCount)); }

}  // namespace

int64_t TableMaker::TimeOf(const Person& person, DrawStream* draws) const {
  const Day from = std::max(person.registered, world_.options.first_day);
  const Day day = from + static_cast<Day>(draws->Below(static_cast<uint32_t>(std::max(1, person.last - from))));
  return day * kMinutesPerDay + kOpensMinute + draws->Below(kOpenMinutes);
}

void TableMaker::AddCustomer(const Person& person) {
  constexpr double kHasReferrer = 0.1, kHasContract = 0.3;
  constexpr Day kYoungest = 18 * kDaysPerYear;
  constexpr uint32_t kAgeSpreadDays = 60 * kDaysPerYear;
  constexpr uint32_t kCityTiers = 5;
  DrawStream draws = Draws(TableId::kCustomers, person);
  MadeTable& made = Table(TableId::kCustomers);
  made.Begin();
  made.Text("customer_id", person.id);
  made.Whole("registered_at", person.registered);
  made.Whole("birth_date", world_.options.first_day - kYoungest - static_cast<Day>(draws.Below(kAgeSpreadDays)));
  made.Whole("city_tier", 1 + draws.Below(kCityTiers));
  const size_t region = person.truth != nullptr ? person.truth->region : draws.Below(kRegions);
  made.Text("region", kRegionNames[region]);
  if (draws.Unit() < kHasReferrer) {
    const bool is_orphan = draws.Unit() < world_.dirty_per_clean;
    const auto number = draws.Below(static_cast<uint32_t>(world_.options.customers));
    made.Text("referrer_id", is_orphan ? fmt::format("X{:09}", number) : CustomerId(number));
    if (is_orphan) ++made_.counts[0].orphan_referrers;
  }
  if (draws.Unit() < kHasContract) {
    made.Whole("contract_start", person.registered);
    made.Whole("contract_end", person.registered + kDaysPerYear * static_cast<Day>(1 + draws.Below(3)));
  } else {
    made.Text("period", "");
  }
  if (world_.options.shape == BaseShape::kCauses) {
    made.Whole("valid_from", person.registered);
    made.Whole(kTicketsColumn, person.truth != nullptr && person.truth->has_ticket ? kMicros : 0);
  }
  Finish(TableId::kCustomers, person, &draws);
  if (person.truth != nullptr && person.truth->tickets > 0) AddTickets(*person.truth);
}

// Versions of the customer's row: tickets are opened before the cutoff, and closed after it.
void TableMaker::AddTickets(const CustomerTruth& truth) {
  const Day cutoff = world_.options.first_day + truth.cause_cutoff_day;
  MadeTable& made = Table(TableId::kCustomers);
  for (const auto& [day, tickets] : {std::pair(cutoff - kTicketDays, int{truth.tickets}), {cutoff + kTicketDays, 0}}) {
    if (day > last_day_) continue;
    made.Repeat();
    made.Whole("valid_from", day);
    made.Whole(kTicketsColumn, tickets * kMicros);
    planters_[0].Count(made, &made_.counts[0]);
  }
}

void TableMaker::AddContacts(const Person& person) {
  constexpr double kMean = 1.5, kAboutCampaign = 0.5;
  DrawStream draws = Draws(TableId::kContacts, person);
  MadeTable& made = Table(TableId::kContacts);
  for (uint32_t left = HowMany(kMean, &draws); left > 0; --left) {
    made.Begin();
    made.Text("customer_id", person.id);
    made.Whole("time", TimeOf(person, &draws));
    made.Text("product_id", AnyProduct(&draws));
    const bool has_campaign = draws.Unit() < kAboutCampaign;
    made.Text("campaign_id", has_campaign ? fmt::format("campaign-{}", 1 + draws.Below(kCampaignCount)) : "");
    Finish(TableId::kContacts, person, &draws);
  }
}

void TableMaker::AddCases(const Person& person) {
  constexpr double kOtherCases = 0.15, kClosed = 0.9;
  constexpr uint32_t kOpenForMinutes = 20 * kMinutesPerDay;
  DrawStream draws = Draws(TableId::kCases, person);
  MadeTable& made = Table(TableId::kCases);
  const bool is_annoyed = person.truth != nullptr && person.truth->reason == LeavingReason::kService &&
                          (!person.truth->alive || person.truth->winding_down);
  const uint32_t complaints = draws.Unit() < (is_annoyed ? kComplaintShareService : kComplaintShare) ? 1 : 0;
  const uint32_t cases = complaints + HowMany(kOtherCases, &draws);
  for (uint32_t i = 0; i < cases; ++i) {
    made.Begin();
    made.Text("case_id", fmt::format("{}-{}", person.id, i));
    made.Text("customer_id", person.id);
    made.Text("kind", i < complaints ? "complaint" : draws.Below(2) == 0 ? "opinion" : "consultation");
    const int64_t opened = TimeOf(person, &draws);
    made.Whole("opened", opened);
    const bool is_closed = draws.Unit() < kClosed;
    made.Whole("closed", is_closed ? opened + draws.Below(kOpenForMinutes) : kNoWhole);
    if (!is_closed) made.Text("outcome", "");
    made.Text("product_id", AnyProduct(&draws));
    Finish(TableId::kCases, person, &draws);
  }
}

void TableMaker::AddSurveys(const Person& person) {
  constexpr double kAsked = 0.4, kAskedKano = 0.05;
  DrawStream draws = Draws(TableId::kSurveys, person);
  if (draws.Unit() < kAskedKano) AddKano(person, &draws);
  if (person.truth == nullptr || draws.Unit() >= kAsked) return;
  MadeTable& made = Table(TableId::kSurveys);
  const double mean = kMeanSatisfaction[person.truth->group % kMeanSatisfaction.size()];
  const int64_t time = TimeOf(person, &draws);
  const double satisfaction = std::clamp(mean + kDeviation * draws.Normal(), 0.0, 100.0);
  for (const std::string_view instrument : {"csat", "nps"}) {
    const double score = instrument == "csat" ? satisfaction : satisfaction / 10;
    made.Begin();
    made.Text("response_id", fmt::format("{}-{}", person.id, instrument));
    made.Text("customer_id", person.id);
    made.Whole("time", time);
    made.Whole("invited_at", time - static_cast<int64_t>(draws.Below(kMinutesPerDay)));
    made.Text("instrument", instrument);
    made.Text("item", "the shop");
    made.Text("form", "");
    made.Whole("score", std::llround(score) * kMicros);
    made.Text("product_id", "");
    Finish(TableId::kSurveys, person, &draws);
  }
}

void TableMaker::AddKano(const Person& person, DrawStream* draws) {
  constexpr uint32_t kAnswers = 5;
  MadeTable& made = Table(TableId::kSurveys);
  const int64_t time = TimeOf(person, draws);
  for (const KanoItem& item : kKanoItems) {
    for (const bool present : {true, false}) {
      const int typical = present ? item.present : item.absent;
      const bool is_odd = draws->Unit() < kOddAnswer;
      made.Begin();
      made.Text("response_id", person.id + "-kano");
      made.Text("customer_id", person.id);
      made.Whole("time", time);
      made.Text("instrument", "kano");
      made.Text("item", item.item);
      made.Text("form", present ? "present" : "absent");
      made.Whole("score", (is_odd ? 1 + draws->Below(kAnswers) : typical) * kMicros);
      made.Text("product_id", "");
      Finish(TableId::kSurveys, person, draws);
    }
  }
}

void TableMaker::AddUses(const Person& person) {
  constexpr double kUses = 1, kVisits = 2;
  constexpr uint32_t kShortestSeconds = 30, kSpreadSeconds = 600;
  for (const auto& [table, mean] : {std::pair(TableId::kUsage, kUses), std::pair(TableId::kVisits, kVisits)}) {
    DrawStream draws = Draws(table, person);
    MadeTable& made = Table(table);
    const bool is_usage = table == TableId::kUsage;
    for (uint32_t left = HowMany(mean, &draws); left > 0; --left) {
      int64_t time = TimeOf(person, &draws);
      if (is_usage) time = std::min(time, (last_day_ - kLateFeedDays) * kMinutesPerDay + kOpensMinute);
      made.Begin();
      made.Text("customer_id", person.id);
      made.Whole("time", time);
      made.Whole("duration", kShortestSeconds + draws.Below(kSpreadSeconds));
      if (is_usage) made.Text("product_id", AnyProduct(&draws));
      if (!is_usage) made.Text("category", kPlantedCategories[draws.Below(kPlantedCategories.size())].name);
      Finish(table, person, &draws);
    }
  }
}

void TableMaker::AddCampaigns(const Person& person) {
  constexpr double kChosen = 0.3, kOpened = 0.5, kClicked = 0.4;
  constexpr int64_t kCostCents = 15;
  DrawStream draws = Draws(TableId::kCampaigns, person);
  MadeTable& made = Table(TableId::kCampaigns);
  for (int campaign = 1; campaign <= kCampaignCount; ++campaign) {
    if (draws.Unit() >= kChosen) continue;
    const bool is_treated = draws.Below(2) == 0;
    const int64_t assigned = TimeOf(person, &draws);
    const auto later = [&] { return assigned + static_cast<int64_t>(draws.Below(3 * kMinutesPerDay)); };
    const bool is_opened = is_treated && draws.Unit() < kOpened;
    const bool is_clicked = is_opened && draws.Unit() < kClicked;
    made.Begin();
    made.Text("customer_id", person.id);
    made.Text("campaign_id", fmt::format("campaign-{}", campaign));
    made.Whole("assigned_at", assigned);
    made.Text("arm", is_treated ? "treated" : "control");
    made.Whole("sent", is_treated ? assigned : kNoWhole);
    made.Whole("opened", is_opened ? later() : kNoWhole);
    made.Whole("clicked", is_clicked ? later() : kNoWhole);
    made.Whole("redeemed", draws.Unit() < (is_treated ? kRedeemedTreated : kRedeemedControl) ? later() : kNoWhole);
    made.Whole("cost", is_treated ? kCostCents * kMicrosPerCent : 0);
    Finish(TableId::kCampaigns, person, &draws);
  }
}

void TableMaker::AddKyc(const Person& person) {
  constexpr double kAssessed = 0.3;
  constexpr uint32_t kThousands = 500;
  DrawStream draws = Draws(TableId::kKyc, person);
  if (draws.Unit() >= kAssessed) return;
  MadeTable& made = Table(TableId::kKyc);
  made.Begin();
  made.Text("customer_id", person.id);
  for (const std::string_view sum : {"assets", "liabilities", "income", "invested"}) {
    made.Whole(sum, int64_t{draws.Below(kThousands)} * 1000 * kMicros);
  }
  made.Text("goals", draws.Below(2) == 0 ? "house|pension" : "pension");
  made.Whole("assessed_at", TimeOf(person, &draws) / kMinutesPerDay);
  Finish(TableId::kKyc, person, &draws);
}

}  // namespace strata

#include "client/text/outlook_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "client/text/churn_words.h"
#include "client/text/money.h"
#include "client/text/numbers.h"

namespace strata {
namespace {

constexpr double kLate = 1.5;  // times the usual gap: who has waited longer is late

std::string HorizonWords(const FittedModels* models) {
  return models == nullptr ? "in the job's horizon" : fmt::format("in the next {} days", models->lifetime_horizon_days);
}

// nullopt: the models are not known, or have none.
std::optional<LifetimeKind> KindOf(const FittedModels* models) {
  if (models == nullptr || !models->lifetime.has_value()) return std::nullopt;
  return models->lifetime->fit.parameters.kind;
}

// " (79.2 to 86.0 %)", in the words of `text_of`; empty without a range.
template <typename TextOf>
std::string Range(double low, double high, TextOf text_of) {
  if (std::isnan(low) || std::isnan(high)) return "";
  return fmt::format(" ({} to {})", text_of(low), text_of(high));
}

std::string PercentRange(double low, double high) {
  return Range(low, high, [](double ratio) { return Percent(ratio); });
}

std::string NextPurchaseWords(const CustomerOutlook& outlook) {
  constexpr std::array<const char*, 3> kLikely = {"10 %", "50 %", "90 %"};
  std::string text;
  for (size_t i = 0; i < kLikely.size(); ++i) {
    const Day day = outlook.next_purchase.at(i);
    if (day == kUnknownDay) continue;
    const std::string when = day == kNeverDay    ? "never"
                             : day == kBeyondDay ? "not within 100 years"
                                                 : "by " + FormatDay(day);
    text += fmt::format("{}{} {}{}", text.empty() ? "" : " · ", kLikely.at(i), text.empty() ? "likely " : "", when);
  }
  return text;
}

// Of opportunities the silence is counted in whole ones, which the card does not have.
std::string SilenceWords(const ScoreAnswer& answer, bool of_opportunities) {
  const CustomerOutlook& outlook = answer.score.outlook;
  std::string text = fmt::format("{} times the usual gap", Significant(outlook.overdue_ratio, 2));
  if (of_opportunities) {
    text += ", in whole opportunities";
  } else {
    text = fmt::format("{} silent, {}", Counted(answer.info.as_of - answer.score.last_day, "day", "days"), text);
  }
  if (outlook.overdue_ratio > kLate) text += ": overdue";
  if (!std::isnan(outlook.p_silence)) {
    text += fmt::format("; an active customer is silent that long with {}", Percent(outlook.p_silence));
  }
  return text;
}

// "0.31 · 0.29 · 0.27 …": of the next months, not of ten years.
std::string PeriodWords(const std::vector<float>& periods) {
  constexpr size_t kShown = 12;
  std::string text;
  for (size_t i = 0; i < std::min(periods.size(), kShown); ++i) {
    text += fmt::format("{}{}", i == 0 ? "" : " · ", Fixed(periods[i], 2));
  }
  return periods.size() > kShown ? text + " …" : text;
}

// What the customer will do, as far as that can be foretold.
void AddPredictions(const ScoreAnswer& answer, const std::string& horizon, bool of_opportunities, Table* table) {
  const CustomerOutlook& outlook = answer.score.outlook;
  const std::string& currency = answer.info.currency;
  if (const std::string words = NextPurchaseWords(outlook); !words.empty()) table->AddRow({"Next purchase", words});
  if (!std::isnan(outlook.overdue_ratio)) {
    table->AddRow({"Silence", SilenceWords(answer, of_opportunities)});
  }
  if (outlook.predicted_purchases_low >= 0 && outlook.predicted_purchases_high >= 0) {
    const int low = outlook.predicted_purchases_low, high = outlook.predicted_purchases_high;
    const char* one = of_opportunities ? "opportunity with a purchase" : "purchase";
    const char* many = of_opportunities ? "opportunities with a purchase" : "purchases";
    std::string text = low == high ? Counted(low, one, many) : fmt::format("{} to {}", low, Counted(high, one, many));
    if (!std::isnan(outlook.predicted_spend_low) && !std::isnan(outlook.predicted_spend_high)) {
      text += fmt::format(", {} to {} spent", Amount(outlook.predicted_spend_low, currency),
                          Money(outlook.predicted_spend_high, currency));
    }
    if (!std::isnan(outlook.predicted_value_low) && !std::isnan(outlook.predicted_value_high)) {
      text += fmt::format(", worth {} to {}", Amount(outlook.predicted_value_low, currency),
                          Money(outlook.predicted_value_high, currency));
    }
    table->AddRow({"To be seen", text + " " + horizon});
  }
}

}  // namespace

void AddExpectations(const ScoreAnswer& answer, const FittedModels* models, Table* table) {
  const CustomerScore& score = answer.score;
  const CustomerOutlook& outlook = score.outlook;
  const std::string& currency = answer.info.currency;
  const std::string horizon = HorizonWords(models);
  const bool of_opportunities = KindOf(models) == LifetimeKind::kBgBb;
  const auto money = [&currency](double amount) { return Money(amount, currency); };
  const auto add = [table](std::string what, double value, const std::string& text) {
    if (!std::isnan(value)) table->AddRow({std::move(what), text});
  };
  add("Still a customer", score.p_alive,
      fmt::format("{} likely{}", Percent(score.p_alive), PercentRange(outlook.p_alive_low, outlook.p_alive_high)));
  add("Purchases expected", score.expected_purchases,
      fmt::format("{}{}{} {}", Fixed(score.expected_purchases, 2),
                  Range(outlook.expected_purchases_low, outlook.expected_purchases_high,
                        [](double purchases) { return Fixed(purchases, 2); }),
                  of_opportunities ? " opportunities with a purchase" : "", horizon));
  if (!answer.expected_by_period.empty()) {
    table->AddRow({"By 30 days", PeriodWords(answer.expected_by_period)});
  }
  add(KindOf(models) == LifetimeKind::kSbg ? "Contract ends" : "No purchase at all", score.p_no_purchase,
      fmt::format("{} likely{} {}", Percent(score.p_no_purchase),
                  PercentRange(outlook.p_no_purchase_low, outlook.p_no_purchase_high), horizon));
  add("Spend per purchase", score.expected_spend,
      fmt::format("{}{} expected", money(score.expected_spend),
                  Range(outlook.expected_spend_low, outlook.expected_spend_high, money)));
  add("Lifetime value", score.lifetime_value,
      fmt::format("{}{} {}, discounted", money(score.lifetime_value),
                  Range(outlook.lifetime_value_low, outlook.lifetime_value_high, money), horizon));
  add("Residual value", outlook.residual_value,
      fmt::format("{} over all time to come, discounted", money(outlook.residual_value)));
  AddPredictions(answer, horizon, of_opportunities, table);
  AddChurn(answer, models, table);
}

std::string RangeWords(const ScoreAnswer& answer) {
  if (answer.interval <= 0) return "";
  const CustomerOutlook& outlook = answer.score.outlook;
  std::string text;
  if (!std::isnan(outlook.p_alive_low)) {
    text += fmt::format("Ranges in brackets hold the number itself with {}: the models' parameters are estimates.",
                        Percent(answer.interval, 0));
  }
  if (outlook.predicted_purchases_high >= 0) {
    text += fmt::format("{}What is to be seen lies in its range with {} or more.", text.empty() ? "" : " ",
                        Percent(answer.interval, 0));
  }
  return text;
}

}  // namespace strata

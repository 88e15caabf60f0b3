#include "client/text/churn_words.h"

#include <fmt/format.h>

#include <cmath>
#include <string>

#include "client/text/money.h"
#include "client/text/numbers.h"
#include "wire/text.h"

namespace strata {
namespace {

// What the customer is likely to do.
std::string LossWords(const ChurnModel* model) {
  if (model == nullptr) return "buy nothing in the churn horizon";
  const std::string horizon = fmt::format("in the next {} days", model->horizon_days);
  switch (model->plan.question) {
    case ChurnQuestion::kPurchases:
      return "buy nothing " + horizon;
    case ChurnQuestion::kContract:
      return "end the contract " + horizon;
    case ChurnQuestion::kDatedLabel:
      return "leave " + horizon;
    case ChurnQuestion::kUndatedLabel:
      return "leave";
  }
  return "";
}

std::string BandWords(ChurnBand band, const ChurnModel* model) {
  if (band == ChurnBand::kNone) return "";
  std::string text = fmt::format(": {} risk", Name(band));
  if (model == nullptr) return text;
  const std::string low = Percent(model->band_low, 0), high = Percent(model->band_high, 0);
  if (band == ChurnBand::kLow) return text + fmt::format(" (below {})", low);
  if (band == ChurnBand::kHigh) return text + fmt::format(" ({} or more)", high);
  return text + fmt::format(" ({} to {})", low, high);
}

}  // namespace

void AddChurn(const ScoreAnswer& answer, const FittedModels* models, Table* table) {
  const CustomerScore& score = answer.score;
  if (std::isnan(score.churn_probability)) return;
  const ChurnModel* model = models != nullptr && models->churn.has_value() ? &*models->churn : nullptr;
  table->AddRow({"Churn", fmt::format("{} likely to {}{}", Percent(score.churn_probability), LossWords(model),
                                      BandWords(score.churn.band, model))});
  if (!std::isnan(score.churn.value_at_risk)) {
    table->AddRow({"Value at risk", fmt::format("{}: the probability times what staying would bring in that time",
                                                Money(score.churn.value_at_risk, answer.info.currency))});
  }
  const char* label = "Why";
  for (const NamedReason& reason : answer.reasons) {
    const std::string words = reason.words.empty() ? reason.feature : reason.words;
    const char* against = reason.contribution > 0 ? "" : "but less likely, as: ";
    table->AddRow({label, fmt::format("{}{} [{}]", against, Printable(words), Printable(reason.group))});
    label = "";
  }
}

}  // namespace strata

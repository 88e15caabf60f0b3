#include "model/rfm/rfm_score.h"

#include <algorithm>
#include <array>

namespace strata {
namespace {

int RawScore(const std::vector<int64_t>& cuts, int64_t value) {
  return 1 + static_cast<int>(std::lower_bound(cuts.begin(), cuts.end(), value) - cuts.begin());
}

}  // namespace

std::array<int, 3> AxisScores(const RfmModel& model) {
  if (model.axis_scores[0] > 0) return model.axis_scores;
  return {model.scores, model.scores, model.scores};
}

RfmScores Score(const RfmModel& model, int64_t recency_days, int64_t frequency, int64_t net_micros) {
  if (model.customers == 0) return {};
  const std::array<int, 3> counts = AxisScores(model);
  const int recency = counts[0] + 1 - RawScore(model.recency_cuts_days, recency_days);
  const auto row = static_cast<size_t>(recency - 1);
  const int frequency_score =
      RawScore(model.frequency_by_recency.empty() ? model.frequency_cuts : model.frequency_by_recency[row], frequency);
  const size_t cell = row * static_cast<size_t>(counts[1]) + static_cast<size_t>(frequency_score - 1);
  const int monetary =
      RawScore(model.monetary_by_cell.empty() ? model.monetary_cuts_micros : model.monetary_by_cell[cell], net_micros);
  return {static_cast<uint8_t>(recency), static_cast<uint8_t>(frequency_score), static_cast<uint8_t>(monetary)};
}

RfmSegment SegmentOf(int recency_score, int frequency_score, int scores) {
  using enum RfmSegment;
  static constexpr std::array<std::array<RfmSegment, 5>, 5> kCells = {{
      {kLost, kHibernating, kAtRisk, kAtRisk, kCantLose},
      {kHibernating, kHibernating, kAtRisk, kAtRisk, kCantLose},
      {kAboutToSleep, kAboutToSleep, kNeedAttention, kLoyal, kLoyal},
      {kPromising, kPotentialLoyalist, kPotentialLoyalist, kLoyal, kLoyal},
      {kNew, kPotentialLoyalist, kPotentialLoyalist, kChampions, kChampions},
  }};
  if (recency_score < 1 || frequency_score < 1 || recency_score > scores || frequency_score > scores) return kNone;
  const int recency = (5 * recency_score + scores - 1) / scores;
  const int frequency = (5 * frequency_score + scores - 1) / scores;
  return kCells[static_cast<size_t>(recency - 1)][static_cast<size_t>(frequency - 1)];
}

}  // namespace strata

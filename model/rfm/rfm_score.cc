#include "model/rfm/rfm_score.h"

#include <algorithm>
#include <array>

namespace strata {
namespace {

int RawScore(const std::vector<int64_t>& cuts, int64_t value) {
  return 1 + static_cast<int>(std::lower_bound(cuts.begin(), cuts.end(), value) - cuts.begin());
}

}  // namespace

RfmScores Score(const RfmModel& model, int64_t recency_days, int64_t frequency, int64_t net_micros) {
  if (model.customers == 0) return {};
  RfmScores scores;
  scores.recency = static_cast<uint8_t>(model.scores + 1 - RawScore(model.recency_cuts_days, recency_days));
  scores.frequency = static_cast<uint8_t>(RawScore(model.frequency_cuts, frequency));
  scores.monetary = static_cast<uint8_t>(RawScore(model.monetary_cuts_micros, net_micros));
  return scores;
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

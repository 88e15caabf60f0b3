#include "model/rfm/rfm_grids.h"

#include <cstddef>

#include "base/int128.h"

namespace strata {
namespace {

constexpr std::array<std::string_view, 11> kEleven = {
    "champions",      "loyal",   "potential_loyalist", "new",         "promising", "need_attention",
    "about_to_sleep", "at_risk", "cant_lose",          "hibernating", "lost"};
constexpr std::array<std::string_view, 10> kTen = {"champions", "loyal",          "potential_loyalist", "new",
                                                   "promising", "need_attention", "about_to_sleep",     "at_risk",
                                                   "cant_lose", "hibernating"};
constexpr std::array<std::string_view, 8> kEight = {
    "important_value", "important_develop", "important_keep", "important_retain",
    "general_value",   "general_develop",   "general_keep",   "lost"};

bool HasScores(const RfmScores& scores) { return scores.recency > 0 && scores.frequency > 0 && scores.monetary > 0; }

}  // namespace

std::span<const std::string_view> ClassesOfEleven() { return kEleven; }
std::span<const std::string_view> ClassesOfTen() { return kTen; }
std::span<const std::string_view> ClassesOfEight() { return kEight; }

int GridFrequency(const RfmModel& model, const RfmScores& scores) {
  if (!model.mean_fm) return scores.frequency;
  return (int{scores.frequency} + int{scores.monetary} + 1) / 2;
}

uint8_t ClassOfEleven(const RfmModel& model, const RfmScores& scores) {
  if (!HasScores(scores)) return 0;
  const std::array<int, 3> counts = AxisScores(model);
  return static_cast<uint8_t>(
      SegmentOf(OnFive(scores.recency, counts[0]), OnFive(GridFrequency(model, scores), counts[1]), 5));
}

uint8_t ClassOfTen(const RfmModel& model, const RfmScores& scores) {
  const uint8_t code = ClassOfEleven(model, scores);
  return code == static_cast<uint8_t>(RfmSegment::kLost) ? static_cast<uint8_t>(RfmSegment::kHibernating) : code;
}

uint8_t ClassOfEight(const RfmModel& model, const std::array<int64_t, 3>& values) {
  if (model.customers == 0) return 0;
  const auto scaled = [&](size_t axis) { return static_cast<Int128>(values[axis]) * model.customers; };
  const bool recent = scaled(0) <= model.sums[0];
  const bool frequent = scaled(1) >= model.sums[1];
  const bool rich = scaled(2) >= model.sums[2];
  // By the bits recent, frequent, rich.
  static constexpr std::array<uint8_t, 8> kCodes = {8, 4, 7, 3, 6, 2, 5, 1};
  return kCodes[(recent ? 4U : 0U) + (frequent ? 2U : 0U) + (rich ? 1U : 0U)];
}

uint8_t ClassOfOwnGrid(const RfmModel& model, const RfmScores& scores) {
  if (!HasScores(scores)) return 0;
  const std::array<int, 3> counts = AxisScores(model);
  const std::array<int, 3> by_axis = {scores.recency, GridFrequency(model, scores), scores.monetary};
  size_t cell = 0;
  for (const int axis : model.grid_axes) {
    const auto at = static_cast<size_t>(axis);
    cell = cell * static_cast<size_t>(counts[at]) + static_cast<size_t>(by_axis[at] - 1);
  }
  return model.grid_cells[cell];
}

uint8_t ClassOfGrid(const RfmModel& model, const RfmScores& scores, const std::array<int64_t, 3>& values) {
  if (model.grid == kGridEleven) return ClassOfEleven(model, scores);
  if (model.grid == kGridTen) return ClassOfTen(model, scores);
  if (model.grid == kGridEight) return scores.recency > 0 ? ClassOfEight(model, values) : 0;
  return ClassOfOwnGrid(model, scores);
}

}  // namespace strata

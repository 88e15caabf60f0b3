#include "model/churn/dependence.h"

#include <tbb/parallel_for.h>

#include <algorithm>
#include <numeric>

#include "base/int128.h"
#include "model/trees/leaf_masks.h"

namespace strata {
namespace {

// A step, and the bin that stands for it.
struct PlannedStep {
  DependenceStep step;
  uint8_t bin = 0;
};

std::vector<PlannedStep> StepsOf(uint16_t feature, const FeatureBins& bins, uint16_t first_code) {
  std::vector<PlannedStep> steps;
  if (bins.is_category) {
    for (uint32_t level = 0; level < bins.levels; ++level) {
      const auto code = static_cast<uint16_t>(level);
      steps.push_back({{.feature = feature, .first_code = code, .last_code = code}, static_cast<uint8_t>(level + 1)});
    }
    return steps;
  }
  const size_t count = bins.last_code.size();
  const size_t groups = std::min(count, kDependenceSteps);
  uint16_t from = first_code;
  for (size_t group = 0; group < groups; ++group) {
    const size_t begin = group * count / groups;
    const size_t end = (group + 1) * count / groups;
    const uint16_t to = bins.last_code[end - 1];
    steps.push_back({{.feature = feature, .first_code = std::min(from, to), .last_code = to},
                     static_cast<uint8_t>(1 + (begin + end - 1) / 2)});
    from = static_cast<uint16_t>(to + 1);
  }
  return steps;
}

int64_t MeanMargin(const LeafMasks& masks, const BinnedRows& rows, const PlannedStep& planned, const Kernels& kernels) {
  BinnedRows changed = rows;
  const std::span<uint8_t> column = changed.column(planned.step.feature);
  std::fill(column.begin(), column.end(), planned.bin);
  std::vector<int64_t> margins(rows.rows());
  masks.Margins(changed.bins(), changed.stride(), changed.rows(), kernels, margins.data());
  Int128 sum = 0;
  for (const int64_t margin : margins) sum += margin;
  const auto n = static_cast<Int128>(rows.rows());
  return static_cast<int64_t>(sum >= 0 ? sum / n : -((-sum + n - 1) / n));
}

}  // namespace

std::vector<DependenceStep> DependenceOf(const Ensemble& ensemble, const BinnedRows& rows,
                                         std::span<const double> contribution, std::span<const uint16_t> first_code,
                                         const Kernels& kernels) {
  if (rows.rows() == 0) return {};
  std::vector<uint16_t> order(contribution.size());
  std::iota(order.begin(), order.end(), uint16_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](uint16_t a, uint16_t b) { return contribution[a] > contribution[b]; });
  std::vector<PlannedStep> planned;
  for (size_t i = 0; i < std::min(order.size(), kDependenceFeatures); ++i) {
    if (!(contribution[order[i]] > 0)) break;
    const std::vector<PlannedStep> steps = StepsOf(order[i], ensemble.bins[order[i]], first_code[order[i]]);
    planned.insert(planned.end(), steps.begin(), steps.end());
  }
  const LeafMasks masks(ensemble);
  std::vector<DependenceStep> done(planned.size());
  tbb::parallel_for(size_t{0}, planned.size(), [&](size_t i) {
    done[i] = planned[i].step;
    done[i].margin = MeanMargin(masks, rows, planned[i], kernels);
  });
  return done;
}

}  // namespace strata

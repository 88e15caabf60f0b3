// What a shard does in each round of the churn fit.
#include <algorithm>
#include <array>
#include <functional>

#include "base/fixed_point.h"
#include "model/churn/churn_grade.h"
#include "model/churn/churn_rounds.h"
#include "model/churn/codes.h"
#include "model/churn/gathered_rows.h"
#include "model/statistics/shard_error.h"

namespace strata {
namespace {

using Parameters = ChurnRoundParameters;
using Partial = ChurnRoundPartial;

// Those of the shard that the round looks at, newest first.
std::vector<ChurnView> ViewsOf(const Parameters& parameters, const ShardFeatures& shard) {
  std::vector<ChurnView> views;
  const size_t count = std::min(shard.churn_views.size(), static_cast<size_t>(std::max(parameters.views, 0)));
  for (size_t v = 0; v < count; ++v) {
    // The first profile is today's.
    const ColumnSet* profile = v + 1 < shard.churn_profiles.size() ? shard.churn_profiles[v + 1] : nullptr;
    views.push_back({.columns = &shard.churn_views[v], .profile = profile, .label = {}});
  }
  return views;
}

// Labels that are known, of whom is at risk.
bool IsLabelled(const ChurnPlan& plan, const ChurnView& view, size_t row) {
  return AtRisk(plan, view, row) && LabelOf(view, row) >= 0;
}

absl::Status CountWords(const ChurnPlan& plan, const ChurnView& view, ViewCounts* counts) {
  ChurnPlan categories = plan;
  std::vector<size_t> places;
  categories.features.clear();
  for (size_t j = 0; j < plan.features.size(); ++j) {
    if (plan.features[j].type != ColumnType::kText) continue;
    categories.features.push_back(plan.features[j]);
    places.push_back(j);
  }
  if (places.empty()) return absl::OkStatus();
  categories.levels.assign(places.size(), {});
  const WantedRows wanted(categories, view, [](uint64_t) { return true; });
  STRATA_ASSIGN_OR_RETURN(const ChurnRows rows, wanted.Make(nullptr));
  counts->words.resize(plan.features.size());
  for (size_t j = 0; j < places.size(); ++j) {
    const std::span<const std::string> words = rows.words(j);
    std::vector<int64_t> by_word(words.size());
    for (const int64_t whole : rows.wholes(j)) {
      if (whole != kNoWhole) ++by_word[static_cast<size_t>(whole)];
    }
    for (size_t w = 0; w < words.size(); ++w) {
      if (by_word[w] > 0) counts->words[places[j]][words[w]] += by_word[w];
    }
  }
  return absl::OkStatus();
}

Day FirstDayOf(const CustomerColumns& columns) {
  Day first = std::numeric_limits<Day>::max();
  for (size_t row = 0; row < columns.size(); ++row) {
    if (columns.purchase_days[row] > 0) first = std::min(first, columns.first_day[row]);
  }
  return first;
}

absl::Status Count(const Parameters& parameters, const ShardFeatures& shard, Partial* partial) {
  partial->today = PurchaseTable::Of(shard.today);
  partial->first_day = FirstDayOf(shard.today);
  for (const ChurnView& view : ViewsOf(parameters, shard)) {
    const CustomerColumns& columns = *view.columns;
    ViewCounts& counts = partial->views.emplace_back();
    if (columns.size() > 0) counts.cutoff = columns.as_of;
    counts.first_day = FirstDayOf(columns);
    counts.purchases = PurchaseTable::Of(columns);
    for (size_t row = 0; row < columns.size(); ++row) {
      counts.customers += columns.purchase_days[row] > 0 ? 1 : 0;
      if (!IsLabelled(parameters.plan, view, row)) continue;
      const bool churned = LabelOf(view, row) == 1;
      ++counts.rows;
      counts.churned += churned ? 1 : 0;
      if (columns.purchase_days[row] > 0) counts.rules.Add(columns, row, churned);
    }
    STRATA_RETURN_IF_ERROR(CountWords(parameters.plan, view, &counts));
  }
  return absl::OkStatus();
}

// Calls `visit` with a block's columns, outcomes and customers, of rows that `wanted` takes by their hash.
using VisitBlock =
    std::function<void(const double* block, const double* churned, std::span<const uint64_t> hashes)>;

absl::Status ForEachBlock(const Parameters& parameters, const LogisticSide& side, const ChurnView& view, size_t v,
                          const std::function<bool(uint64_t)>& wanted, const Kernels& kernels,
                          const VisitBlock& visit) {
  const WantedRows of_view(side.plan, view, wanted);
  STRATA_ASSIGN_OR_RETURN(const ChurnRows rows, of_view.Make(parameters.forecasts[v].get()));
  const LogisticMatrix matrix(side.plan, side.columns, side.medians);
  std::vector<double> block(matrix.width() * kKernelBlock);
  std::array<double, kKernelBlock> churned;
  std::array<uint64_t, kKernelBlock> hashes;
  for (size_t begin = 0; begin < rows.size(); begin += kKernelBlock) {
    const size_t count = std::min(kKernelBlock, rows.size() - begin);
    matrix.Fill(rows, begin, count, kernels, block.data());
    churned.fill(0);
    for (size_t i = 0; i < count; ++i) {
      churned[i] = rows.label()[begin + i];
      hashes[i] = view.columns->hash[rows.row()[begin + i]];
    }
    visit(block.data(), churned.data(), std::span(hashes).first(count));
  }
  return absl::OkStatus();
}

// The views that a side is trained on: all but the oldest, or all but the newest.
struct TrainingViews {
  size_t first = 0, end = 0;
};
TrainingViews ViewsOfSide(const Parameters& parameters, bool graded) {
  const auto views = static_cast<size_t>(parameters.views);
  if (graded) return {1, views};
  // Where nothing is graded the served fit has all of them.
  return {0, parameters.graded.has_value() ? views - 1 : views};
}

absl::Status AddMoments(const Parameters& parameters, const std::vector<ChurnView>& views, bool graded,
                        const Kernels& kernels, SideMoments* moments) {
  const std::optional<LogisticSide>& side = graded ? parameters.graded : parameters.served;
  if (!side.has_value()) return absl::OkStatus();
  const auto [first, end] = ViewsOfSide(parameters, graded);
  const auto trained = [&parameters](uint64_t hash) { return !parameters.split.IsHeldOut(hash, -1); };
  for (size_t v = first; v < std::min(end, views.size()); ++v) {
    const auto add = [&](const double* block, const double* churned, std::span<const uint64_t> hashes) {
      const size_t count = hashes.size();
      moments->moments.resize(side->columns.size());
      moments->rows += static_cast<int64_t>(count);
      for (size_t i = 0; i < count; ++i) moments->churned += churned[i] > 0 ? 1 : 0;
      for (size_t c = 0; c < side->columns.size(); ++c) {
        for (size_t i = 0; i < count; ++i) {
          moments->moments[c].Add(static_cast<int64_t>(block[c * kKernelBlock + i]));
        }
      }
    };
    STRATA_RETURN_IF_ERROR(ForEachBlock(parameters, *side, views[v], v, trained, kernels, add));
  }
  return absl::OkStatus();
}

// A block's rows that a fit is trained on, side by side.
class TrainedBlock {
 public:
  explicit TrainedBlock(size_t width) : width_(width), block_(width * kKernelBlock) {}

  // Takes those of `which` out of a block; returns their number.
  size_t Take(const double* block, const double* churned, std::span<const size_t> which) {
    churned_.fill(0);
    for (size_t i = 0; i < which.size(); ++i) churned_[i] = churned[which[i]];
    for (size_t c = 0; c < width_; ++c) {
      const double* const from = block + c * kKernelBlock;
      double* const to = block_.data() + c * kKernelBlock;
      for (size_t i = 0; i < which.size(); ++i) to[i] = from[which[i]];
    }
    return which.size();
  }
  const double* block() const { return block_.data(); }
  const double* churned() const { return churned_.data(); }

 private:
  size_t width_;
  std::vector<double> block_;
  std::array<double, kKernelBlock> churned_{};
};

// All fits of a side look at a view's rows together.
absl::Status AddSumsOfView(const Parameters& parameters, bool graded, const ChurnView& view, size_t v,
                           const Kernels& kernels, std::vector<LogisticSums>* sums) {
  const LogisticSide& side = graded ? *parameters.graded : *parameters.served;
  // What the fifth leaves out no fit is trained on.
  const auto wanted = [&parameters](uint64_t hash) {
    return parameters.share.Has(hash) && !parameters.split.IsHeldOut(hash, -1);
  };
  TrainedBlock trained(side.columns.size());
  std::vector<size_t> which;
  const auto add = [&](const double* block, const double* churned, std::span<const uint64_t> hashes) {
    for (size_t p = 0; p < parameters.points.size(); ++p) {
      const LogisticPoint& point = parameters.points[p];
      if (point.graded != graded) continue;
      which.clear();
      for (size_t i = 0; i < hashes.size(); ++i) {
        if (!parameters.split.IsHeldOut(hashes[i], point.fold)) which.push_back(i);
      }
      if (which.size() == hashes.size()) {
        (*sums)[p].Add(point.model, block, churned, hashes.size(), kernels);
      } else if (!which.empty()) {
        const size_t count = trained.Take(block, churned, which);
        (*sums)[p].Add(point.model, trained.block(), trained.churned(), count, kernels);
      }
    }
  };
  return ForEachBlock(parameters, side, view, v, wanted, kernels, add);
}

absl::Status AddSums(const Parameters& parameters, const std::vector<ChurnView>& views, const Kernels& kernels,
                     std::vector<LogisticSums>* sums) {
  sums->resize(parameters.points.size());
  for (const bool graded : {true, false}) {
    const bool some = std::any_of(parameters.points.begin(), parameters.points.end(),
                                  [graded](const LogisticPoint& point) { return point.graded == graded; });
    if (!some) continue;
    const auto [first, end] = ViewsOfSide(parameters, graded);
    for (size_t v = first; v < std::min(end, views.size()); ++v) {
      STRATA_RETURN_IF_ERROR(AddSumsOfView(parameters, graded, views[v], v, kernels, sums));
    }
  }
  return absl::OkStatus();
}

absl::Status AddCells(const Parameters& parameters, const std::vector<ChurnView>& views, const Kernels& kernels,
                      std::vector<std::vector<MarginCells>>* cells) {
  cells->resize(parameters.points.size());
  for (size_t p = 0; p < parameters.points.size(); ++p) {
    const LogisticPoint& point = parameters.points[p];
    const LogisticSide& side = point.graded ? *parameters.graded : *parameters.served;
    const auto [first, end] = ViewsOfSide(parameters, point.graded);
    (*cells)[p].resize((end - first) * kCalibrationFolds);
    for (size_t v = first; v < std::min(end, views.size()); ++v) {
      const WantedRows held_out(side.plan, views[v],
                                [&](uint64_t hash) { return parameters.split.IsHeldOut(hash, point.fold); });
      STRATA_ASSIGN_OR_RETURN(const ChurnRows rows, held_out.Make(parameters.forecasts[v].get()));
      const LogisticMatrix matrix(side.plan, side.columns, side.medians);
      const std::vector<int64_t> margins = LogisticMargins(matrix, point.model, rows, kernels);
      for (size_t i = 0; i < rows.size(); ++i) {
        const uint32_t fold = CalibrationFoldOf(parameters.split.seed, views[v].columns->hash[rows.row()[i]]);
        (*cells)[p][(v - first) * kCalibrationFolds + fold].Add(margins[i], rows.label()[i] == 1);
      }
    }
  }
  return absl::OkStatus();
}

absl::Status SampleTest(const Parameters& parameters, const std::vector<ChurnView>& views, const Kernels& kernels,
                        KeyedSample* holdout) {
  if (views.empty() || parameters.scorer == nullptr) return absl::OkStatus();
  const CustomerColumns& columns = *views[0].columns;
  const ChurnForecasts* const forecasts = parameters.forecasts[0].get();
  KeyedSampler sampler(parameters.seed, DrawPurpose::kChurnHoldoutSample, kHoldoutSampleMax, kHoldoutWidth,
                       parameters.customers);
  const WantedRows wanted(parameters.scorer->plan(), views[0],
                          [&sampler](uint64_t hash) { return sampler.Wants(hash); });
  STRATA_ASSIGN_OR_RETURN(const ChurnRows rows, wanted.Make(forecasts));
  const std::vector<int64_t> margins = parameters.scorer->Margins(rows, kernels);
  for (size_t i = 0; i < rows.size(); ++i) {
    const size_t row = rows.row()[i];
    const bool has_bought = columns.purchase_days[row] > 0;
    std::array<int64_t, kHoldoutWidth> values{};
    values[kHoldoutLabel] = rows.label()[i];
    values[kHoldoutModel] = ToGrid(parameters.scorer->calibration().Probability(margins[i]), kLikelihoodGridBits);
    values[kHoldoutMargin] = margins[i];
    values[kHoldoutRecency] = has_bought ? int64_t{columns.as_of} - columns.last_day[row] : -1;
    values[kHoldoutGap] = has_bought ? parameters.rules.GapRatio(columns, row) : -1;
    values[kHoldoutLifetime] = forecasts != nullptr && has_bought
                                   ? ToGrid(forecasts->Of(columns, row).none, kLikelihoodGridBits)
                                   : -1;
    sampler.Add(columns.hash[row], values);
  }
  *holdout = sampler.Take();
  return absl::OkStatus();
}

absl::Status Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels,
                        Partial* partial) {
  const std::vector<ChurnView> views = ViewsOf(parameters, shard);
  switch (parameters.stage) {
    case ChurnStage::kCount:
      return Count(parameters, shard, partial);
    case ChurnStage::kGather: {
      STRATA_ASSIGN_OR_RETURN(partial->sample, GatherRows(parameters.plan, views, parameters.forecasts, parameters.seed,
                                                          parameters.capacity, parameters.customers));
      return absl::OkStatus();
    }
    case ChurnStage::kMoments:
      STRATA_RETURN_IF_ERROR(AddMoments(parameters, views, true, kernels, &partial->graded));
      return AddMoments(parameters, views, false, kernels, &partial->served);
    case ChurnStage::kNewton:
      return AddSums(parameters, views, kernels, &partial->sums);
    case ChurnStage::kCells:
      return AddCells(parameters, views, kernels, &partial->cells);
    case ChurnStage::kUnits:
      if (parameters.units.has_value()) partial->units = RunChurnUnits(*parameters.units, shard, kernels);
      return absl::OkStatus();
    case ChurnStage::kGrade:
      return SampleTest(parameters, views, kernels, &partial->holdout);
  }
  return absl::OkStatus();
}

}  // namespace

ChurnRoundPartial AccumulateChurn(const ChurnRoundParameters& parameters, const ShardFeatures& shard,
                                  const Kernels& kernels) {
  if (parameters.forecasts.size() < parameters.lifetimes.size()) {  // as Next() gives them
    ChurnRoundParameters ready = parameters;
    ready.MakeReady();
    return AccumulateChurn(ready, shard, kernels);
  }
  ChurnRoundPartial partial;
  if (absl::Status status = Accumulate(parameters, shard, kernels, &partial); !status.ok()) {
    partial = ChurnRoundPartial();
    partial.error = ShardErrorOf(status);
  }
  return partial;
}

}  // namespace strata

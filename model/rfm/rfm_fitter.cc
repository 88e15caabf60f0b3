#include "model/rfm/rfm_fitter.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "model/columns.h"
#include "model/rfm/rfm_score.h"

namespace strata {
namespace {

constexpr const char* kWindowColumns[] = {"rfm_recency", "rfm_frequency", "rfm_monetary"};
constexpr const char* kCutNames[] = {"quantile", "fixed", "nested"};
constexpr size_t kMaxGroups = 100;  // cells of recency and frequency scores

std::vector<QuantileTarget> TargetsOf(int scores) {
  std::vector<QuantileTarget> targets;
  for (int i = 1; i < scores; ++i) targets.push_back({i, scores});
  return targets;
}

RfmFitSettings PlainSettings(int scores) {
  RfmFitSettings settings;
  settings.scores = {scores, scores, scores};
  return settings;
}

// The values of an axis by row; what is no purchaser (of the window) is kNoWhole.
std::vector<int64_t> ValuesOf(const ShardFeatures& shard, bool windowed, size_t axis) {
  const CustomerColumns& today = shard.today;
  std::vector<int64_t> values(today.size(), kNoWhole);
  if (windowed) {
    const Column* column = shard.profile == nullptr ? nullptr : shard.profile->Find(kWindowColumns[axis]);
    if (column != nullptr) values.assign(column->whole.begin(), column->whole.end());
    return values;
  }
  for (size_t row = 0; row < today.size(); ++row) {
    if (today.purchase_days[row] <= 0) continue;
    values[row] = axis == 0   ? int64_t{today.as_of} - today.last_day[row]
                  : axis == 1 ? int64_t{today.purchase_days[row]}
                              : today.net_micros[row];
  }
  return values;
}

// Groups are "3" for a recency score and "3,5" for a recency and a frequency score.
GroupedPartial CountNested(const RfmFitter::Parameters& parameters, const ShardFeatures& shard) {
  RfmModel known{.scores = parameters.scores[0], .customers = 1, .recency_cuts_days = parameters.recency_cuts_days};
  known.axis_scores = parameters.scores;
  known.frequency_by_recency = parameters.frequency_by_recency;
  const bool of_cells = !parameters.frequency_by_recency.empty();
  const std::vector<int64_t> recency = ValuesOf(shard, parameters.windowed, 0);
  const std::vector<int64_t> frequency = ValuesOf(shard, parameters.windowed, 1);
  const std::vector<int64_t> values = of_cells ? ValuesOf(shard, parameters.windowed, 2) : frequency;
  std::vector<std::pair<uint64_t, int64_t>> rows;
  for (size_t row = 0; row < values.size(); ++row) {
    if (values[row] == kNoWhole) continue;
    const RfmScores scores = Score(known, recency[row], frequency[row], 0);
    rows.emplace_back(uint64_t{256} * scores.recency + (of_cells ? scores.frequency : 0), values[row]);
  }
  return CountGroups(*parameters.groups, &rows, [of_cells](uint64_t code) {
    return of_cells ? fmt::format("{},{}", code / 256, code % 256) : fmt::format("{}", code / 256);
  });
}

}  // namespace

void RfmFitter::Parameters::Encode(ByteWriter* writer) const {
  for (const auto& request : requests) {
    writer->U8(request.has_value() ? 1 : 0);
    if (request.has_value()) request->Encode(writer);
  }
  writer->U8(sums ? 1 : 0);
  writer->U8(windowed ? 1 : 0);
  writer->U8(groups.has_value() ? 1 : 0);
  if (!groups.has_value()) return;
  groups->Encode(writer);
  for (const int count : scores) writer->I32(count);
  writer->Array(recency_cuts_days);
  writer->U32(static_cast<uint32_t>(frequency_by_recency.size()));
  for (const std::vector<int64_t>& cuts : frequency_by_recency) writer->Array(cuts);
}

RfmFitter::Parameters RfmFitter::Parameters::Decode(ByteReader* reader) {
  Parameters parameters;
  for (auto& request : parameters.requests) {
    if (reader->U8() != 0) request = QuantileRequest::Decode(reader);
  }
  parameters.sums = reader->U8() != 0;
  parameters.windowed = reader->U8() != 0;
  if (reader->U8() == 0) return parameters;
  parameters.groups = GroupedRequest::Decode(reader);
  for (int& count : parameters.scores) count = reader->I32();
  parameters.recency_cuts_days = reader->Array<int64_t>();
  const uint32_t rows = reader->U32();
  for (uint32_t i = 0; i < rows && reader->ok(); ++i) {
    parameters.frequency_by_recency.push_back(reader->Array<int64_t>());
  }
  return parameters;
}

void RfmFitter::Partial::Merge(const Partial& other) {
  as_of = std::max(as_of, other.as_of);
  for (size_t axis = 0; axis < kAxes; ++axis) {
    axes[axis].Merge(other.axes[axis]);
    sums[axis] += other.sums[axis];
  }
  groups.Merge(other.groups);
}

void RfmFitter::Partial::Encode(ByteWriter* writer) const {
  writer->I32(as_of);
  for (const QuantilePartial& axis : axes) axis.Encode(writer);
  for (const Int128 sum : sums) writer->I128(sum);
  groups.Encode(writer);
}

RfmFitter::Partial RfmFitter::Partial::Decode(ByteReader* reader) {
  Partial partial;
  partial.as_of = reader->I32();
  for (QuantilePartial& axis : partial.axes) axis = QuantilePartial::Decode(reader);
  for (Int128& sum : partial.sums) sum = reader->I128();
  partial.groups = GroupedPartial::Decode(reader);
  return partial;
}

RfmFitter::RfmFitter(int scores) : RfmFitter(PlainSettings(scores)) {}

RfmFitter::RfmFitter(const RfmFitSettings& settings) : settings_(settings) {
  if (settings_.frozen.has_value()) {
    model_ = *settings_.frozen;
  } else {
    for (const int scores : settings_.scores) {
      quantiles_.emplace_back(settings_.cuts == RfmFitSettings::Cuts::kFixed ? std::vector<QuantileTarget>()
                                                                             : TargetsOf(scores));
    }
    model_.scores = *std::max_element(settings_.scores.begin(), settings_.scores.end());
    model_.axis_scores = settings_.scores;
    model_.mid_rank = settings_.mid_rank;
    model_.windowed = settings_.windowed;
    model_.window = settings_.window;
    model_.cuts = kCutNames[static_cast<size_t>(settings_.cuts)];
  }
  model_.mean_fm = settings_.mean_fm;
  model_.grid = settings_.grid;
  model_.grid_classes = settings_.grid_classes;
  model_.grid_axes = settings_.grid_axes;
  model_.grid_cells = settings_.grid_cells;
}

std::optional<RfmFitter::Parameters> RfmFitter::Next() const {
  Parameters parameters;
  parameters.sums = !started_;
  parameters.windowed = settings_.windowed;
  if (groups_.has_value()) {
    parameters.groups = groups_->Next();
    parameters.scores = settings_.scores;
    parameters.recency_cuts_days = model_.recency_cuts_days;
    parameters.frequency_by_recency = model_.frequency_by_recency;
    return parameters;
  }
  bool open = false;
  for (size_t axis = 0; axis < quantiles_.size(); ++axis) {
    parameters.requests[axis] = quantiles_[axis].Next();
    open = open || parameters.requests[axis].has_value();
  }
  if (!open) return std::nullopt;
  return parameters;
}

RfmFitter::Partial RfmFitter::Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels&) {
  Partial partial;
  if (shard.today.size() > 0) partial.as_of = shard.today.as_of;
  if (parameters.groups.has_value()) partial.groups = CountNested(parameters, shard);
  for (size_t axis = 0; axis < kAxes; ++axis) {
    if (!parameters.requests[axis].has_value()) continue;
    std::vector<int64_t> values = ValuesOf(shard, parameters.windowed, axis);
    std::erase(values, kNoWhole);
    partial.axes[axis] = CountValues(*parameters.requests[axis], values);
    if (!parameters.sums) continue;
    for (const int64_t value : values) partial.sums[axis] += value;
  }
  return partial;
}

std::vector<int64_t> RfmFitter::CutsOf(size_t axis, int64_t count, const std::vector<int64_t>& values,
                                       const std::vector<QuantilePlace>& places) const {
  std::vector<int64_t> cuts = values;
  if (!settings_.mid_rank) return cuts;
  for (size_t i = 0; i < cuts.size(); ++i) {
    // less + (equal + 1) / 2 <= (i + 1) n / s, in whole numbers.
    const Int128 rank = static_cast<Int128>(settings_.scores[axis]) * (2 * places[i].below + places[i].equal + 1);
    if (rank > 2 * static_cast<Int128>(count) * static_cast<Int128>(i + 1)) --cuts[i];
  }
  return cuts;
}

absl::Status RfmFitter::AbsorbAxes(const Partial& merged) {
  for (size_t axis = 0; axis < kAxes; ++axis) {
    if (!quantiles_[axis].Next().has_value()) continue;
    if (absl::Status status = quantiles_[axis].Absorb(merged.axes[axis]); !status.ok()) {
      return WithContext(status, "RFM cuts");
    }
  }
  if (merged.as_of != Partial().as_of) model_.as_of = merged.as_of;
  if (!started_) model_.sums = merged.sums;
  started_ = true;
  model_.customers = quantiles_[1].count();
  if (!Next().has_value()) FinishAxes();
  return absl::OkStatus();
}

void RfmFitter::FinishAxes() {
  std::vector<int64_t>* const cuts[] = {&model_.recency_cuts_days, &model_.frequency_cuts,
                                        &model_.monetary_cuts_micros};
  for (size_t axis = 0; axis < kAxes; ++axis) {
    *cuts[axis] = settings_.cuts == RfmFitSettings::Cuts::kFixed
                      ? settings_.fixed[axis]
                      : CutsOf(axis, quantiles_[axis].count(), quantiles_[axis].values(), quantiles_[axis].places());
  }
  if (settings_.cuts == RfmFitSettings::Cuts::kNested && model_.customers > 0) StartGroups(1);
}

void RfmFitter::StartGroups(size_t axis) { groups_.emplace(TargetsOf(settings_.scores[axis]), 1, kMaxGroups); }

void RfmFitter::FinishGroups() {
  const std::map<std::string, GroupedQuantiles::Group> groups = groups_->Result();
  groups_.reset();
  const bool of_cells = !model_.frequency_by_recency.empty();
  const size_t axis = of_cells ? 2 : 1;
  std::vector<std::vector<int64_t>>* cuts = of_cells ? &model_.monetary_by_cell : &model_.frequency_by_recency;
  for (int recency = 1; recency <= settings_.scores[0]; ++recency) {
    for (int frequency = 1; frequency <= (of_cells ? settings_.scores[1] : 1); ++frequency) {
      const auto group = groups.find(of_cells ? fmt::format("{},{}", recency, frequency) : fmt::format("{}", recency));
      cuts->push_back(group == groups.end()
                          ? (of_cells ? model_.monetary_cuts_micros : model_.frequency_cuts)
                          : CutsOf(axis, group->second.count, group->second.values, group->second.places));
    }
  }
  if (!of_cells) StartGroups(2);
}

absl::Status RfmFitter::Absorb(const Partial& merged) {
  if (!Next().has_value()) {
    return MakeError(absl::StatusCode::kInternal, "PARTIAL_MISMATCH", "RFM cuts: the fit is done");
  }
  if (!groups_.has_value()) return AbsorbAxes(merged);
  if (absl::Status status = groups_->Absorb(merged.groups); !status.ok()) return WithContext(status, "RFM cuts");
  if (!groups_->Next().has_value()) FinishGroups();
  return absl::OkStatus();
}

}  // namespace strata

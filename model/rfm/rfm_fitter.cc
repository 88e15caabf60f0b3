#include "model/rfm/rfm_fitter.h"

#include <algorithm>
#include <vector>

namespace strata {
namespace {

ExactQuantiles CutsOf(int scores) {
  std::vector<QuantileTarget> targets;
  for (int i = 1; i < scores; ++i) targets.push_back({i, scores});
  return ExactQuantiles(std::move(targets));
}

}  // namespace

void RfmFitter::Parameters::Encode(ByteWriter* writer) const {
  for (const auto& request : requests) {
    writer->U8(request.has_value() ? 1 : 0);
    if (request.has_value()) request->Encode(writer);
  }
}

RfmFitter::Parameters RfmFitter::Parameters::Decode(ByteReader* reader) {
  Parameters parameters;
  for (auto& request : parameters.requests) {
    if (reader->U8() != 0) request = QuantileRequest::Decode(reader);
  }
  return parameters;
}

void RfmFitter::Partial::Merge(const Partial& other) {
  as_of = std::max(as_of, other.as_of);
  for (size_t axis = 0; axis < kAxes; ++axis) axes[axis].Merge(other.axes[axis]);
}

void RfmFitter::Partial::Encode(ByteWriter* writer) const {
  writer->I32(as_of);
  for (const QuantilePartial& axis : axes) axis.Encode(writer);
}

RfmFitter::Partial RfmFitter::Partial::Decode(ByteReader* reader) {
  Partial partial;
  partial.as_of = reader->I32();
  for (QuantilePartial& axis : partial.axes) axis = QuantilePartial::Decode(reader);
  return partial;
}

RfmFitter::RfmFitter(int scores) : quantiles_{CutsOf(scores), CutsOf(scores), CutsOf(scores)} {
  model_.scores = scores;
}

std::optional<RfmFitter::Parameters> RfmFitter::Next() const {
  Parameters parameters;
  bool open = false;
  for (size_t axis = 0; axis < kAxes; ++axis) {
    parameters.requests[axis] = quantiles_[axis].Next();
    open = open || parameters.requests[axis].has_value();
  }
  if (!open) return std::nullopt;
  return parameters;
}

RfmFitter::Partial RfmFitter::Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels&) {
  const CustomerColumns& today = shard.today;
  Partial partial;
  if (today.size() > 0) partial.as_of = today.as_of;
  std::vector<int64_t> values;
  for (size_t axis = 0; axis < kAxes; ++axis) {
    if (!parameters.requests[axis].has_value()) continue;
    values.clear();
    for (size_t row = 0; row < today.size(); ++row) {
      if (today.purchase_days[row] <= 0) continue;
      values.push_back(axis == 0   ? int64_t{today.as_of} - today.last_day[row]
                       : axis == 1 ? int64_t{today.purchase_days[row]}
                                   : today.net_micros[row]);
    }
    partial.axes[axis] = CountValues(*parameters.requests[axis], values);
  }
  return partial;
}

absl::Status RfmFitter::Absorb(const Partial& merged) {
  if (!Next().has_value()) {
    return MakeError(absl::StatusCode::kInternal, "PARTIAL_MISMATCH", "RFM cuts: the fit is done");
  }
  for (size_t axis = 0; axis < kAxes; ++axis) {
    if (!quantiles_[axis].Next().has_value()) continue;
    if (absl::Status status = quantiles_[axis].Absorb(merged.axes[axis]); !status.ok()) {
      return WithContext(status, "RFM cuts");
    }
  }
  if (merged.as_of != Partial().as_of) model_.as_of = merged.as_of;
  model_.customers = quantiles_[1].count();
  if (Next().has_value()) return absl::OkStatus();
  model_.recency_cuts_days = quantiles_[0].values();
  model_.frequency_cuts = quantiles_[1].values();
  model_.monetary_cuts_micros = quantiles_[2].values();
  return absl::OkStatus();
}

}  // namespace strata

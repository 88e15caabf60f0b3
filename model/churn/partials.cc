// What travels in the rounds of the churn model.
#include <algorithm>
#include <array>
#include <memory>

#include "base/fixed_point.h"
#include "model/churn/churn_fitter.h"
#include "model/lifetime/forecast.h"

namespace strata {
namespace {

using Parameters = ChurnFitter::Parameters;
using Partial = ChurnFitter::Partial;
using CutoffRows = ChurnFitter::CutoffRows;

template <typename T>
void EncodeOptional(const std::optional<T>& value, ByteWriter* writer) {
  writer->U8(value.has_value() ? 1 : 0);
  if (value.has_value()) value->Encode(writer);
}

template <typename T>
std::optional<T> DecodeOptional(ByteReader* reader) {
  if (reader->U8() == 0) return std::nullopt;
  return T::Decode(reader);
}

bool Labelled(const CustomerColumns& columns, size_t row, int eligible_days) {
  return columns.future_purchase_days[row] >= 0 && EligibleForChurn(columns, row, eligible_days);
}

// Calls `visit` with the transformed features of the rows that `wanted` takes, a block at a time.
template <typename Wanted, typename Visit>
void ForEachBlock(const CustomerColumns& columns, const Kernels& kernels, const Wanted& wanted, const Visit& visit) {
  const auto block = std::make_unique<ChurnFeatureBlock>();
  const auto finish = [&] {
    block->Transform(columns, kernels);
    visit(*block);
    block->Clear();
  };
  for (size_t row = 0; row < columns.size(); ++row) {
    if (!wanted(row)) continue;
    block->Add(row);
    if (block->full()) finish();
  }
  if (block->size() > 0) finish();
}

CutoffRows CountRows(const CustomerColumns& columns, int eligible_days, const Kernels& kernels) {
  CutoffRows rows;
  if (columns.size() > 0) rows.cutoff = columns.as_of;
  for (size_t row = 0; row < columns.size(); ++row) rows.customers += columns.purchase_days[row] > 0 ? 1 : 0;
  const auto labelled = [&](size_t row) { return Labelled(columns, row, eligible_days); };
  ForEachBlock(columns, kernels, labelled, [&](const ChurnFeatureBlock& block) {
    rows.moments.resize(kChurnFeatures);
    for (size_t i = 0; i < block.size(); ++i) {
      rows.churned += columns.future_purchase_days[block.row(i)] == 0 ? 1 : 0;
      const ChurnFeatureRow features = block.features(i);
      for (size_t j = 0; j < kChurnFeatures; ++j) rows.moments[j].Add(features[j]);
    }
  });
  return rows;
}

void AddRows(const Parameters& parameters, const CustomerColumns& columns, const LogisticModel* graded,
             const LogisticModel* served, const Kernels& kernels, Partial* partial) {
  if (graded == nullptr && served == nullptr) return;
  const auto wanted = [&](size_t row) {
    return parameters.share.Has(columns.hash[row]) && Labelled(columns, row, parameters.eligible_days);
  };
  ForEachBlock(columns, kernels, wanted, [&](const ChurnFeatureBlock& block) {
    std::array<double, kKernelBlock> churned{};
    for (size_t i = 0; i < block.size(); ++i) churned[i] = columns.future_purchase_days[block.row(i)] == 0 ? 1 : 0;
    if (graded != nullptr) partial->graded.Add(*graded, block.columns(), churned.data(), block.size(), kernels);
    if (served != nullptr) partial->served.Add(*served, block.columns(), churned.data(), block.size(), kernels);
  });
}

// P(no purchase day in the horizon) by purchases alone.
double BaselineOf(const LifetimeBaseline& baseline, int horizon_days, const CustomerColumns& columns, size_t row) {
  const double unit = baseline.time_unit_days;
  const PurchaseHistory history{.x = columns.purchase_days[row] - 1,
                                .t_x = (columns.last_day[row] - columns.first_day[row]) / unit,
                                .T = (columns.as_of - columns.first_day[row]) / unit};
  return ProbabilityNoPurchase(baseline.parameters, history, horizon_days / unit);
}

KeyedSample SampleHoldout(const Parameters& parameters, const CustomerColumns& columns, const Kernels& kernels) {
  KeyedSampler sampler(parameters.seed, DrawPurpose::kChurnHoldoutSample, kHoldoutSampleMax, kHoldoutWidth,
                       parameters.holdout_rows);
  const auto wanted = [&](size_t row) {
    return Labelled(columns, row, parameters.eligible_days) && sampler.Wants(columns.hash[row]);
  };
  ForEachBlock(columns, kernels, wanted, [&](const ChurnFeatureBlock& block) {
    std::array<double, kKernelBlock> probabilities;
    parameters.graded->Probabilities(block.columns(), block.size(), kernels, probabilities.data());
    for (size_t i = 0; i < block.size(); ++i) {
      const size_t row = block.row(i);
      const double baseline = parameters.baseline.has_value()
                                  ? BaselineOf(*parameters.baseline, parameters.horizon_days, columns, row)
                                  : -1;
      std::array<int64_t, kHoldoutWidth> values{};
      values[kHoldoutLabel] = columns.future_purchase_days[row] == 0 ? 1 : 0;
      values[kHoldoutModel] = ToGrid(probabilities[i], kLikelihoodGridBits);
      values[kHoldoutRecency] = int64_t{columns.as_of} - columns.last_day[row];
      values[kHoldoutLifetime] = baseline >= 0 ? ToGrid(baseline, kLikelihoodGridBits) : -1;
      sampler.Add(columns.hash[row], values);
    }
  });
  return sampler.Take();
}

const LogisticModel* Usable(const std::optional<LogisticModel>& model) {
  return model.has_value() && model->coefficients.size() == kChurnFeatures ? &*model : nullptr;
}

}  // namespace

void Parameters::Encode(ByteWriter* writer) const {
  writer->U8(static_cast<uint8_t>(stage));
  writer->I32(horizon_days);
  writer->I32(eligible_days);
  writer->U64(seed);
  writer->I64(holdout_rows);
  EncodeOptional(graded, writer);
  EncodeOptional(served, writer);
  share.Encode(writer);
  EncodeOptional(lifetime, writer);
  writer->U8(baseline.has_value() ? 1 : 0);
  if (!baseline.has_value()) return;
  writer->F64(baseline->time_unit_days);
  writer->U8(static_cast<uint8_t>(baseline->parameters.kind));
  for (const double value : baseline->parameters.value) writer->F64(value);
}

Parameters Parameters::Decode(ByteReader* reader) {
  Parameters parameters;
  parameters.stage = static_cast<Stage>(reader->U8());
  parameters.horizon_days = reader->I32();
  parameters.eligible_days = reader->I32();
  parameters.seed = reader->U64();
  parameters.holdout_rows = reader->I64();
  parameters.graded = DecodeOptional<LogisticModel>(reader);
  parameters.served = DecodeOptional<LogisticModel>(reader);
  parameters.share = CustomerShare::Decode(reader);
  parameters.lifetime = DecodeOptional<LifetimeFitter::Parameters>(reader);
  if (reader->U8() == 0) return parameters;
  LifetimeBaseline& baseline = parameters.baseline.emplace();
  baseline.time_unit_days = reader->F64();
  baseline.parameters.kind = static_cast<LifetimeKind>(reader->U8());
  for (double& value : baseline.parameters.value) value = reader->F64();
  return parameters;
}

void CutoffRows::Merge(const CutoffRows& other) {
  cutoff = std::max(cutoff, other.cutoff);
  customers += other.customers;
  churned += other.churned;
  if (moments.size() < other.moments.size()) moments.resize(other.moments.size());
  for (size_t j = 0; j < other.moments.size(); ++j) moments[j].Merge(other.moments[j]);
}

void CutoffRows::Encode(ByteWriter* writer) const {
  writer->I32(cutoff);
  writer->I64(customers);
  writer->I64(churned);
  writer->U32(static_cast<uint32_t>(moments.size()));
  for (const ExactMoments& moment : moments) moment.Encode(writer);
}

CutoffRows CutoffRows::Decode(ByteReader* reader) {
  CutoffRows rows;
  rows.cutoff = reader->I32();
  rows.customers = reader->I64();
  rows.churned = reader->I64();
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) rows.moments.push_back(ExactMoments::Decode(reader));
  return rows;
}

void Partial::Merge(const Partial& other) {
  train.Merge(other.train);
  test.Merge(other.test);
  graded.Merge(other.graded);
  served.Merge(other.served);
  lifetime.Merge(other.lifetime);
  holdout.Merge(other.holdout);
}

void Partial::Encode(ByteWriter* writer) const {
  train.Encode(writer);
  test.Encode(writer);
  graded.Encode(writer);
  served.Encode(writer);
  lifetime.Encode(writer);
  holdout.Encode(writer);
}

Partial Partial::Decode(ByteReader* reader) {
  Partial partial;
  partial.train = CutoffRows::Decode(reader);
  partial.test = CutoffRows::Decode(reader);
  partial.graded = LogisticSums::Decode(reader);
  partial.served = LogisticSums::Decode(reader);
  partial.lifetime = LifetimeFitter::Partial::Decode(reader);
  partial.holdout = KeyedSample::Decode(reader);
  return partial;
}

Partial ChurnFitter::Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels) {
  Partial partial;
  if (parameters.lifetime.has_value())
    partial.lifetime = LifetimeFitter::Accumulate(*parameters.lifetime, shard, kernels);
  switch (parameters.stage) {
    case Stage::kMoments:
      partial.train = CountRows(shard.churn_train, parameters.eligible_days, kernels);
      partial.test = CountRows(shard.churn_test, parameters.eligible_days, kernels);
      break;
    case Stage::kNewton: {
      const LogisticModel* graded = Usable(parameters.graded);
      const LogisticModel* served = Usable(parameters.served);
      AddRows(parameters, shard.churn_train, graded, served, kernels, &partial);
      AddRows(parameters, shard.churn_test, nullptr, served, kernels, &partial);
      break;
    }
    case Stage::kGrade:
      if (Usable(parameters.graded) != nullptr) partial.holdout = SampleHoldout(parameters, shard.churn_test, kernels);
      break;
  }
  return partial;
}

}  // namespace strata

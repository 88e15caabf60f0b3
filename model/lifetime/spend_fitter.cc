#include "model/lifetime/spend_fitter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/status.h"

namespace strata {

static_assert(Fitter<SpendFitter>);

namespace {

constexpr size_t kRoundsMax = 1000;  // evaluations over all customers; five are usual, a profile interval takes dozens

// Calls add(rows) with at most kKernelBlock repeat buyers of `share` at a time; returns how many were left out.
template <class Add>
int64_t ForEachBlock(const CustomerColumns& columns, const CustomerShare& share, Add add) {
  std::array<SpendRow, kKernelBlock> block;
  size_t filled = 0;
  int64_t left_out = 0;
  for (size_t i = 0; i < columns.size(); ++i) {
    const int32_t x = columns.purchase_days[i] - 1;
    if (x <= 0 || !share.Has(columns.hash[i])) continue;
    const int64_t net_micros = columns.repeat_net_micros[i];
    if (net_micros <= 0) {
      ++left_out;
      continue;
    }
    block[filled++] = {.net_micros = net_micros, .x = x};
    if (filled < block.size()) continue;
    add(std::span<const SpendRow>(block));
    filled = 0;
  }
  if (filled > 0) add(std::span<const SpendRow>(block).first(filled));
  return left_out;
}

}  // namespace

void SpendFitter::Parameters::Encode(ByteWriter* writer) const {
  writer->U8(static_cast<uint8_t>(stage));
  writer->U8(static_cast<uint8_t>(view));
  share.Encode(writer);
  writer->F64(v);
}

SpendFitter::Parameters SpendFitter::Parameters::Decode(ByteReader* reader) {
  Parameters parameters;
  parameters.stage = static_cast<Stage>(reader->U8());
  parameters.view = static_cast<View>(reader->U8());
  parameters.share = CustomerShare::Decode(reader);
  parameters.v = reader->F64();
  return parameters;
}

void SpendFitter::Partial::Merge(const Partial& other) {
  totals.Merge(other.totals);
  rows.reserve(rows.size() + other.rows.size());  // so that a partial can be merged with itself
  rows.insert(rows.end(), other.rows.begin(), other.rows.end());
  sums.Merge(other.sums);
}

void SpendFitter::Partial::Encode(ByteWriter* writer) const {
  totals.Encode(writer);
  sums.Encode(writer);
  std::vector<SpendRow> ordered = rows;
  std::sort(ordered.begin(), ordered.end(),
            [](const SpendRow& a, const SpendRow& b) { return a.x != b.x ? a.x < b.x : a.net_micros < b.net_micros; });
  writer->U32(static_cast<uint32_t>(ordered.size()));
  for (const SpendRow& row : ordered) {
    writer->I32(row.x);
    writer->I64(row.net_micros);
  }
}

SpendFitter::Partial SpendFitter::Partial::Decode(ByteReader* reader) {
  Partial partial;
  partial.totals = SpendCensus::Decode(reader);
  partial.sums = SpendSums::Decode(reader);
  const uint32_t size = reader->U32();
  for (uint32_t i = 0; i < size && reader->ok(); ++i) {
    SpendRow row;
    row.x = reader->I32();
    row.net_micros = reader->I64();
    if (reader->ok()) partial.rows.push_back(row);
  }
  return partial;
}

std::optional<SpendFitter::Parameters> SpendFitter::Next() const {
  if (done_) return std::nullopt;
  return Parameters{.stage = stage_, .view = view_, .share = share_, .v = asked_.value_or(0)};
}

SpendFitter::Partial SpendFitter::Accumulate(const Parameters& parameters, const ShardFeatures& shard,
                                             const Kernels& kernels) {
  const CustomerColumns& columns = parameters.view == View::kHoldout ? shard.holdout : shard.today;
  Partial partial;
  switch (parameters.stage) {
    case Stage::kTotals:
      partial.totals.AddLeftOut(ForEachBlock(
          columns, CustomerShare(), [&](std::span<const SpendRow> rows) { partial.totals.Add(rows, kernels); }));
      break;
    case Stage::kRows:
      ForEachBlock(columns, parameters.share, [&](std::span<const SpendRow> rows) {
        partial.rows.insert(partial.rows.end(), rows.begin(), rows.end());
      });
      break;
    case Stage::kSums:
      ForEachBlock(columns, CustomerShare(),
                   [&](std::span<const SpendRow> rows) { partial.sums.Add(rows, parameters.v, kernels); });
      break;
  }
  return partial;
}

absl::Status SpendFitter::Absorb(const Partial& merged) {
  if (done_) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FIT_DONE", "the spend fit has no further round");
  }
  if (stage_ == Stage::kTotals) {
    totals_ = merged.totals;
    share_ = CustomerShare::Of(totals_.customers());
    stage_ = Stage::kRows;
    if (totals_.customers() >= kSpendCustomersMin) return absl::OkStatus();
    const SpendLikelihood none(totals_, [](double) { return std::nullopt; });
    result_ = FitSpend(totals_, none, std::nullopt, false);
    done_ = true;
    return absl::OkStatus();
  }
  const bool all = stage_ == Stage::kSums || share_.all();
  const auto seen = stage_ == Stage::kSums ? merged.sums.customers : static_cast<int64_t>(merged.rows.size());
  if (all && seen != totals_.customers()) {
    return MakeError(
        absl::StatusCode::kInternal, "FIT_ROUNDS_DISAGREE",
        fmt::format("spend fit: the first round saw {} customers, a later one {}", totals_.customers(), seen));
  }
  if (stage_ == Stage::kRows) {
    TakeRows(merged.rows);
  } else {
    known_.emplace(*asked_, merged.sums);
    GoOn();
  }
  return absl::OkStatus();
}

void SpendFitter::TakeRows(const std::vector<SpendRow>& rows) {
  const auto sums_here = [&](double v) { return std::optional(SumsOf(rows, v, *kernels_)); };
  if (share_.all()) {
    result_ = FitSpend(totals_, SpendLikelihood(totals_, sums_here), std::nullopt, true);
    done_ = true;
    return;
  }
  const SpendCensus totals = CensusOf(rows, *kernels_);
  const SpendModel model = FitSpend(totals, SpendLikelihood(totals, sums_here), std::nullopt, false);
  if (model.fitted && model.boundary.empty()) near_ = {.p = model.p, .q = model.q, .v = model.v};
  stage_ = Stage::kSums;
  GoOn();
}

void SpendFitter::GoOn() {
  asked_.reset();
  const auto sums_at = [this](double v) -> std::optional<SpendSums> {
    if (const auto known = known_.find(v); known != known_.end()) return known->second;
    if (!asked_) asked_ = v;
    return std::nullopt;
  };
  SpendModel model = FitSpend(totals_, SpendLikelihood(totals_, sums_at), near_, true);
  if (asked_ && known_.size() < kRoundsMax) return;
  done_ = true;
  result_ = std::move(model);
}

}  // namespace strata

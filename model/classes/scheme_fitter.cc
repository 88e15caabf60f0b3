#include "model/classes/scheme_fitter.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "model/classes/scheme_columns.h"

namespace strata {
namespace {

constexpr int64_t kOne = 1'000'000;  // millionths
constexpr size_t kSpending = LevelColumns::kSpending;

std::vector<QuantileTarget> TargetsOf(const std::vector<int64_t>& shares) {
  std::vector<QuantileTarget> targets;
  for (const int64_t share : shares) targets.push_back({share, kOne});
  return targets;
}

// Three texts as one, from which they can be read again.
std::string PeerName(std::string_view region, std::string_view tenure, std::string_view category) {
  ByteWriter writer;
  writer.Text(region);
  writer.Text(tenure);
  writer.Text(category);
  return writer.Take();
}

PeerModel::Group PeerGroup(const std::string& name, const GroupedQuantiles::Group& quantiles) {
  ByteReader reader(name);
  PeerModel::Group group;
  group.region = std::string(reader.Text());
  group.tenure = std::string(reader.Text());
  group.category = std::string(reader.Text());
  group.customers = quantiles.count;
  group.quantile = quantiles.values[0];
  return group;
}

template <typename T>
void EncodeOptional(const std::optional<T>& value, ByteWriter* writer) {
  writer->U8(value.has_value() ? 1 : 0);
  if (value.has_value()) value->Encode(writer);
}

template <typename T>
void DecodeOptional(ByteReader* reader, std::optional<T>* value) {
  if (reader->U8() != 0) *value = T::Decode(reader);
}

GroupedPartial CountPeers(const GroupedRequest& request, const ColumnSet& profile) {
  const WholeColumn margin(profile, "margin");
  const PeerColumns peers(profile);
  std::vector<std::pair<uint64_t, int64_t>> rows;
  for (size_t row = 0; row < profile.rows(); ++row) {
    if (margin[row] != kNoWhole) rows.emplace_back(peers.Code(row), margin[row]);
  }
  return CountGroups(request, &rows, [&peers](uint64_t code) {
    return PeerName(peers.Region(code), peers.Tenure(code), peers.Category(code));
  });
}

GroupedPartial CountSpending(const GroupedRequest& request, const CustomerColumns& today, const ColumnSet& profile) {
  const LevelColumns values(today, profile);
  const TextCodes category(profile, "main_category");
  std::vector<std::pair<uint64_t, int64_t>> rows;
  for (size_t row = 0; row < today.size(); ++row) {
    const int64_t value = values.Value(kSpending, row);
    if (value != kNoWhole && category[row] != 0) rows.emplace_back(category[row], value);
  }
  return CountGroups(request, &rows, [&category](uint64_t code) { return std::string(category.Word(code)); });
}

}  // namespace

void SchemeFitter::Parameters::Encode(ByteWriter* writer) const {
  EncodeOptional(margins, writer);
  EncodeOptional(peers, writer);
  for (const auto& level : levels) EncodeOptional(level, writer);
  EncodeOptional(spending, writer);
}

SchemeFitter::Parameters SchemeFitter::Parameters::Decode(ByteReader* reader) {
  Parameters parameters;
  DecodeOptional(reader, &parameters.margins);
  DecodeOptional(reader, &parameters.peers);
  for (auto& level : parameters.levels) DecodeOptional(reader, &level);
  DecodeOptional(reader, &parameters.spending);
  return parameters;
}

void SchemeFitter::Partial::Merge(const Partial& other) {
  as_of = std::max(as_of, other.as_of);
  margins.Merge(other.margins);
  peers.Merge(other.peers);
  for (size_t level = 0; level < kLevels; ++level) levels[level].Merge(other.levels[level]);
  spending.Merge(other.spending);
}

void SchemeFitter::Partial::Encode(ByteWriter* writer) const {
  writer->I32(as_of);
  margins.Encode(writer);
  peers.Encode(writer);
  for (const QuantilePartial& level : levels) level.Encode(writer);
  spending.Encode(writer);
}

SchemeFitter::Partial SchemeFitter::Partial::Decode(ByteReader* reader) {
  Partial partial;
  partial.as_of = reader->I32();
  partial.margins = RankedPartial::Decode(reader);
  partial.peers = GroupedPartial::Decode(reader);
  for (QuantilePartial& level : partial.levels) level = QuantilePartial::Decode(reader);
  partial.spending = GroupedPartial::Decode(reader);
  return partial;
}

SchemeFitter::SchemeFitter(const SchemeFitSettings& settings) : settings_(settings) {
  models_.life_cycle = settings_.life_cycle;
  if (settings_.value) {
    margins_.emplace(settings_.ranked_window);
    if (!settings_.frozen_peers.has_value()) {
      peers_.emplace(TargetsOf({settings_.peer_quantile}), settings_.peers_min, kMaxPeerGroups);
    }
  }
  for (size_t level = 0; level < kLevels; ++level) {
    const std::optional<LevelRule>& rule = settings_.levels[level];
    if (!rule.has_value() || !rule->fixed.empty()) continue;
    levels_[level].emplace(TargetsOf(rule->quantiles));
    if (level == kSpending) spending_.emplace(TargetsOf(rule->quantiles), kSpendingGroupMin, kMaxPeerGroups);
  }
  if (!Next().has_value()) Finish();
}

std::optional<SchemeFitter::Parameters> SchemeFitter::Next() const {
  Parameters parameters;
  if (margins_.has_value()) parameters.margins = margins_->Next();
  if (peers_.has_value()) parameters.peers = peers_->Next();
  for (size_t level = 0; level < kLevels; ++level) {
    if (levels_[level].has_value()) parameters.levels[level] = levels_[level]->Next();
  }
  if (spending_.has_value()) parameters.spending = spending_->Next();
  if (parameters == Parameters()) return std::nullopt;
  return parameters;
}

SchemeFitter::Partial SchemeFitter::Accumulate(const Parameters& parameters, const ShardFeatures& shard,
                                               const Kernels&) {
  Partial partial;
  const CustomerColumns& today = shard.today;
  if (today.size() == 0 || shard.profile == nullptr) return partial;
  partial.as_of = today.as_of;
  std::vector<int64_t> values;
  if (parameters.margins.has_value()) {
    const WholeColumn margin(*shard.profile, "margin");
    for (size_t row = 0; row < today.size(); ++row) {
      if (margin[row] != kNoWhole) values.push_back(margin[row]);
    }
    partial.margins = CollectRanked(*parameters.margins, values);
  }
  if (parameters.peers.has_value()) partial.peers = CountPeers(*parameters.peers, *shard.profile);
  const LevelColumns columns(today, *shard.profile);
  for (size_t level = 0; level < kLevels; ++level) {
    if (!parameters.levels[level].has_value()) continue;
    values.clear();
    for (size_t row = 0; row < today.size(); ++row) {
      const int64_t value = columns.Value(level, row);
      if (value != kNoWhole) values.push_back(value);
    }
    partial.levels[level] = CountValues(*parameters.levels[level], values);
  }
  if (parameters.spending.has_value()) {
    partial.spending = CountSpending(*parameters.spending, today, *shard.profile);
  }
  return partial;
}

absl::Status SchemeFitter::AbsorbParts(const Parameters& asked, const Partial& merged) {
  if (asked.margins.has_value()) {
    STRATA_RETURN_IF_ERROR(
        margins_->Absorb(merged.margins, [this](int64_t margin, int64_t count) { curve_->Show(margin, count); }));
    if (!curve_.has_value()) curve_.emplace(margins_->totals(), settings_.shares);
  }
  if (asked.peers.has_value()) STRATA_RETURN_IF_ERROR(peers_->Absorb(merged.peers));
  for (size_t level = 0; level < kLevels; ++level) {
    if (asked.levels[level].has_value()) STRATA_RETURN_IF_ERROR(levels_[level]->Absorb(merged.levels[level]));
  }
  return asked.spending.has_value() ? spending_->Absorb(merged.spending) : absl::OkStatus();
}

absl::Status SchemeFitter::Absorb(const Partial& merged) {
  const std::optional<Parameters> asked = Next();
  if (!asked.has_value()) {
    return MakeError(absl::StatusCode::kInternal, "PARTIAL_MISMATCH", "schemes: the fit is done");
  }
  if (absl::Status status = AbsorbParts(*asked, merged); !status.ok()) return WithContext(status, "schemes");
  if (merged.as_of != Partial().as_of) as_of_ = merged.as_of;
  if (!Next().has_value()) Finish();
  return absl::OkStatus();
}

void SchemeFitter::Finish() {
  if (settings_.value) {
    FinishValue();
    FinishPeers();
  }
  FinishLevels();
}

void SchemeFitter::FinishValue() {
  ValueModel& model = models_.value.emplace();
  model.fitted_as_of = as_of_;
  curve_->Finish(&model);
  model.basis = settings_.basis;
  model.window_days = settings_.window_days;
  model.a = settings_.shares.a;
  model.b = settings_.shares.b;
  model.d_beyond = settings_.shares.d_beyond;
  model.loyalty_up = settings_.loyalty_up;
  model.loyalty_down = settings_.loyalty_down;
  model.stability_up_max = settings_.stability_up_max;
  model.stability_down_min = settings_.stability_down_min;
  if (!settings_.frozen_value.has_value()) return;
  model.fitted_as_of = settings_.frozen_value->fitted_as_of;
  model.a_from = settings_.frozen_value->a_from;
  model.b_from = settings_.frozen_value->b_from;
  model.c_from = settings_.frozen_value->c_from;
}

void SchemeFitter::FinishPeers() {
  if (!peers_.has_value()) {
    models_.peers = settings_.frozen_peers;
    return;
  }
  PeerModel& model = models_.peers.emplace();
  model.fitted_as_of = as_of_;
  model.share = settings_.peer_quantile;
  model.customers_min = settings_.peers_min;
  if (peers_->too_many()) {
    model.reason = fmt::format("more than {} groups of region, tenure and category have {} customers or more",
                               kMaxPeerGroups, settings_.peers_min);
  }
  for (const auto& [name, quantiles] : peers_->Result()) model.groups.push_back(PeerGroup(name, quantiles));
  std::sort(model.groups.begin(), model.groups.end(), [](const PeerModel::Group& a, const PeerModel::Group& b) {
    return std::tie(a.region, a.tenure, a.category) < std::tie(b.region, b.tenure, b.category);
  });
}

void SchemeFitter::FinishLevels() {
  for (size_t level = 0; level < kLevels; ++level) {
    const std::optional<LevelRule>& rule = settings_.levels[level];
    if (!rule.has_value()) continue;
    models_.levels[level].emplace().cuts = levels_[level].has_value() ? levels_[level]->values() : rule->fixed;
  }
  if (!spending_.has_value()) return;
  LevelModel& spending = *models_.levels[kSpending];
  if (spending_->too_many()) {
    spending.reason =
        fmt::format("more than {} categories have {} customers or more", kMaxPeerGroups, kSpendingGroupMin);
  }
  for (const auto& [name, quantiles] : spending_->Result()) spending.by_group[name] = quantiles.values;
}

}  // namespace strata

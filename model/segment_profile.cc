#include "model/segment_profile.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/fixed_point.h"

namespace strata {
namespace {

// Probabilities and values share the grid of likelihood terms. A sum is 128 bits wide, which leaves 2^87 units of
// currency for the values of a class.
constexpr int kGridBits = kLikelihoodGridBits;

Int128 OnWideGrid(double value) { return static_cast<Int128>(std::nearbyint(std::ldexp(value, kGridBits))); }

double Ratio(double total, int64_t count) {
  return count > 0 ? total / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

void SegmentProfiles::AddTo(int64_t recency_days, const CustomerScore& score, Sums* sums) {
  ++sums->customers;
  if (score.purchase_days > 0) {
    ++sums->with_purchase;
    sums->recency_days += recency_days;
  }
  sums->purchase_days += score.purchase_days;
  sums->net_micros += score.net_micros;
  const auto add = [](double value, Sum* sum) {
    if (!std::isfinite(value)) return;  // absent
    sum->total += OnWideGrid(value);
    ++sum->customers;
  };
  add(score.p_alive, &sums->p_alive);
  add(score.lifetime_value, &sums->lifetime_value);
  add(score.churn_probability, &sums->churn_probability);
}

void SegmentProfiles::Add(int64_t recency_days, const CustomerScore& score) {
  AddTo(recency_days, score, &all_);
  if (score.purchase_days <= 0) {
    AddTo(recency_days, score, &classes_[{Kind::kClass, 0}]);
    return;
  }
  if (score.segment != RfmSegment::kNone) {
    AddTo(recency_days, score, &classes_[{Kind::kRfm, static_cast<int32_t>(score.segment)}]);
  }
  if (score.cluster >= 0) AddTo(recency_days, score, &classes_[{Kind::kCluster, score.cluster}]);
}

void SegmentProfiles::Sums::Merge(const Sums& other) {
  customers += other.customers;
  with_purchase += other.with_purchase;
  recency_days += other.recency_days;
  purchase_days += other.purchase_days;
  net_micros += other.net_micros;
  for (const auto& [mine, theirs] :
       {std::pair{&p_alive, &other.p_alive}, std::pair{&lifetime_value, &other.lifetime_value},
        std::pair{&churn_probability, &other.churn_probability}}) {
    mine->total += theirs->total;
    mine->customers += theirs->customers;
  }
}

void SegmentProfiles::Merge(const SegmentProfiles& other) {
  all_.Merge(other.all_);
  for (const auto& [key, sums] : other.classes_) classes_[key].Merge(sums);
}

void SegmentProfiles::Sums::Encode(ByteWriter* writer) const {
  writer->I64(customers);
  writer->I64(with_purchase);
  writer->I128(recency_days);
  writer->I128(purchase_days);
  writer->I128(net_micros);
  for (const Sum* sum : {&p_alive, &lifetime_value, &churn_probability}) {
    writer->I128(sum->total);
    writer->I64(sum->customers);
  }
}

SegmentProfiles::Sums SegmentProfiles::Sums::Decode(ByteReader* reader) {
  Sums sums;
  sums.customers = reader->I64();
  sums.with_purchase = reader->I64();
  sums.recency_days = reader->I128();
  sums.purchase_days = reader->I128();
  sums.net_micros = reader->I128();
  for (Sum* sum : {&sums.p_alive, &sums.lifetime_value, &sums.churn_probability}) {
    sum->total = reader->I128();
    sum->customers = reader->I64();
  }
  return sums;
}

void SegmentProfiles::Encode(ByteWriter* writer) const {
  all_.Encode(writer);
  writer->U32(static_cast<uint32_t>(classes_.size()));
  for (const auto& [key, sums] : classes_) {
    writer->U8(static_cast<uint8_t>(key.first));
    writer->I32(key.second);
    sums.Encode(writer);
  }
}

SegmentProfiles SegmentProfiles::Decode(ByteReader* reader) {
  SegmentProfiles profiles;
  profiles.all_ = Sums::Decode(reader);
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    const auto kind = static_cast<Kind>(reader->U8());
    const int32_t number = reader->I32();
    profiles.classes_[{kind, number}] = Sums::Decode(reader);
  }
  return profiles;
}

ProfileTotals SegmentProfiles::Totals() const {
  const SegmentProfileLine line = Line("", "", all_);
  return {.customers = all_.customers,
          .net_micros = all_.net_micros,
          .mean_p_alive = line.mean_p_alive,
          .mean_lifetime_value = line.mean_lifetime_value,
          .mean_churn_probability = line.mean_churn_probability};
}

SegmentProfileLine SegmentProfiles::Line(const char* kind, std::string name, const Sums& sums) const {
  SegmentProfileLine line;
  line.kind = kind;
  line.name = std::move(name);
  line.customers = sums.customers;
  line.share = all_.customers > 0 ? static_cast<double>(sums.customers) / static_cast<double>(all_.customers) : 0;
  line.mean_recency_days = Ratio(ToDouble(sums.recency_days), sums.with_purchase);
  line.mean_purchase_days = Ratio(ToDouble(sums.purchase_days), sums.customers);
  line.sum_net = ToDouble(sums.net_micros) / 1e6;
  line.mean_net = Ratio(line.sum_net, sums.customers);
  line.mean_p_alive = Ratio(FromGrid(sums.p_alive.total, kGridBits), sums.p_alive.customers);
  line.mean_churn_probability =
      Ratio(FromGrid(sums.churn_probability.total, kGridBits), sums.churn_probability.customers);
  const int64_t valued = sums.lifetime_value.customers;
  line.sum_lifetime_value =
      valued > 0 ? FromGrid(sums.lifetime_value.total, kGridBits) : std::numeric_limits<double>::quiet_NaN();
  line.mean_lifetime_value = Ratio(line.sum_lifetime_value, valued);
  return line;
}

std::vector<SegmentProfileLine> SegmentProfiles::Lines() const {
  std::vector<SegmentProfileLine> lines;
  const auto sums_of = [this](Kind kind, int32_t number) {
    const auto found = classes_.find({kind, number});
    return found == classes_.end() ? Sums() : found->second;
  };
  bool has_rfm = false;
  int32_t clusters = 0;
  for (const auto& [key, sums] : classes_) {
    has_rfm = has_rfm || key.first == Kind::kRfm;
    if (key.first == Kind::kCluster) clusters = std::max(clusters, key.second + 1);
  }
  for (int32_t number = 1; has_rfm && number <= kRfmSegments; ++number) {
    lines.push_back(Line("rfm", Name(static_cast<RfmSegment>(number)), sums_of(Kind::kRfm, number)));
  }
  for (int32_t number = 0; number < clusters; ++number) {
    lines.push_back(Line("cluster", fmt::format("cluster-{}", number + 1), sums_of(Kind::kCluster, number)));
  }
  lines.push_back(Line("class", "no_purchase", sums_of(Kind::kClass, 0)));
  return lines;
}

}  // namespace strata

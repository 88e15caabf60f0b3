// What a shard counts for the space (space_finder.h), and how shards' counts become one.
#include <algorithm>
#include <bit>
#include <cmath>

#include "base/fixed_point.h"
#include "model/statistics/shard_error.h"
#include "model/clustering/space_counts.h"
#include "model/clustering/space_finder.h"
#include "model/statistics/integer_sums.h"
#include "model/statistics/number_order.h"

namespace strata {
namespace {

// The first by bytes are a function of the words alone, so that merging stays exact; one more than allowed says that
// there are too many.
void KeepFirstWords(std::map<std::string, int64_t>* words) {
  while (words->size() > kMaxCategoryWords + 1) words->erase(std::prev(words->end()));
}

std::vector<int64_t> OrdersOf(std::span<const double> raw, bool magnitudes) {
  std::vector<int64_t> orders;
  orders.reserve(raw.size());
  for (const double value : raw) {
    if (std::isnan(value) || (magnitudes && value == 0)) continue;
    orders.push_back(OrderOfNumber(magnitudes ? std::fabs(value) : value));
  }
  return orders;
}

void AddSample(const SpaceRequest& request, const RawValues& raw, std::span<const uint64_t> hash,
               SpacePartial* partial) {
  const ClusterSpace& space = request.space;
  const bool weighs = !space.weight_column.empty();
  const size_t width = space.d() + space.categories.size() + (weighs ? 1 : 0);
  KeyedSampler sampler(request.seed, DrawPurpose::kClusteringSample, request.sample, static_cast<uint32_t>(width));
  std::vector<int64_t> values(width);
  for (size_t i = 0; i < raw.rows(); ++i) {
    const uint64_t customer = hash[raw.row()[i]];
    if (!sampler.Wants(customer)) continue;
    size_t next = 0;
    for (size_t f = 0; f < space.d(); ++f) values[next++] = std::bit_cast<int64_t>(raw.numeric(f)[i]);
    for (size_t c = 0; c < space.categories.size(); ++c) values[next++] = raw.codes(c)[i];
    if (weighs) values[next++] = std::bit_cast<int64_t>(raw.raw_weight()[i]);
    sampler.Add(customer, values);
  }
  partial->sample = sampler.Take();
}

void AddWeights(const RawValues& raw, SpacePartial* partial) {
  for (const double weight : raw.raw_weight()) {
    if (!(weight > 0)) continue;
    ++partial->weighted;
    partial->weight_sum += static_cast<Int128>(std::rint(weight * PowerOfTwo(kFeatureGridBits)));
  }
}

// Once the unit is known.
void CountOddWeights(const ClusterSpace& space, const RawValues& raw, SpacePartial* partial) {
  for (const double weight : raw.raw_weight()) {
    if (weight > 0 && space.WeightOf(weight) == 0) ++partial->rounded_away;
    if (weight * (1 << kWeightBits) > kMaxCustomerWeight * space.weight_unit) ++partial->capped;
  }
}

void AddMoments(const ClusterSpace& space, const RawValues& raw, const Kernels& kernels, SpacePartial* partial) {
  std::vector<double> y(raw.rows());
  for (size_t f = 0; f < space.d(); ++f) {
    TransformOnGrid(space.numeric[f], raw.numeric(f), kernels, y);
    ExactMoments& moments = partial->moments.emplace_back();
    for (const double value : y) moments.Add(static_cast<int64_t>(value));
  }
}

}  // namespace

SpacePartial CountRawValues(const SpaceRequest& request, const RawValues& raw, const Kernels& kernels) {
  SpacePartial partial;
  partial.customers = static_cast<int64_t>(raw.rows());
  for (size_t f = 0; f < request.space.d(); ++f) partial.absent.push_back(raw.absent(f));
  for (const auto& [stream, quantiles] : request.quantiles) {
    const std::vector<int64_t> orders = OrdersOf(raw.numeric(stream / 2), stream % 2 == 1);
    partial.quantiles.emplace(stream, CountValues(quantiles, orders));
  }
  if (request.step == SpaceStep::kWords) AddWeights(raw, &partial);
  if (request.step == SpaceStep::kMoments) {
    AddMoments(request.space, raw, kernels, &partial);
    CountOddWeights(request.space, raw, &partial);
  }
  return partial;
}

SpacePartial CountSpace(const SpaceRequest& request, const ShardFeatures& shard, const Kernels& kernels) {
  SpacePartial failed;
  const absl::StatusOr<RawValues> raw = RawValues::Of(request.space, shard);
  if (!raw.ok()) {
    failed.error = ShardErrorOf(raw.status());
    return failed;
  }
  SpacePartial partial = CountRawValues(request, *raw, kernels);
  if (request.step == SpaceStep::kWords) {
    for (const CategoryFeature& category : request.space.categories) {
      absl::StatusOr<std::map<std::string, int64_t>> words = CountWords(category, shard, raw->row());
      if (!words.ok()) {
        failed.error = ShardErrorOf(words.status());
        return failed;
      }
      KeepFirstWords(&*words);
      partial.words.push_back(*std::move(words));
    }
  }
  if (request.sample > 0) AddSample(request, *raw, shard.today.hash, &partial);
  return partial;
}

void KeepWords(const std::map<std::string, int64_t>& counts, CategoryFeature* category) {
  std::map<std::string, int64_t> kept = {{std::string(kNoWord), 0}, {std::string(kOtherWord), 0}};
  std::vector<std::pair<int64_t, std::string>> others;  // by -count, then by bytes
  for (const auto& [word, count] : counts) {
    if (const auto found = kept.find(word); found != kept.end()) {
      found->second = count;
    } else {
      others.emplace_back(-count, word);
    }
  }
  std::sort(others.begin(), others.end());
  for (const auto& [count, word] : others) {
    if (kept.size() < kMaxLevels) {
      kept.emplace(word, -count);
    } else {
      kept[std::string(kOtherWord)] -= count;
    }
  }
  for (const auto& [word, count] : kept) {
    category->words.push_back(word);
    category->counts.push_back(count);
  }
}

void SpacePartial::Merge(const SpacePartial& other) {
  customers += other.customers;
  AddInto(&absent, other.absent);
  for (const auto& [stream, counts] : other.quantiles) quantiles[stream].Merge(counts);
  if (moments.size() < other.moments.size()) moments.resize(other.moments.size());
  for (size_t f = 0; f < other.moments.size(); ++f) moments[f].Merge(other.moments[f]);
  if (words.size() < other.words.size()) words.resize(other.words.size());
  for (size_t c = 0; c < other.words.size(); ++c) {
    for (const auto& [word, count] : other.words[c]) words[c][word] += count;
    KeepFirstWords(&words[c]);
  }
  weighted += other.weighted;
  weight_sum += other.weight_sum;
  rounded_away += other.rounded_away;
  capped += other.capped;
  sample.Merge(other.sample);
  MergeShardError(&error, other.error);
}

void SpacePartial::Encode(ByteWriter* writer) const {
  writer->I64(customers);
  writer->Array(absent);
  writer->U32(static_cast<uint32_t>(quantiles.size()));
  for (const auto& [stream, counts] : quantiles) {
    writer->U32(stream);
    counts.Encode(writer);
  }
  writer->U32(static_cast<uint32_t>(moments.size()));
  for (const ExactMoments& of : moments) of.Encode(writer);
  writer->U32(static_cast<uint32_t>(words.size()));
  for (const auto& of : words) {
    writer->U32(static_cast<uint32_t>(of.size()));
    for (const auto& [word, count] : of) {
      writer->Text(word);
      writer->I64(count);
    }
  }
  writer->I64(weighted);
  writer->I128(weight_sum);
  writer->I64(rounded_away);
  writer->I64(capped);
  sample.Encode(writer);
  writer->Text(error);
}

SpacePartial SpacePartial::Decode(ByteReader* reader) {
  SpacePartial partial;
  partial.customers = reader->I64();
  partial.absent = reader->Array<int64_t>();
  const uint32_t streams = reader->U32();
  for (uint32_t i = 0; i < streams && reader->ok(); ++i) {
    const uint32_t stream = reader->U32();
    partial.quantiles[stream] = QuantilePartial::Decode(reader);
  }
  const uint32_t moments = reader->U32();
  for (uint32_t i = 0; i < moments && reader->ok(); ++i) partial.moments.push_back(ExactMoments::Decode(reader));
  const uint32_t categories = reader->U32();
  for (uint32_t c = 0; c < categories && reader->ok(); ++c) {
    auto& words = partial.words.emplace_back();
    const uint32_t count = reader->U32();
    for (uint32_t i = 0; i < count && reader->ok(); ++i) {
      std::string word(reader->Text());
      words[std::move(word)] = reader->I64();
    }
  }
  partial.weighted = reader->I64();
  partial.weight_sum = reader->I128();
  partial.rounded_away = reader->I64();
  partial.capped = reader->I64();
  partial.sample = KeyedSample::Decode(reader);
  partial.error = std::string(reader->Text());
  return partial;
}

void SpaceRequest::Encode(ByteWriter* writer) const {
  writer->U8(static_cast<uint8_t>(step));
  space.Encode(writer);
  writer->U32(static_cast<uint32_t>(quantiles.size()));
  for (const auto& [stream, of] : quantiles) {
    writer->U32(stream);
    of.Encode(writer);
  }
  writer->U32(sample);
  writer->U64(seed);
}

SpaceRequest SpaceRequest::Decode(ByteReader* reader) {
  SpaceRequest request;
  request.step = static_cast<SpaceStep>(std::min<uint8_t>(reader->U8(), static_cast<uint8_t>(SpaceStep::kMoments)));
  request.space = ClusterSpace::Decode(reader);
  const uint32_t streams = reader->U32();
  for (uint32_t i = 0; i < streams && reader->ok(); ++i) {
    const uint32_t stream = reader->U32();
    QuantileRequest of = QuantileRequest::Decode(reader);
    if (stream / 2 < request.space.d()) request.quantiles[stream] = std::move(of);
  }
  request.sample = reader->U32();
  request.seed = reader->U64();
  return request;
}

}  // namespace strata

#include "model/churn/churn_rounds.h"

#include <algorithm>

#include "model/statistics/shard_error.h"

namespace strata {
namespace {

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

template <typename T>
void EncodeAll(const std::vector<T>& values, ByteWriter* writer) {
  writer->U32(static_cast<uint32_t>(values.size()));
  for (const T& value : values) value.Encode(writer);
}

template <typename T>
std::vector<T> DecodeAll(ByteReader* reader) {
  std::vector<T> values;
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) values.push_back(T::Decode(reader));
  return values;
}

template <typename T>
void MergeAll(std::vector<T>* into, const std::vector<T>& others) {
  if (into->size() < others.size()) into->resize(others.size());
  for (size_t i = 0; i < others.size(); ++i) (*into)[i].Merge(others[i]);
}

void EncodeRule(const TunedRule& rule, ByteWriter* writer) {
  writer->U8(rule.found ? 1 : 0);
  writer->I64(rule.from);
  writer->F64(rule.auc);
}

TunedRule DecodeRule(ByteReader* reader) {
  TunedRule rule;
  rule.found = reader->U8() != 0;
  rule.from = reader->I64();
  rule.auc = reader->F64();
  return rule;
}

}  // namespace

void ViewCounts::Merge(const ViewCounts& other) {
  cutoff = std::max(cutoff, other.cutoff);
  first_day = std::min(first_day, other.first_day);
  customers += other.customers;
  rows += other.rows;
  churned += other.churned;
  purchases.Merge(other.purchases);
  rules.Merge(other.rules);
  if (words.size() < other.words.size()) words.resize(other.words.size());
  for (size_t j = 0; j < other.words.size(); ++j) {
    for (const auto& [word, count] : other.words[j]) words[j][word] += count;
  }
}

void ViewCounts::Encode(ByteWriter* writer) const {
  writer->I32(cutoff);
  writer->I32(first_day);
  writer->I64(customers);
  writer->I64(rows);
  writer->I64(churned);
  purchases.Encode(writer);
  rules.Encode(writer);
  writer->U32(static_cast<uint32_t>(words.size()));
  for (const auto& of_feature : words) {
    writer->U32(static_cast<uint32_t>(of_feature.size()));
    for (const auto& [word, count] : of_feature) {
      writer->Text(word);
      writer->I64(count);
    }
  }
}

ViewCounts ViewCounts::Decode(ByteReader* reader) {
  ViewCounts counts;
  counts.cutoff = reader->I32();
  counts.first_day = reader->I32();
  counts.customers = reader->I64();
  counts.rows = reader->I64();
  counts.churned = reader->I64();
  counts.purchases = PurchaseTable::Decode(reader);
  counts.rules = RuleCounts::Decode(reader);
  const uint32_t features = reader->U32();
  for (uint32_t j = 0; j < features && reader->ok(); ++j) {
    auto& of_feature = counts.words.emplace_back();
    const uint32_t words = reader->U32();
    for (uint32_t i = 0; i < words && reader->ok(); ++i) {
      std::string word(reader->Text());
      of_feature[std::move(word)] = reader->I64();
    }
  }
  return counts;
}

void LogisticSide::Encode(ByteWriter* writer) const {
  plan.Encode(writer);
  EncodeColumns(columns, writer);
  writer->Array(medians);
}

LogisticSide LogisticSide::Decode(ByteReader* reader) {
  LogisticSide side;
  side.plan = ChurnPlan::Decode(reader);
  side.columns = DecodeColumns(reader);
  side.medians = reader->Array<double>();
  return side;
}

void LogisticPoint::Encode(ByteWriter* writer) const {
  writer->U8(graded ? 1 : 0);
  writer->I32(fold);
  model.Encode(writer);
}

LogisticPoint LogisticPoint::Decode(ByteReader* reader) {
  LogisticPoint point;
  point.graded = reader->U8() != 0;
  point.fold = reader->I32();
  point.model = LogisticModel::Decode(reader);
  return point;
}

void SideMoments::Merge(const SideMoments& other) {
  rows += other.rows;
  churned += other.churned;
  MergeAll(&moments, other.moments);
}

void SideMoments::Encode(ByteWriter* writer) const {
  writer->I64(rows);
  writer->I64(churned);
  EncodeAll(moments, writer);
}

SideMoments SideMoments::Decode(ByteReader* reader) {
  SideMoments side;
  side.rows = reader->I64();
  side.churned = reader->I64();
  side.moments = DecodeAll<ExactMoments>(reader);
  return side;
}

void ChurnRoundParameters::MakeReady() {
  forecasts.clear();
  for (const std::optional<ChurnLifetime>& lifetime : lifetimes) {
    forecasts.push_back(lifetime.has_value()
                            ? std::make_shared<const ChurnForecasts>(*lifetime, plan.horizon_days)
                            : nullptr);
  }
  forecasts.resize(std::max(forecasts.size(), static_cast<size_t>(std::max(views, 0))));
  scorer = scoring.has_value() ? std::make_shared<const ChurnScorer>(*scoring) : nullptr;
}

void ChurnRoundParameters::Encode(ByteWriter* writer) const {
  writer->U8(static_cast<uint8_t>(stage));
  plan.Encode(writer);
  writer->I32(views);
  writer->U64(seed);
  writer->U32(static_cast<uint32_t>(lifetimes.size()));
  for (const std::optional<ChurnLifetime>& lifetime : lifetimes) EncodeOptional(lifetime, writer);
  writer->U32(capacity);
  writer->I64(customers);
  writer->U64(split.seed);
  writer->U8(split.fifth ? 1 : 0);
  share.Encode(writer);
  EncodeOptional(graded, writer);
  EncodeOptional(served, writer);
  EncodeAll(points, writer);
  EncodeOptional(units, writer);
  EncodeOptional(scoring, writer);
  EncodeRule(rules.inactivity, writer);
  EncodeRule(rules.gap, writer);
  writer->I64(rules.span_days);
  writer->I64(rules.gaps);
}

ChurnRoundParameters ChurnRoundParameters::Decode(ByteReader* reader) {
  ChurnRoundParameters parameters;
  parameters.stage = static_cast<ChurnStage>(reader->U8());
  parameters.plan = ChurnPlan::Decode(reader);
  parameters.views = reader->I32();
  parameters.seed = reader->U64();
  const uint32_t lifetimes = reader->U32();
  for (uint32_t i = 0; i < lifetimes && reader->ok(); ++i) {
    parameters.lifetimes.push_back(DecodeOptional<ChurnLifetime>(reader));
  }
  parameters.capacity = reader->U32();
  parameters.customers = reader->I64();
  parameters.split.seed = reader->U64();
  parameters.split.fifth = reader->U8() != 0;
  parameters.share = CustomerShare::Decode(reader);
  parameters.graded = DecodeOptional<LogisticSide>(reader);
  parameters.served = DecodeOptional<LogisticSide>(reader);
  parameters.points = DecodeAll<LogisticPoint>(reader);
  parameters.units = DecodeOptional<ChurnUnitsRequest>(reader);
  parameters.scoring = DecodeOptional<ChurnScoring>(reader);
  parameters.rules.inactivity = DecodeRule(reader);
  parameters.rules.gap = DecodeRule(reader);
  parameters.rules.span_days = reader->I64();
  parameters.rules.gaps = reader->I64();
  if (reader->ok()) parameters.MakeReady();
  return parameters;
}

void ChurnRoundPartial::Merge(const ChurnRoundPartial& other) {
  MergeAll(&views, other.views);
  today.Merge(other.today);
  first_day = std::min(first_day, other.first_day);
  sample.Merge(other.sample);
  graded.Merge(other.graded);
  served.Merge(other.served);
  MergeAll(&sums, other.sums);
  if (cells.size() < other.cells.size()) cells.resize(other.cells.size());
  for (size_t point = 0; point < other.cells.size(); ++point) MergeAll(&cells[point], other.cells[point]);
  units.Merge(other.units);
  holdout.Merge(other.holdout);
  MergeShardError(&error, other.error);
}

void ChurnRoundPartial::Encode(ByteWriter* writer) const {
  EncodeAll(views, writer);
  today.Encode(writer);
  writer->I32(first_day);
  sample.Encode(writer);
  graded.Encode(writer);
  served.Encode(writer);
  EncodeAll(sums, writer);
  writer->U32(static_cast<uint32_t>(cells.size()));
  for (const std::vector<MarginCells>& of_point : cells) EncodeAll(of_point, writer);
  units.Encode(writer);
  holdout.Encode(writer);
  writer->Text(error);
}

ChurnRoundPartial ChurnRoundPartial::Decode(ByteReader* reader) {
  ChurnRoundPartial partial;
  partial.views = DecodeAll<ViewCounts>(reader);
  partial.today = PurchaseTable::Decode(reader);
  partial.first_day = reader->I32();
  partial.sample = KeyedRows::Decode(reader);
  partial.graded = SideMoments::Decode(reader);
  partial.served = SideMoments::Decode(reader);
  partial.sums = DecodeAll<LogisticSums>(reader);
  const uint32_t points = reader->U32();
  for (uint32_t i = 0; i < points && reader->ok(); ++i) partial.cells.push_back(DecodeAll<MarginCells>(reader));
  partial.units = ChurnUnitsPartial::Decode(reader);
  partial.holdout = KeyedSample::Decode(reader);
  partial.error = reader->Text();
  return partial;
}

}  // namespace strata

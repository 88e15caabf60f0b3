// What a round of the covariates' fit asks of a shard, and its answer: the inner part of covariate_fitter.h.
#include <algorithm>
#include <limits>

#include "base/fixed_point.h"
#include "model/lifetime/covariate_fitter.h"
#include "model/statistics/integer_sums.h"

namespace strata {
namespace {

using Parameters = CovariateFitter::Parameters;
using Partial = CovariateFitter::Partial;

void EncodePlaces(const std::vector<size_t>& places, ByteWriter* writer) {
  writer->U32(static_cast<uint32_t>(places.size()));
  for (const size_t place : places) writer->U32(static_cast<uint32_t>(place));
}

std::vector<size_t> DecodePlaces(ByteReader* reader) {
  std::vector<size_t> places;
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) places.push_back(reader->U32());
  return places;
}

void AddOnGrid(std::span<const double> terms, int64_t times, Partial* partial) {
  for (size_t i = 0; i < terms.size(); ++i) {
    if (FitsGrid(terms[i], kLikelihoodGridBits)) {
      partial->sums[i] += static_cast<Int128>(ToGrid(terms[i], kLikelihoodGridBits)) * times;
    } else {
      ++partial->misfits;
    }
  }
  partial->customers += times;
}

// Of every row alone, so that it does not matter which shard a row of the base is in.
void AddLikelihood(const Parameters& at, const CovariateTable& table, Partial* partial) {
  const CovariatePoint point(at.kind, at.k, at.effects);
  partial->sums.assign(point.terms(), 0);
  std::vector<double> traits;
  LifetimeParameters parameters;
  for (size_t i = 0; i < table.rows().size(); ++i) {
    const CovariateRow& row = table.rows()[i];
    if (i == 0 || table.rows()[i - 1].pattern != row.pattern) {
      traits = TraitsOfPattern(at.sources, table.pattern(row.pattern));
      parameters = point.ParametersOf(at.point, traits);
    }
    std::vector<double> terms(point.terms(), 0);
    const PurchaseHistory history{.x = row.x(),
                                  .t_x = static_cast<double>(row.t_x()) / at.time_unit_days,
                                  .T = static_cast<double>(row.T()) / at.time_unit_days};
    point.AddTerms(RowLogLikelihood(parameters, history), traits, terms);
    AddOnGrid(terms, row.customers, partial);
  }
}

// As TraitProducts, on the grid.
void AddProducts(const Parameters& at, const CovariateTable& table, Partial* partial) {
  const size_t width = TraitsOf(at.sources).size() + 1;
  partial->sums.assign(width * width, 0);
  for (size_t i = 0; i < table.rows().size();) {
    const uint32_t pattern = table.rows()[i].pattern;
    int64_t customers = 0;
    for (; i < table.rows().size() && table.rows()[i].pattern == pattern; ++i) customers += table.rows()[i].customers;
    std::vector<double> one = {1};
    const std::vector<double> traits = TraitsOfPattern(at.sources, table.pattern(pattern));
    one.insert(one.end(), traits.begin(), traits.end());
    std::vector<double> products;
    for (size_t a = 0; a < width; ++a) {
      for (size_t b = 0; b < width; ++b) products.push_back(one[a] * one[b]);
    }
    AddOnGrid(products, customers, partial);
  }
}

}  // namespace

void CovariateFitter::Parameters::Encode(ByteWriter* writer) const {
  writer->U8(static_cast<uint8_t>(stage));
  writer->U32(static_cast<uint32_t>(columns.size()));
  for (const std::string& column : columns) writer->Text(column);
  EncodeSources(sources, writer);
  share.Encode(writer);
  writer->U64(rows_max);
  writer->U8(static_cast<uint8_t>(kind));
  writer->I32(k);
  writer->F64(time_unit_days);
  EncodePlaces(effects.rate, writer);
  EncodePlaces(effects.dropout, writer);
  EncodePlaces(effects.strength, writer);
  writer->U8(effects.common_factor ? 1 : 0);
  writer->Array(point);
}

CovariateFitter::Parameters CovariateFitter::Parameters::Decode(ByteReader* reader) {
  Parameters decoded;
  decoded.stage = static_cast<Stage>(reader->U8());
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) decoded.columns.emplace_back(reader->Text());
  decoded.sources = DecodeSources(reader);
  decoded.share = CustomerShare::Decode(reader);
  decoded.rows_max = reader->U64();
  decoded.kind = static_cast<LifetimeKind>(reader->U8());
  decoded.k = reader->I32();
  decoded.time_unit_days = reader->F64();
  decoded.effects.rate = DecodePlaces(reader);
  decoded.effects.dropout = DecodePlaces(reader);
  decoded.effects.strength = DecodePlaces(reader);
  decoded.effects.common_factor = reader->U8() != 0;
  decoded.point = reader->Array<double>();
  return decoded;
}

void CovariateFitter::Partial::Merge(const Partial& other) {
  census.Merge(other.census);
  table.Merge(other.table);
  AddInto(&sums, other.sums);
  customers += other.customers;
  misfits += other.misfits;
}

void CovariateFitter::Partial::Encode(ByteWriter* writer) const {
  census.Encode(writer);
  table.Encode(writer);
  writer->Array(sums);
  writer->I64(customers);
  writer->I64(misfits);
}

CovariateFitter::Partial CovariateFitter::Partial::Decode(ByteReader* reader) {
  Partial partial;
  partial.census = CovariateCensus::Decode(reader);
  partial.table = CovariateTable::Decode(reader);
  partial.sums = reader->Array<Int128>();
  partial.customers = reader->I64();
  partial.misfits = reader->I64();
  return partial;
}

CovariateFitter::Partial CovariateFitter::Accumulate(const Parameters& parameters, const ShardFeatures& shard,
                                                     const Kernels&) {
  constexpr size_t kWholeShard = std::numeric_limits<size_t>::max();
  Partial partial;
  switch (parameters.stage) {
    case Stage::kCensus:
      partial.census = CovariateCensus::Of(parameters.columns, shard);
      break;
    case Stage::kTable:
      partial.table = CovariateTable::Of(parameters.sources, shard, {}, parameters.rows_max);
      break;
    case Stage::kShare:
      AddProducts(parameters, CovariateTable::Of(parameters.sources, shard, {}, kWholeShard), &partial);
      partial.table = CovariateTable::Of(parameters.sources, shard, parameters.share);
      break;
    case Stage::kEvaluate:
      AddLikelihood(parameters, CovariateTable::Of(parameters.sources, shard, {}, kWholeShard), &partial);
      break;
  }
  return partial;
}

}  // namespace strata

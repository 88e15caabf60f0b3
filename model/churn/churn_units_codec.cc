// What travels of the units of trees.
#include "model/churn/churn_units.h"

namespace strata {
namespace {

void EncodeBoost(const BoostSettings& boost, ByteWriter* writer) {
  for (const int value : {boost.tree.leaves, boost.tree.depth_max, boost.tree.min_rows, boost.tree.category_rows,
                          boost.trees, boost.early_stopping.value_or(0)}) {
    writer->I32(value);
  }
  for (const double value : {boost.tree.min_hessian, boost.tree.lambda, boost.tree.alpha, boost.tree.learning_rate,
                             boost.tree.min_gain, boost.row_share, boost.feature_share}) {
    writer->F64(value);
  }
  writer->U64(boost.seed);
}

BoostSettings DecodeBoost(ByteReader* reader) {
  BoostSettings boost;
  int early_stopping = 0;
  for (int* value : {&boost.tree.leaves, &boost.tree.depth_max, &boost.tree.min_rows, &boost.tree.category_rows,
                     &boost.trees, &early_stopping}) {
    *value = reader->I32();
  }
  if (early_stopping > 0) boost.early_stopping = early_stopping;
  for (double* value : {&boost.tree.min_hessian, &boost.tree.lambda, &boost.tree.alpha, &boost.tree.learning_rate,
                        &boost.tree.min_gain, &boost.row_share, &boost.feature_share}) {
    *value = reader->F64();
  }
  boost.seed = reader->U64();
  return boost;
}

}  // namespace

void ChurnUnitsRequest::Encode(ByteWriter* writer) const {
  for (const ChurnPlan* plan : {&gathered, &graded, &served}) plan->Encode(writer);
  EncodeBoost(boost, writer);
  writer->I32(bins);
  writer->I32(views);
  writer->U64(split.seed);
  writer->U8(split.fifth ? 1 : 0);
  sample.Encode(writer);
  writer->U32(static_cast<uint32_t>(units.size()));
  for (const ChurnUnit& unit : units) {
    writer->U8(unit.graded ? 1 : 0);
    writer->I32(unit.fold);
    writer->U8(unit.stop_early ? 1 : 0);
  }
}

ChurnUnitsRequest ChurnUnitsRequest::Decode(ByteReader* reader) {
  ChurnUnitsRequest request;
  for (ChurnPlan* plan : {&request.gathered, &request.graded, &request.served}) *plan = ChurnPlan::Decode(reader);
  request.boost = DecodeBoost(reader);
  request.bins = reader->I32();
  request.views = reader->I32();
  request.split.seed = reader->U64();
  request.split.fifth = reader->U8() != 0;
  request.sample = KeyedRows::Decode(reader);
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    ChurnUnit& unit = request.units.emplace_back();
    unit.graded = reader->U8() != 0;
    unit.fold = reader->I32();
    unit.stop_early = reader->U8() != 0;
  }
  return request;
}

void ChurnUnitResult::Encode(ByteWriter* writer) const {
  ensemble.Encode(writer);
  writer->U32(static_cast<uint32_t>(cells.size()));
  for (const MarginCells& of_fold : cells) of_fold.Encode(writer);
  writer->U32(static_cast<uint32_t>(features.size()));
  for (const UnitFeature& feature : features) {
    writer->F64(feature.gain);
    writer->F64(feature.contribution);
  }
  writer->Text(error);
}

ChurnUnitResult ChurnUnitResult::Decode(ByteReader* reader) {
  ChurnUnitResult result;
  result.ensemble = Ensemble::Decode(reader);
  const uint32_t cells = reader->U32();
  for (uint32_t i = 0; i < cells && reader->ok(); ++i) result.cells.push_back(MarginCells::Decode(reader));
  const uint32_t features = reader->U32();
  for (uint32_t i = 0; i < features && reader->ok(); ++i) {
    UnitFeature& feature = result.features.emplace_back();
    feature.gain = reader->F64();
    feature.contribution = reader->F64();
  }
  result.error = reader->Text();
  return result;
}

void ChurnUnitsPartial::Encode(ByteWriter* writer) const {
  writer->U8(twice ? 1 : 0);
  writer->U32(static_cast<uint32_t>(results.size()));
  for (const auto& [unit, result] : results) {
    writer->U32(unit);
    result.Encode(writer);
  }
}

ChurnUnitsPartial ChurnUnitsPartial::Decode(ByteReader* reader) {
  ChurnUnitsPartial partial;
  partial.twice = reader->U8() != 0;
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    const uint32_t unit = reader->U32();
    partial.results[unit] = ChurnUnitResult::Decode(reader);
  }
  return partial;
}

}  // namespace strata

#include "model/churn/churn_plan.h"

namespace strata {
namespace {

void EncodeFeature(const ChurnFeature& feature, ByteWriter* writer) {
  for (const std::string* text : {&feature.name, &feature.formula, &feature.unit, &feature.group, &feature.high_words,
                                  &feature.low_words, &feature.column}) {
    writer->Text(*text);
  }
  writer->U8(static_cast<uint8_t>(feature.source));
  writer->U8(static_cast<uint8_t>(feature.type));
  writer->F64(feature.scale);
  writer->U8(feature.logarithm ? 1 : 0);
  writer->U8(static_cast<uint8_t>(feature.monotone + 1));
}

ChurnFeature DecodeFeature(ByteReader* reader) {
  ChurnFeature feature;
  for (std::string* text : {&feature.name, &feature.formula, &feature.unit, &feature.group, &feature.high_words,
                            &feature.low_words, &feature.column}) {
    *text = reader->Text();
  }
  feature.source = static_cast<ChurnSource>(reader->U8());
  feature.type = static_cast<ColumnType>(reader->U8());
  feature.scale = reader->F64();
  feature.logarithm = reader->U8() != 0;
  feature.monotone = static_cast<int8_t>(reader->U8() - 1);
  return feature;
}

}  // namespace

void ChurnPlan::Encode(ByteWriter* writer) const {
  writer->U32(static_cast<uint32_t>(features.size()));
  for (const ChurnFeature& feature : features) EncodeFeature(feature, writer);
  writer->U32(static_cast<uint32_t>(levels.size()));
  for (const std::vector<std::string>& words : levels) {
    writer->U32(static_cast<uint32_t>(words.size()));
    for (const std::string& word : words) writer->Text(word);
  }
  writer->I32(horizon_days);
  writer->I32(eligible_days);
  writer->I32(cutoffs);
  writer->U8(static_cast<uint8_t>(question));
}

ChurnPlan ChurnPlan::Decode(ByteReader* reader) {
  ChurnPlan plan;
  const uint32_t features = reader->U32();
  for (uint32_t i = 0; i < features && reader->ok(); ++i) plan.features.push_back(DecodeFeature(reader));
  const uint32_t lists = reader->U32();
  for (uint32_t i = 0; i < lists && reader->ok(); ++i) {
    std::vector<std::string>& words = plan.levels.emplace_back();
    const uint32_t count = reader->U32();
    for (uint32_t word = 0; word < count && reader->ok(); ++word) words.emplace_back(reader->Text());
  }
  plan.horizon_days = reader->I32();
  plan.eligible_days = reader->I32();
  plan.cutoffs = reader->I32();
  plan.question = static_cast<ChurnQuestion>(reader->U8());
  return plan;
}

}  // namespace strata

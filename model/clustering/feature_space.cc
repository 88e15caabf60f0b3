#include "model/clustering/feature_space.h"

#include <algorithm>
#include <cmath>

#include "base/hash.h"

namespace strata {

size_t NumericFeature::BinOf(double raw) const {
  return static_cast<size_t>(std::lower_bound(bin_cuts.begin(), bin_cuts.end(), raw) - bin_cuts.begin());
}

void NumericFeature::Encode(ByteWriter* writer) const {
  writer->Text(name);
  writer->Text(column);
  writer->U8(static_cast<uint8_t>(transform));
  writer->U8(static_cast<uint8_t>(scale));
  writer->U8(static_cast<uint8_t>(missing));
  writer->F64(weight);
  writer->U8(winsor_shares.has_value() ? 1 : 0);
  for (size_t i = 0; winsor_shares.has_value() && i < 2; ++i) writer->I64((*winsor_shares)[i]);
  writer->U8(winsor.has_value() ? 1 : 0);
  for (size_t i = 0; winsor.has_value() && i < 2; ++i) writer->F64((*winsor)[i]);
  for (const double number : {lambda, unit, missing_value, mean, deviation}) writer->F64(number);
  writer->U8(constant ? 1 : 0);
  writer->I64(present);
  writer->I64(absent);
  writer->Array(bin_cuts);
  writer->Array(bin_counts);
}

NumericFeature NumericFeature::Decode(ByteReader* reader) {
  NumericFeature feature;
  feature.name = std::string(reader->Text());
  feature.column = std::string(reader->Text());
  feature.transform = static_cast<Transform>(std::min<uint8_t>(reader->U8(), kTransformNames.size() - 1));
  feature.scale = static_cast<Scale>(std::min<uint8_t>(reader->U8(), kScaleNames.size() - 1));
  feature.missing = static_cast<MissingRule>(std::min<uint8_t>(reader->U8(), kMissingRuleNames.size() - 1));
  feature.weight = reader->F64();
  if (reader->U8() != 0) {
    const int64_t low = reader->I64();
    feature.winsor_shares = {low, reader->I64()};
  }
  if (reader->U8() != 0) {
    const double low = reader->F64();
    feature.winsor = {low, reader->F64()};
  }
  for (double* number : {&feature.lambda, &feature.unit, &feature.missing_value, &feature.mean, &feature.deviation}) {
    *number = reader->F64();
  }
  feature.constant = reader->U8() != 0;
  feature.present = reader->I64();
  feature.absent = reader->I64();
  feature.bin_cuts = reader->Array<double>();
  feature.bin_counts = reader->Array<int64_t>();
  return feature;
}

uint8_t CategoryFeature::CodeOf(std::string_view word) const {
  const auto place = [this](std::string_view of) { return std::lower_bound(words.begin(), words.end(), of); };
  auto found = place(word);
  if (found == words.end() || *found != word) found = place(kOtherWord);
  return found == words.end() ? 0 : static_cast<uint8_t>(found - words.begin());
}

void CategoryFeature::Encode(ByteWriter* writer) const {
  writer->Text(name);
  writer->Text(column);
  writer->U32(static_cast<uint32_t>(words.size()));
  for (const std::string& word : words) writer->Text(word);
  writer->Array(counts);
}

CategoryFeature CategoryFeature::Decode(ByteReader* reader) {
  CategoryFeature category;
  category.name = std::string(reader->Text());
  category.column = std::string(reader->Text());
  const uint32_t words = reader->U32();
  for (uint32_t i = 0; i < words && reader->ok(); ++i) category.words.emplace_back(reader->Text());
  category.counts = reader->Array<int64_t>();
  return category;
}

int32_t ClusterSpace::WeightOf(double raw) const {
  if (!(raw > 0)) return 0;
  return static_cast<int32_t>(std::min<double>(kMaxCustomerWeight, std::rint(raw * (1 << kWeightBits) / weight_unit)));
}

void ClusterSpace::Encode(ByteWriter* writer) const {
  writer->I32(grid_bits);
  writer->U32(static_cast<uint32_t>(numeric.size()));
  for (const NumericFeature& feature : numeric) feature.Encode(writer);
  writer->U32(static_cast<uint32_t>(categories.size()));
  for (const CategoryFeature& category : categories) category.Encode(writer);
  writer->Text(weight_column);
  writer->F64(weight_unit);
}

ClusterSpace ClusterSpace::Decode(ByteReader* reader) {
  ClusterSpace space;
  space.grid_bits = reader->I32();
  const uint32_t features = reader->U32();
  for (uint32_t i = 0; i < features && reader->ok(); ++i) space.numeric.push_back(NumericFeature::Decode(reader));
  const uint32_t categories = reader->U32();
  for (uint32_t i = 0; i < categories && reader->ok(); ++i) {
    space.categories.push_back(CategoryFeature::Decode(reader));
  }
  space.weight_column = std::string(reader->Text());
  space.weight_unit = reader->F64();
  return space;
}

uint64_t ClusterSpace::Checksum() const {
  ByteWriter writer;
  Encode(&writer);
  return Hash64(writer.bytes());
}

}  // namespace strata

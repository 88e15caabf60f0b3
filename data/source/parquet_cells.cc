#include "data/source/parquet_cells.h"

#include <arrow/api.h>
#include <arrow/util/checked_cast.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

namespace strata {
namespace {

constexpr double kExactWholeNumbers = 0x1.0p53;  // above, neighbouring ids share a double
constexpr int64_t kMicrosPerUnit = 1'000'000;
constexpr int32_t kMicroDigits = 6;

Cell TextCell(std::string_view text) { return {.kind = Cell::Kind::kText, .text = text}; }

// Numbers become text in here: the longest shortest-round-trip double has 24 characters.
class NumberText {
 public:
  template <typename Number>
  std::string_view Write(Number number) {
    const auto result = std::to_chars(buffer_.data(), buffer_.data() + buffer_.size(), number);
    return {buffer_.data(), static_cast<size_t>(result.ptr - buffer_.data())};
  }

 private:
  std::array<char, 32> buffer_{};
};

// Keeps the bound array, answers nulls.
template <typename ArrayType>
class TypedCells : public ParquetCells {
 public:
  void Bind(std::shared_ptr<arrow::Array> values) final {
    values_ = std::move(values);
    array_ = arrow::internal::checked_cast<const ArrayType*>(values_.get());
  }
  Cell At(int64_t i) final { return array_->IsNull(i) ? Cell{} : ValueAt(*array_, i); }

 protected:
  virtual Cell ValueAt(const ArrayType& array, int64_t i) = 0;

 private:
  std::shared_ptr<arrow::Array> values_;
  const ArrayType* array_ = nullptr;
};

template <typename ArrayType>
class StringCells final : public TypedCells<ArrayType> {
  Cell ValueAt(const ArrayType& array, int64_t i) override { return TextCell(array.GetView(i)); }
};

template <typename ArrayType>
class IntegerCells final : public TypedCells<ArrayType> {
  // Through 64 bits, because the 8-bit integers are characters to the library.
  Cell ValueAt(const ArrayType& array, int64_t i) override {
    if constexpr (std::is_unsigned_v<typename ArrayType::value_type>) {
      return TextCell(text_.Write(static_cast<uint64_t>(array.Value(i))));
    } else {
      return TextCell(text_.Write(static_cast<int64_t>(array.Value(i))));
    }
  }
  NumberText text_;
};

Cell MicrosCell(int64_t micros) { return {.kind = Cell::Kind::kMicros, .micros = micros}; }

// Whole numbers, text where micros do not hold them.
template <typename ArrayType>
class WholeNumberCells final : public TypedCells<ArrayType> {
  Cell ValueAt(const ArrayType& array, int64_t i) override {
    constexpr int64_t kMax = std::numeric_limits<int64_t>::max() / kMicrosPerUnit;
    const auto value = array.Value(i);
    if (std::cmp_less_equal(Wide(value), kMax) && std::cmp_greater_equal(Wide(value), -kMax)) {
      return MicrosCell(static_cast<int64_t>(value) * kMicrosPerUnit);
    }
    return TextCell(text_.Write(Wide(value)));
  }
  // The 8-bit integers are characters to the library.
  static auto Wide(typename ArrayType::value_type value) {
    if constexpr (std::is_unsigned_v<typename ArrayType::value_type>) {
      return static_cast<uint64_t>(value);
    } else {
      return static_cast<int64_t>(value);
    }
  }
  NumberText text_;
};

template <typename ArrayType>
class FloatCells final : public TypedCells<ArrayType> {
  Cell ValueAt(const ArrayType& array, int64_t i) override {
    if constexpr (std::is_same_v<typename ArrayType::value_type, double>) {
      // The shortest decimal that reads back as the value has no more digits than one of 15 digits that does, and no
      // other of up to 15 digits reads back as the same: so if this one does, it is the value's.
      constexpr double kMax = 1e15;
      const double micros = std::nearbyint(array.Value(i) * kMicrosPerUnit);
      if (std::fabs(micros) < kMax && micros / kMicrosPerUnit == array.Value(i)) {
        return MicrosCell(static_cast<int64_t>(micros));
      }
    }
    return TextCell(text_.Write(array.Value(i)));
  }
  NumberText text_;
};

template <typename ArrayType>
class FloatIdCells final : public TypedCells<ArrayType> {
  Cell ValueAt(const ArrayType& array, int64_t i) override {
    const auto value = array.Value(i);
    if (std::isfinite(value) && std::trunc(value) == value && std::fabs(value) < kExactWholeNumbers) {
      return TextCell(text_.Write(static_cast<int64_t>(value)));
    }
    return {.kind = Cell::Kind::kNotInteger, .text = text_.Write(value)};
  }
  NumberText text_;
};

template <typename ArrayType>
class DecimalCells final : public TypedCells<ArrayType> {
  Cell ValueAt(const ArrayType& array, int64_t i) override {
    text_ = array.FormatValue(i);
    return TextCell(text_);
  }
  std::string text_;
};

// Decimals as numbers, text where micros do not hold them.
class DecimalNumberCells final : public TypedCells<arrow::Decimal128Array> {
 public:
  explicit DecimalNumberCells(const arrow::DecimalType& type) {
    for (int32_t digit = type.scale(); digit < kMicroDigits; ++digit) micros_per_unit_ *= 10;
  }

 private:
  Cell ValueAt(const arrow::Decimal128Array& array, int64_t i) override {
    const arrow::Decimal128 value(array.GetValue(i));
    const int64_t low = static_cast<int64_t>(value.low_bits());
    const int64_t most = std::numeric_limits<int64_t>::max() / micros_per_unit_;
    const bool narrow = value.high_bits() == (low < 0 ? -1 : 0);
    if (narrow && low <= most && low >= -most) return MicrosCell(low * micros_per_unit_);
    text_ = array.FormatValue(i);
    return TextCell(text_);
  }
  int64_t micros_per_unit_ = 1;  // of the last digit
  std::string text_;
};

class BooleanCells final : public TypedCells<arrow::BooleanArray> {
  Cell ValueAt(const arrow::BooleanArray& array, int64_t i) override {
    return TextCell(array.Value(i) ? "true" : "false");
  }
};

// A column that is null everywhere has no other type.
class NullCells final : public TypedCells<arrow::NullArray> {
  Cell ValueAt(const arrow::NullArray&, int64_t) override { return {}; }
};

Cell TimeCell(Cell::Kind kind, int64_t value, int64_t units_per_second) {
  int64_t seconds = value / units_per_second;
  int64_t rest = value % units_per_second;
  if (rest < 0) {
    rest += units_per_second;
    --seconds;
  }
  return {.kind = kind, .nanos = static_cast<int32_t>(rest * (1'000'000'000 / units_per_second)), .seconds = seconds};
}

class TimestampCells final : public TypedCells<arrow::TimestampArray> {
 public:
  explicit TimestampCells(const arrow::TimestampType& type)
      : kind_(type.timezone().empty() ? Cell::Kind::kLocalTime : Cell::Kind::kInstant) {
    switch (type.unit()) {
      case arrow::TimeUnit::SECOND:
        units_per_second_ = 1;
        break;
      case arrow::TimeUnit::MILLI:
        units_per_second_ = 1'000;
        break;
      case arrow::TimeUnit::MICRO:
        units_per_second_ = 1'000'000;
        break;
      case arrow::TimeUnit::NANO:
        units_per_second_ = 1'000'000'000;
        break;
    }
  }

 private:
  Cell ValueAt(const arrow::TimestampArray& array, int64_t i) override {
    return TimeCell(kind_, array.Value(i), units_per_second_);
  }
  Cell::Kind kind_;
  int64_t units_per_second_ = 1;
};

class Date32Cells final : public TypedCells<arrow::Date32Array> {
  Cell ValueAt(const arrow::Date32Array& array, int64_t i) override {
    return TimeCell(Cell::Kind::kLocalTime, int64_t{array.Value(i)} * 86'400, 1);
  }
};

class Date64Cells final : public TypedCells<arrow::Date64Array> {
  Cell ValueAt(const arrow::Date64Array& array, int64_t i) override {
    return TimeCell(Cell::Kind::kLocalTime, array.Value(i), 1'000);
  }
};

class DictionaryCells final : public TypedCells<arrow::DictionaryArray> {
 public:
  explicit DictionaryCells(std::unique_ptr<ParquetCells> values) : values_(std::move(values)) {}

 private:
  Cell ValueAt(const arrow::DictionaryArray& array, int64_t i) override {
    if (array.dictionary() != bound_) {
      bound_ = array.dictionary();
      values_->Bind(bound_);
    }
    return values_->At(array.GetValueIndex(i));
  }
  std::unique_ptr<ParquetCells> values_;
  std::shared_ptr<arrow::Array> bound_;
};

std::unique_ptr<ParquetCells> MakeStringCells(arrow::Type::type type) {
  switch (type) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return std::make_unique<StringCells<arrow::BinaryArray>>();
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return std::make_unique<StringCells<arrow::LargeBinaryArray>>();
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
      return std::make_unique<StringCells<arrow::BinaryViewArray>>();
    default:
      return nullptr;
  }
}

template <template <typename> typename OfArray>
std::unique_ptr<ParquetCells> MakeIntegerCells(arrow::Type::type type) {
  switch (type) {
    case arrow::Type::INT8:
      return std::make_unique<OfArray<arrow::Int8Array>>();
    case arrow::Type::INT16:
      return std::make_unique<OfArray<arrow::Int16Array>>();
    case arrow::Type::INT32:
      return std::make_unique<OfArray<arrow::Int32Array>>();
    case arrow::Type::INT64:
      return std::make_unique<OfArray<arrow::Int64Array>>();
    case arrow::Type::UINT8:
      return std::make_unique<OfArray<arrow::UInt8Array>>();
    case arrow::Type::UINT16:
      return std::make_unique<OfArray<arrow::UInt16Array>>();
    case arrow::Type::UINT32:
      return std::make_unique<OfArray<arrow::UInt32Array>>();
    case arrow::Type::UINT64:
      return std::make_unique<OfArray<arrow::UInt64Array>>();
    default:
      return nullptr;
  }
}

std::unique_ptr<ParquetCells> MakeDecimalCells(const arrow::DataType& type) {
  if (type.id() == arrow::Type::DECIMAL128) return std::make_unique<DecimalCells<arrow::Decimal128Array>>();
  if (type.id() == arrow::Type::DECIMAL256) return std::make_unique<DecimalCells<arrow::Decimal256Array>>();
  return nullptr;
}

std::unique_ptr<ParquetCells> MakeIdCells(const arrow::DataType& type) {
  if (auto cells = MakeIntegerCells<IntegerCells>(type.id())) return cells;
  if (type.id() == arrow::Type::FLOAT) return std::make_unique<FloatIdCells<arrow::FloatArray>>();
  if (type.id() == arrow::Type::DOUBLE) return std::make_unique<FloatIdCells<arrow::DoubleArray>>();
  const bool is_decimal = arrow::is_decimal(type.id());
  if (is_decimal && arrow::internal::checked_cast<const arrow::DecimalType&>(type).scale() == 0) {
    return MakeDecimalCells(type);
  }
  return nullptr;
}

std::unique_ptr<ParquetCells> MakeNumberCells(const arrow::DataType& type) {
  if (auto cells = MakeIntegerCells<WholeNumberCells>(type.id())) return cells;
  if (type.id() == arrow::Type::FLOAT) return std::make_unique<FloatCells<arrow::FloatArray>>();
  if (type.id() == arrow::Type::DOUBLE) return std::make_unique<FloatCells<arrow::DoubleArray>>();
  if (type.id() == arrow::Type::DECIMAL128) {
    const auto& decimal = arrow::internal::checked_cast<const arrow::DecimalType&>(type);
    if (decimal.scale() >= 0 && decimal.scale() <= kMicroDigits) return std::make_unique<DecimalNumberCells>(decimal);
  }
  return MakeDecimalCells(type);
}

std::unique_ptr<ParquetCells> MakeTimeCells(const arrow::DataType& type) {
  if (type.id() == arrow::Type::DATE32) return std::make_unique<Date32Cells>();
  if (type.id() == arrow::Type::DATE64) return std::make_unique<Date64Cells>();
  if (type.id() != arrow::Type::TIMESTAMP) return nullptr;
  return std::make_unique<TimestampCells>(arrow::internal::checked_cast<const arrow::TimestampType&>(type));
}

}  // namespace

std::unique_ptr<ParquetCells> MakeParquetCells(TransactionField field, const arrow::DataType& type) {
  if (type.id() == arrow::Type::DICTIONARY) {
    auto values =
        MakeParquetCells(field, *arrow::internal::checked_cast<const arrow::DictionaryType&>(type).value_type());
    return values == nullptr ? nullptr : std::make_unique<DictionaryCells>(std::move(values));
  }
  if (type.id() == arrow::Type::NA) return std::make_unique<NullCells>();
  if (auto cells = MakeStringCells(type.id())) return cells;
  switch (InfoOf(field).kind) {
    case FieldKind::kText:
      return field == TransactionField::kCurrency ? nullptr : MakeIdCells(type);
    case FieldKind::kNumber:
      return MakeNumberCells(type);
    case FieldKind::kTime:
      return MakeTimeCells(type);
    case FieldKind::kFlag:
      return type.id() == arrow::Type::BOOL ? std::make_unique<BooleanCells>()
                                            : MakeIntegerCells<IntegerCells>(type.id());
  }
  return nullptr;
}

std::string AllowedParquetTypes(TransactionField field) {
  if (field == TransactionField::kCurrency) return "string";
  switch (InfoOf(field).kind) {
    case FieldKind::kText:
      return "string, integer, float or double with whole numbers, decimal of scale 0";
    case FieldKind::kNumber:
      return "integer, float, double, decimal, string";
    case FieldKind::kTime:
      return "timestamp, date, string";
    case FieldKind::kFlag:
      return "boolean, integer, string";
  }
  return "";
}

}  // namespace strata

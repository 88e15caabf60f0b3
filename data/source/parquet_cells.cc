#include "data/source/parquet_cells.h"

#include <arrow/api.h>
#include <arrow/util/checked_cast.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "data/source/dictionary_cells.h"

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

Cell NumberCell(std::string_view text) { return {.kind = Cell::Kind::kText, .is_clean = true, .text = text}; }

using NumberTexts = std::array<NumberText, kCellBlockRows>;

// Keeps the bound array, answers nulls. Derived has Cell ValueAt(const ArrayType&, int64_t i, size_t slot), where
// `slot` below kCellBlockRows is a place for a text of its own.
template <typename Derived, typename ArrayType>
class TypedCells : public ParquetCells {
 public:
  void Bind(std::shared_ptr<arrow::Array> values) final {
    values_ = std::move(values);
    array_ = arrow::internal::checked_cast<const ArrayType*>(values_.get());
    has_nulls_ = array_->null_count() > 0;
  }
  void Fill(int64_t begin, size_t count, Cell* cell, size_t stride) final {
    Derived& derived = static_cast<Derived&>(*this);
    for (size_t slot = 0; slot < count; ++slot, cell += stride) {
      const int64_t i = begin + static_cast<int64_t>(slot);
      *cell = has_nulls_ && array_->IsNull(i) ? Cell{} : derived.ValueAt(*array_, i, slot);
    }
  }

 private:
  std::shared_ptr<arrow::Array> values_;
  const ArrayType* array_ = nullptr;
  bool has_nulls_ = false;
};

template <typename ArrayType>
class StringCells final : public TypedCells<StringCells<ArrayType>, ArrayType> {
 public:
  Cell ValueAt(const ArrayType& array, int64_t i, size_t) { return TextCell(array.GetView(i)); }
};

// The 8-bit integers are characters to the library.
template <typename Number>
auto Wide(Number value) {
  if constexpr (std::is_unsigned_v<Number>) {
    return static_cast<uint64_t>(value);
  } else {
    return static_cast<int64_t>(value);
  }
}

template <typename ArrayType>
class IntegerCells final : public TypedCells<IntegerCells<ArrayType>, ArrayType> {
 public:
  Cell ValueAt(const ArrayType& array, int64_t i, size_t slot) {
    return NumberCell(texts_[slot].Write(Wide(array.Value(i))));
  }

 private:
  NumberTexts texts_;
};

Cell MicrosCell(int64_t micros) { return {.kind = Cell::Kind::kMicros, .micros = micros}; }

// Whole numbers, text where micros do not hold them.
template <typename ArrayType>
class WholeNumberCells final : public TypedCells<WholeNumberCells<ArrayType>, ArrayType> {
 public:
  Cell ValueAt(const ArrayType& array, int64_t i, size_t slot) {
    constexpr int64_t kMax = std::numeric_limits<int64_t>::max() / kMicrosPerUnit;
    const auto value = Wide(array.Value(i));
    if (std::cmp_less_equal(value, kMax) && std::cmp_greater_equal(value, -kMax)) {
      return MicrosCell(static_cast<int64_t>(value) * kMicrosPerUnit);
    }
    return NumberCell(texts_[slot].Write(value));
  }

 private:
  NumberTexts texts_;
};

template <typename ArrayType>
class FloatCells final : public TypedCells<FloatCells<ArrayType>, ArrayType> {
 public:
  Cell ValueAt(const ArrayType& array, int64_t i, size_t slot) {
    if constexpr (std::is_same_v<typename ArrayType::value_type, double>) {
      // The shortest decimal that reads back as the value has no more digits than one of 15 digits that does, and no
      // other of up to 15 digits reads back as the same: so if this one does, it is the value's.
      constexpr double kMax = 1e15;
      const double micros = std::nearbyint(array.Value(i) * kMicrosPerUnit);
      if (std::fabs(micros) < kMax && micros / kMicrosPerUnit == array.Value(i)) {
        return MicrosCell(static_cast<int64_t>(micros));
      }
    }
    return NumberCell(texts_[slot].Write(array.Value(i)));
  }

 private:
  NumberTexts texts_;
};

template <typename ArrayType>
class FloatIdCells final : public TypedCells<FloatIdCells<ArrayType>, ArrayType> {
 public:
  Cell ValueAt(const ArrayType& array, int64_t i, size_t slot) {
    const auto value = array.Value(i);
    if (std::isfinite(value) && std::trunc(value) == value && std::fabs(value) < kExactWholeNumbers) {
      return NumberCell(texts_[slot].Write(static_cast<int64_t>(value)));
    }
    return {.kind = Cell::Kind::kNotInteger, .text = texts_[slot].Write(value)};
  }

 private:
  NumberTexts texts_;
};

template <typename ArrayType>
class DecimalCells final : public TypedCells<DecimalCells<ArrayType>, ArrayType> {
 public:
  Cell ValueAt(const ArrayType& array, int64_t i, size_t slot) {
    texts_[slot] = array.FormatValue(i);
    return NumberCell(texts_[slot]);
  }

 private:
  std::array<std::string, kCellBlockRows> texts_;
};

// Decimals as numbers, text where micros do not hold them.
class DecimalNumberCells final : public TypedCells<DecimalNumberCells, arrow::Decimal128Array> {
 public:
  explicit DecimalNumberCells(const arrow::DecimalType& type) {
    for (int32_t digit = type.scale(); digit < kMicroDigits; ++digit) micros_per_unit_ *= 10;
    most_ = std::numeric_limits<int64_t>::max() / micros_per_unit_;
  }
  Cell ValueAt(const arrow::Decimal128Array& array, int64_t i, size_t slot) {
    const arrow::Decimal128 value(array.GetValue(i));
    const int64_t low = static_cast<int64_t>(value.low_bits());
    const bool narrow = value.high_bits() == (low < 0 ? -1 : 0);
    if (narrow && low <= most_ && low >= -most_) return MicrosCell(low * micros_per_unit_);
    texts_[slot] = array.FormatValue(i);
    return NumberCell(texts_[slot]);
  }

 private:
  int64_t micros_per_unit_ = 1;  // of the last digit
  int64_t most_ = 0;             // units whose micros fit 64 bits
  std::array<std::string, kCellBlockRows> texts_;
};

class BooleanCells final : public TypedCells<BooleanCells, arrow::BooleanArray> {
 public:
  Cell ValueAt(const arrow::BooleanArray& array, int64_t i, size_t) {
    return NumberCell(array.Value(i) ? "true" : "false");
  }
};

// A column that is null everywhere has no other type.
class NullCells final : public TypedCells<NullCells, arrow::NullArray> {
 public:
  Cell ValueAt(const arrow::NullArray&, int64_t, size_t) { return {}; }
};

template <int64_t kUnitsPerSecond>
Cell TimeCell(Cell::Kind kind, int64_t value) {
  int64_t seconds = value / kUnitsPerSecond;
  int64_t rest = value % kUnitsPerSecond;
  if (rest < 0) {
    rest += kUnitsPerSecond;
    --seconds;
  }
  return {.kind = kind, .nanos = static_cast<int32_t>(rest * (1'000'000'000 / kUnitsPerSecond)), .seconds = seconds};
}

template <int64_t kUnitsPerSecond>
class TimestampCells final : public TypedCells<TimestampCells<kUnitsPerSecond>, arrow::TimestampArray> {
 public:
  explicit TimestampCells(const arrow::TimestampType& type)
      : kind_(type.timezone().empty() ? Cell::Kind::kLocalTime : Cell::Kind::kInstant) {}
  Cell ValueAt(const arrow::TimestampArray& array, int64_t i, size_t) {
    return TimeCell<kUnitsPerSecond>(kind_, array.Value(i));
  }

 private:
  Cell::Kind kind_;
};

class Date32Cells final : public TypedCells<Date32Cells, arrow::Date32Array> {
 public:
  Cell ValueAt(const arrow::Date32Array& array, int64_t i, size_t) {
    return TimeCell<1>(Cell::Kind::kLocalTime, int64_t{array.Value(i)} * 86'400);
  }
};

class Date64Cells final : public TypedCells<Date64Cells, arrow::Date64Array> {
 public:
  Cell ValueAt(const arrow::Date64Array& array, int64_t i, size_t) {
    return TimeCell<1'000>(Cell::Kind::kLocalTime, array.Value(i));
  }
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
  const auto& timestamp = arrow::internal::checked_cast<const arrow::TimestampType&>(type);
  switch (timestamp.unit()) {
    case arrow::TimeUnit::SECOND:
      return std::make_unique<TimestampCells<1>>(timestamp);
    case arrow::TimeUnit::MILLI:
      return std::make_unique<TimestampCells<1'000>>(timestamp);
    case arrow::TimeUnit::MICRO:
      return std::make_unique<TimestampCells<1'000'000>>(timestamp);
    case arrow::TimeUnit::NANO:
      return std::make_unique<TimestampCells<1'000'000'000>>(timestamp);
  }
  return nullptr;
}

}  // namespace

std::unique_ptr<ParquetCells> MakeParquetCells(FieldRead read, const arrow::DataType& type) {
  if (type.id() == arrow::Type::DICTIONARY) {
    const arrow::DataType& of_values = *arrow::internal::checked_cast<const arrow::DictionaryType&>(type).value_type();
    auto values = MakeParquetCells(read, of_values);
    const bool lasting = MakeStringCells(of_values.id()) != nullptr;
    return values == nullptr ? nullptr : MakeDictionaryCells(std::move(values), lasting);
  }
  if (type.id() == arrow::Type::NA) return std::make_unique<NullCells>();
  if (auto cells = MakeStringCells(type.id())) return cells;
  switch (read) {
    case FieldRead::kText:
      return MakeIdCells(type);
    case FieldRead::kNumber:
      return MakeNumberCells(type);
    case FieldRead::kTime:
      return MakeTimeCells(type);
    case FieldRead::kFlag:
      return type.id() == arrow::Type::BOOL ? std::make_unique<BooleanCells>()
                                            : MakeIntegerCells<IntegerCells>(type.id());
    case FieldRead::kCurrency:
      return nullptr;
    case FieldRead::kTimeOrFlag:
      return type.id() == arrow::Type::BOOL ? std::make_unique<BooleanCells>() : MakeTimeCells(type);
  }
  return nullptr;
}

std::string AllowedParquetTypes(FieldRead read) {
  switch (read) {
    case FieldRead::kText:
      return "string, integer, float or double with whole numbers, decimal of scale 0";
    case FieldRead::kNumber:
      return "integer, float, double, decimal, string";
    case FieldRead::kTime:
      return "timestamp, date, string";
    case FieldRead::kFlag:
      return "boolean, integer, string";
    case FieldRead::kCurrency:
      return "string";
    case FieldRead::kTimeOrFlag:
      return "timestamp, date, boolean, string";
  }
  return "";
}

}  // namespace strata

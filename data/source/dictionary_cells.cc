#include "data/source/dictionary_cells.h"

#include <arrow/api.h>
#include <arrow/util/checked_cast.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "data/source/text.h"

namespace strata {
namespace {

class DictionaryCells final : public ParquetCells {
 public:
  DictionaryCells(std::unique_ptr<ParquetCells> values, bool lasting) : values_(std::move(values)), lasting_(lasting) {}

  void Bind(std::shared_ptr<arrow::Array> values) final {
    array_ = std::move(values);
    const auto& array = arrow::internal::checked_cast<const arrow::DictionaryArray&>(*array_);
    values_->Bind(array.dictionary());
    places_ =
        array.indices()->type_id() == arrow::Type::INT32 ? array.indices()->data()->GetValues<int32_t>(1) : nullptr;
    LookUp(*array.dictionary());
  }

  void Fill(int64_t begin, size_t count, Cell* first, size_t stride) final {
    const auto& array = arrow::internal::checked_cast<const arrow::DictionaryArray&>(*array_);
    const bool has_nulls = array.null_count() > 0;
    for (size_t slot = 0; slot < count; ++slot) {
      const int64_t i = begin + static_cast<int64_t>(slot);
      Cell& cell = first[slot * stride];
      if (has_nulls && array.IsNull(i)) {
        cell = {};
        continue;
      }
      const int64_t place = places_ != nullptr ? places_[i] : array.GetValueIndex(i);
      cell = cells_.empty() ? Ask(place, slot) : cells_[static_cast<size_t>(place)];
    }
  }

 private:
  // The values of a dictionary that is shorter than the column are looked at once, and not once per row.
  void LookUp(const arrow::Array& dictionary) {
    cells_.clear();
    if (!lasting_ || dictionary.length() > array_->length()) return;
    for (int64_t i = 0; i < dictionary.length(); ++i) {
      Cell& cell = cells_.emplace_back();
      values_->Fill(i, 1, &cell, 1);
      cell.is_clean = cell.kind == Cell::Kind::kText && IsUtf8(cell.text) && !IsBlank(cell.text);
    }
  }
  Cell Ask(int64_t place, size_t slot) {
    Cell cell;
    values_->Fill(place, 1, &cell, 1);
    if (lasting_) return cell;
    texts_[slot] = cell.text;
    cell.text = texts_[slot];
    return cell;
  }

  std::unique_ptr<ParquetCells> values_;
  const bool lasting_;
  std::shared_ptr<arrow::Array> array_;
  const int32_t* places_ = nullptr;  // in the dictionary, where they have 32 bits, as in files
  std::vector<Cell> cells_;          // of the dictionary's values; empty: asked one by one
  std::array<std::string, kCellBlockRows> texts_;
};

}  // namespace

std::unique_ptr<ParquetCells> MakeDictionaryCells(std::unique_ptr<ParquetCells> values, bool lasting) {
  return std::make_unique<DictionaryCells>(std::move(values), lasting);
}

}  // namespace strata

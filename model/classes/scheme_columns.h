// The columns that schemes read of a shard, each asked for once. Views; read-only, so thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "model/columns.h"
#include "model/customer_columns.h"

namespace strata {

// A column that may be absent: then it has no value in any row.
class WholeColumn {
 public:
  WholeColumn(const ColumnSet& columns, std::string_view name) {
    const Column* column = columns.Find(name);
    if (column != nullptr) values_ = column->whole;
  }
  int64_t operator[](size_t row) const { return values_.empty() ? kNoWhole : values_[row]; }

 private:
  std::span<const int64_t> values_;
};

class TextCodes {
 public:
  TextCodes(const ColumnSet& columns, std::string_view name) {
    const Column* column = columns.Find(name);
    if (column == nullptr) return;
    codes_ = column->code;
    words_ = column->words;
  }
  // 0: absent, else the place of the word + 1.
  uint64_t operator[](size_t row) const { return codes_.empty() ? 0 : static_cast<uint64_t>(codes_[row] + 1); }
  uint64_t size() const { return words_.size() + 1; }
  // Empty for absent.
  std::string_view Word(uint64_t code) const { return code == 0 ? std::string_view() : words_[code - 1]; }

 private:
  std::span<const int32_t> codes_;
  std::span<const std::string> words_;
};

// Region, tenure and main category of customers, which make them peers.
struct PeerColumns {
  explicit PeerColumns(const ColumnSet& columns)
      : region(columns, "main_region"), tenure(columns, "tenure_band"), category(columns, "main_category") {}
  // One number for equal peers of a shard. There are four bands, and each customer brings at most one region and one
  // category: with 2^28 customers a shard, far more than its features could be held for, the number stays below 2^59.
  uint64_t Code(size_t row) const {
    return (region[row] * tenure.size() + tenure[row]) * category.size() + category[row];
  }
  std::string_view Region(uint64_t code) const { return region.Word(code / category.size() / tenure.size()); }
  std::string_view Tenure(uint64_t code) const { return tenure.Word(code / category.size() % tenure.size()); }
  std::string_view Category(uint64_t code) const { return category.Word(code % category.size()); }

  TextCodes region, tenure, category;
};

// What levels are cut by, in the order of SchemeModels::levels; kNoWhole: absent. Only of customers with a purchase
// day.
class LevelColumns {
 public:
  LevelColumns(const CustomerColumns& today, const ColumnSet& columns)
      : today_(today),
        margin_(columns, "margin"),
        average_order_(columns, "average_order"),
        unit_price_(columns, "unit_price") {}
  static constexpr size_t kSpending = 4;

  int64_t Value(size_t level, size_t row) const {
    if (today_.purchase_days[row] <= 0) return kNoWhole;
    switch (level) {
      case 0:
        return margin_[row];
      case 1:
        return today_.purchase_days[row];
      case 2:
        return today_.net_micros[row];
      case 3:
        return average_order_[row];
      default:
        return unit_price_[row];
    }
  }

 private:
  const CustomerColumns& today_;
  WholeColumn margin_, average_order_, unit_price_;
};

}  // namespace strata

// What reports of classes have in common: names of classes, and the codes of a shard. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/reports/report.h"

namespace strata {

// Names of a scheme's classes, as cells.
class ClassCells {
 public:
  ClassCells(const FittedModels& models, SchemeId scheme) : names_(ClassNamesOf(models, scheme)) {}
  // Null for code 0: none.
  ReportCell operator[](int32_t code) const {
    return code <= 0 ? ReportCell() : ReportCell(names_[static_cast<size_t>(code - 1)]);
  }
  int32_t size() const { return static_cast<int32_t>(names_.size()); }

 private:
  std::vector<std::string> names_;
};

inline const std::vector<uint8_t>& CodesOf(const ReportShard& shard, SchemeId scheme) {
  return shard.classes->codes[static_cast<size_t>(scheme)];
}

inline ReportCell CellOrNull(int64_t value) { return value == kNoWhole ? ReportCell() : ReportCell(value); }
inline ReportCell TextOrNull(const std::string& text) { return text.empty() ? ReportCell() : ReportCell(text); }

}  // namespace strata

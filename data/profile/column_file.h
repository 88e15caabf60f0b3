// Columns of a shard's customers (model/columns.h) as an Arrow IPC file, and back without copying. Pure functions of
// bytes; thread-safe.
//
// One record batch with one row, in which every column is a list of its values (kNoWhole, NaN: null) and a column of
// text a list of codes beside one of words; so a column may have as many words as it likes. Equal columns have equal
// bytes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "model/columns.h"

namespace strata {

inline constexpr int kColumnsFormatVersion = 1;

// OUT_OF_RANGE (COLUMNS_TOO_LARGE) for more than 2^31 - 1 rows, words or bytes of words.
absl::StatusOr<std::string> EncodeColumns(const ColumnSet& columns);

// A read-only view; `bytes` must outlive it, and lie at a multiple of 8 lest columns be copied. Copies share it, and
// the columns live as long as any of them. DATA_LOSS (COLUMNS_CORRUPT) or FAILED_PRECONDITION (FORMAT_UNKNOWN).
class ColumnFile {
 public:
  static absl::StatusOr<ColumnFile> Open(std::string_view bytes);
  const ColumnSet& columns() const;

 private:
  struct Arrays;
  std::shared_ptr<const Arrays> arrays_;
};

}  // namespace strata

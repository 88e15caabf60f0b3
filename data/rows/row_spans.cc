#include "data/rows/row_spans.h"

namespace strata {

RowSpans SpansOf(const TableBatch& batch) {
  RowSpans spans;
  spans.hash = batch.hash;
  spans.id = TextSpan(batch.id);
  spans.day = PackedSpan(batch.day);
  spans.minute = PackedSpan(batch.minute);
  spans.file = PackedSpan(batch.file);
  if (!batch.key.empty()) {
    spans.key = batch.key;
    spans.version = PackedSpan(batch.version);
    spans.row_hash = batch.row_hash;
    spans.differs = PackedSpan(batch.differs);
  }
  spans.columns.reserve(batch.columns.size());
  for (const TableColumn& column : batch.columns) {
    if (IsCoded(column.type)) {
      spans.columns.push_back({.values = PackedSpan(column.code), .first_code = 0, .words = TextSpan(column.words)});
    } else {
      spans.columns.push_back({.values = PackedSpan(column.whole), .first_code = 0, .words = {}});
    }
  }
  return spans;
}

}  // namespace strata

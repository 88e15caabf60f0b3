#include "data/profile/cutoff_rows.h"

namespace strata {

void CutoffRows::Visit(size_t row, const DaySpans& days) {
  row_ = static_cast<uint32_t>(row);
  inner_->Visit(row, days);
}

void CutoffRows::VisitCutoff(size_t view, size_t row, const DaySpans& days) {
  rows_[view].push_back(row_);
  inner_->VisitCutoff(view, row, days);
}

}  // namespace strata

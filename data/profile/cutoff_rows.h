// Who is who at the cutoffs of churn: the row in the as_of view, which has ids, of every row of a churn view, which has
// none. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "data/ledger/features.h"

namespace strata {

class CutoffRows final : public DayVisitor {
 public:
  // `inner` sees all that this sees; it outlives this.
  CutoffRows(size_t views, DayVisitor* inner) : rows_(views), inner_(inner) {}

  void Visit(size_t row, const DaySpans& days) override;
  void VisitCutoff(size_t view, size_t row, const DaySpans& days) override;

  // By row of churn view `view`, ascending.
  const std::vector<uint32_t>& of(size_t view) const { return rows_[view]; }

 private:
  std::vector<std::vector<uint32_t>> rows_;
  DayVisitor* const inner_;
  uint32_t row_ = 0;  // of the customer at hand in the as_of view
};

}  // namespace strata

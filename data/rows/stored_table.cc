#include "data/rows/stored_table.h"

namespace strata {

absl::StatusOr<StoredTable> OpenTable(ObjectStore& objects, const TableLayout& layout,
                                      std::span<const ObjectRef> segments) {
  StoredTable stored;
  for (const ObjectRef& ref : segments) {
    STRATA_ASSIGN_OR_RETURN(auto view, MapVerified(objects, ref.key, ref.checksum));
    auto segment = TableSegment::Open(layout, view->bytes());
    if (!segment.ok()) return WithContext(segment.status(), ref.key);
    stored.segments.push_back(*std::move(segment));
    stored.views.push_back(std::move(view));
  }
  return stored;
}

}  // namespace strata

// A table of one shard as a state holds it. Reads only; thread-safe as far as the store is.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/status.h"
#include "data/rows/table_batch.h"
#include "data/rows/table_segment.h"
#include "run/frames.h"
#include "store/object_store.h"

namespace strata {

// With the mapped objects that the segments view.
struct StoredTable {
  std::vector<TableSegment> segments;
  std::vector<std::shared_ptr<const FileView>> views;
};
// `segments` oldest first, each verified against its checksum. Errors of opening one name its key.
absl::StatusOr<StoredTable> OpenTable(ObjectStore& objects, const TableLayout& layout,
                                      std::span<const ObjectRef> segments);

}  // namespace strata

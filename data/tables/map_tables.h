// What is applied to transactions while they are read, beside the job. Views; both may be null and must outlive their
// use.
#pragma once

#include "data/tables/alias_table.h"
#include "data/tables/fx_table.h"

namespace strata {

struct MapTables {
  const AliasTable* aliases = nullptr;
  const FxTable* fx = nullptr;
};

}  // namespace strata

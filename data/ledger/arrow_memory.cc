#include "data/ledger/arrow_memory.h"

#include <arrow/memory_pool.h>

namespace strata {

void ReturnArrowMemory() { arrow::default_memory_pool()->ReleaseUnused(); }

}  // namespace strata

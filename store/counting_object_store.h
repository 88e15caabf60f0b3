// An object store that counts operations and bytes. A mapped object counts as read in full, though pages that nobody
// touches may never be. Thread-safe; what it wraps and the registry must outlive it.
#pragma once

#include <memory>

#include "base/telemetry/metrics.h"
#include "store/object_store.h"

namespace strata {

std::unique_ptr<ObjectStore> CountObjects(ObjectStore* inner, MetricsRegistry* registry);

}  // namespace strata

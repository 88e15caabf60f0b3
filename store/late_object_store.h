// An object store that could not be opened yet, because it is far away and does not answer: every call tries again
// until one opens it, and fails with the cause until then. For processes that start before their store.
#pragma once

#include <functional>
#include <memory>

#include "base/status.h"
#include "store/object_store.h"

namespace strata {

using OpenObjects = std::function<absl::StatusOr<std::unique_ptr<ObjectStore>>()>;

// What `open` returns; where it fails with something that may pass (ErrorClass::kRetryable), a store that opens later,
// and `on_late` is told why. Every other error is returned. Thread-safe; calls wait for one that is opening.
absl::StatusOr<std::unique_ptr<ObjectStore>> OpenNowOrLater(OpenObjects open,
                                                            const std::function<void(const absl::Status&)>& on_late);

}  // namespace strata

// Objects that tasks of a run leave for others of the same run, written by ObjectStore::PutVolatile: a power cut may
// take them. Whoever maps one finds that out here, as an error of its own: NOT_FOUND alone would read as if somebody
// had named something wrong. Thread-safe as far as the store is.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"
#include "store/object_store.h"

namespace strata {

// ObjectStore::Map, for readers that verify the part that they look at. DATA_LOSS (INTERMEDIATE_LOST) where there is no
// such object.
absl::StatusOr<std::shared_ptr<const FileView>> MapIntermediate(ObjectStore& store, const std::string& key);

// MapVerified, with the same error.
absl::StatusOr<std::shared_ptr<const FileView>> MapVerifiedIntermediate(ObjectStore& store, const std::string& key,
                                                                        uint64_t checksum);

}  // namespace strata

#include "store/intermediate.h"

#include <fmt/format.h>

namespace strata {
namespace {

absl::StatusOr<std::shared_ptr<const FileView>> UnlessLost(absl::StatusOr<std::shared_ptr<const FileView>> view) {
  if (!absl::IsNotFound(view.status())) return view;
  return MakeError(absl::StatusCode::kDataLoss, "INTERMEDIATE_LOST",
                   fmt::format("{}; a power cut may take what a run has not published: run again",
                               StdView(view.status().message())));
}

}  // namespace

absl::StatusOr<std::shared_ptr<const FileView>> MapIntermediate(ObjectStore& store, const std::string& key) {
  return UnlessLost(store.Map(key));
}

absl::StatusOr<std::shared_ptr<const FileView>> MapVerifiedIntermediate(ObjectStore& store, const std::string& key,
                                                                        uint64_t checksum) {
  return UnlessLost(MapVerified(store, key, checksum));
}

}  // namespace strata

#include "worker/fit_caches.h"

namespace strata {

FitCaches::Lease FitCaches::Take(const std::string& features) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Slot>& slot = slots_[features];
  if (slot == nullptr) slot = std::make_shared<Slot>();
  return Lease(slot);
}

void FitCaches::Clear() {
  const std::lock_guard lock(mutex_);
  slots_.clear();
}

}  // namespace strata

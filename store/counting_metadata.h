// Metadata that counts the outcomes of commits. Everything else is handed through. Thread-safe; what it wraps and the
// registry must outlive it.
#pragma once

#include <memory>

#include "base/telemetry/metrics.h"
#include "store/metadata.h"

namespace strata {

std::unique_ptr<Metadata> CountCommits(Metadata* inner, MetricsRegistry* registry);

}  // namespace strata

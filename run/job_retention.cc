#include "run/job_retention.h"

namespace strata {

absl::Status ReadRetention(const YamlSection& root, Retention* retention) {
  STRATA_ASSIGN_OR_RETURN(const auto section,
                          root.Section("retention", {"snapshots_min", "snapshots_days", "runs_min", "runs_days"}));
  if (!section.has_value()) return absl::OkStatus();
  STRATA_RETURN_IF_ERROR(section->ReadInteger("snapshots_min", 1, kMaxKept, &retention->snapshots_min));
  STRATA_RETURN_IF_ERROR(section->ReadInteger("snapshots_days", 0, kMaxRetentionDays, &retention->snapshots_days));
  STRATA_RETURN_IF_ERROR(section->ReadInteger("runs_min", 1, kMaxKept, &retention->runs_min));
  return section->ReadInteger("runs_days", 0, kMaxRetentionDays, &retention->runs_days);
}

}  // namespace strata

#include "worker/intermediate.h"

#include "base/hash.h"
#include "run/keys.h"

namespace strata {

absl::StatusOr<ObjectRef> PutIntermediate(ObjectStore& objects, const StagePlan& plan, uint32_t index,
                                          std::string_view kind, std::string_view bytes) {
  ObjectRef ref{.key = {}, .checksum = Hash64(bytes), .size_bytes = bytes.size()};
  ref.key = TaskObject(plan.job_name, plan.run, plan.stage, index, kind, ref.checksum);
  STRATA_RETURN_IF_ERROR(objects.PutVolatile(ref.key, bytes, kPrivateMode));
  return ref;
}

}  // namespace strata

// Control frames on the network: run/frames.h as strata.worker.v1 messages and back, with all validation of what
// arrives. What is written carries a checksum, what is read must fit it: a byte that was damaged on the way could name
// another task or another object. Pure functions; thread-safe.
#pragma once

#include "base/status.h"
#include "run/frames.h"
#include "strata/worker/v1/worker.pb.h"

namespace strata {

worker::v1::AttachRequest ToProto(const FromWorker& frame);
worker::v1::AttachResponse ToProto(const ToWorker& frame);

// DATA_LOSS (FRAME_DAMAGED): the message is not the one that was written. INVALID_ARGUMENT (FRAME_INVALID): it is, and
// nobody should write it; names the field, what was found and what is allowed.
absl::StatusOr<FromWorker> FromProto(const worker::v1::AttachRequest& message);
absl::StatusOr<ToWorker> FromProto(const worker::v1::AttachResponse& message);

}  // namespace strata

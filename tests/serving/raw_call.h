// A call by the bytes of its messages, for services whose generated code is not installed (health, reflection).
#pragma once

#include <memory>
#include <string>

#include "base/status.h"

namespace grpc {
class Channel;
}

namespace strata {

// Sends one message and returns the first one that comes back; works for unary and for streaming methods.
absl::StatusOr<std::string> RawCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                                    const std::string& request);

}  // namespace strata

// A checksum in a message: a byte that was damaged on the way could name another task, another object or another
// horizon, and TCP's own sum of 16 bits lets some of that through. Pure functions; thread-safe.
#pragma once

#include <fmt/format.h>

#include <string_view>

#include "base/hash.h"
#include "base/status.h"

namespace strata {

// XXH3-64 of the serialized message, which has no checksum yet. Precondition: no map in the message, so that equal
// messages are written as equal bytes. Fields that a damaged tag made unknown are written again and so count.
template <typename Message>
uint64_t ChecksumOf(const Message& message) {
  return Hash64(message.SerializeAsString());
}

// Sets field `checksum`; call it last.
template <typename Message>
void Seal(Message* message) {
  message->set_checksum(ChecksumOf(*message));
}

// DATA_LOSS with `reason` unless the message is as it was when it was sealed; `what` names it: "a frame".
template <typename Message>
absl::Status CheckSeal(Message message, std::string_view reason, std::string_view what) {
  const uint64_t expected = message.checksum();
  message.clear_checksum();
  const uint64_t found = ChecksumOf(message);
  if (found == expected) return absl::OkStatus();
  return MakeError(absl::StatusCode::kDataLoss, reason,
                   fmt::format("{} was damaged on its way: checksum {}, written with {}; send it again", what,
                               Hex(found), Hex(expected)),
                   {{"expected", Hex(expected)}, {"found", Hex(found)}});
}

}  // namespace strata

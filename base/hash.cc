#include "base/hash.h"

#include <fmt/format.h>

// Compiled in here, for AVX2: the library of the distribution is built for the least of all x86-64.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstdlib>

namespace strata {

uint64_t Hash64(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

Hash128 HashOf128(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {.high = hash.high64, .low = hash.low64};
}

std::string Hex(uint64_t value) { return fmt::format("{:016x}", value); }
std::string Hex(Hash128 value) { return fmt::format("{:016x}{:016x}", value.high, value.low); }

StreamHash::StreamHash() : state_64_(XXH3_createState()), state_128_(XXH3_createState()) {
  if (state_64_ == nullptr || state_128_ == nullptr) std::abort();  // out of memory
  XXH3_64bits_reset(static_cast<XXH3_state_t*>(state_64_));
  XXH3_128bits_reset(static_cast<XXH3_state_t*>(state_128_));
}

StreamHash::~StreamHash() {
  XXH3_freeState(static_cast<XXH3_state_t*>(state_64_));
  XXH3_freeState(static_cast<XXH3_state_t*>(state_128_));
}

void StreamHash::Add(std::string_view bytes) {
  XXH3_64bits_update(static_cast<XXH3_state_t*>(state_64_), bytes.data(), bytes.size());
  XXH3_128bits_update(static_cast<XXH3_state_t*>(state_128_), bytes.data(), bytes.size());
}

uint64_t StreamHash::Digest64() const { return XXH3_64bits_digest(static_cast<const XXH3_state_t*>(state_64_)); }

Hash128 StreamHash::Digest128() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(static_cast<const XXH3_state_t*>(state_128_));
  return {.high = hash.high64, .low = hash.low64};
}

}  // namespace strata

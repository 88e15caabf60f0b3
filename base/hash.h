// Hashing (XXH3) and randomness that is keyed, never positional: a draw depends on a seed, a purpose and an identity,
// so it is the same on any worker and in any order. Pure functions; thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace strata {

struct Hash128 {
  uint64_t high = 0;
  uint64_t low = 0;
  auto operator<=>(const Hash128&) const = default;
};

// XXH3-64 and XXH3-128 with seed 0.
uint64_t Hash64(std::string_view bytes);
Hash128 HashOf128(std::string_view bytes);

// 16 and 32 lower-case hexadecimal digits.
std::string Hex(uint64_t value);
std::string Hex(Hash128 value);

// XXH3 of a stream: the same value as hashing the concatenation of everything added.
class StreamHash {
 public:
  StreamHash();
  ~StreamHash();
  StreamHash(const StreamHash&) = delete;
  StreamHash& operator=(const StreamHash&) = delete;

  void Add(std::string_view bytes);
  uint64_t Digest64() const;
  Hash128 Digest128() const;

 private:
  void* state_64_;
  void* state_128_;
};

// Bijective 64-bit mixer (the finaliser of splitmix64, Steele et al. 2014).
constexpr uint64_t Mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

// A 64-bit draw for (seed, round, identity); `round` tells purposes and repetitions apart.
constexpr uint64_t KeyedDraw(uint64_t seed, uint64_t round, uint64_t identity) {
  return Mix(Mix(Mix(seed) ^ round) ^ identity);
}

// A draw as a double in [0, 1) with 53 random bits.
constexpr double UnitInterval(uint64_t draw) { return static_cast<double>(draw >> 11) * 0x1.0p-53; }

// The shard of a customer: XXH3-64(customer_id) mod shards. Precondition: shards > 0.
constexpr uint32_t ShardOf(uint64_t customer_hash, uint32_t shards) {
  return static_cast<uint32_t>(customer_hash % shards);
}

}  // namespace strata

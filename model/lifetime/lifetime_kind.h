// The models of repeat buying, what their parameters are called, and a set of parameters of any of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace strata {

// The numbers are stored and must never change their meaning.
enum class LifetimeKind : uint8_t {
  kNbd = 1,        // purchases at a Gamma(r, alpha) rate for ever
  kBgNbd = 2,      // and drop-out after a repeat purchase, with a probability from Beta(a, b)
  kMbgNbd = 3,     // the same, the first purchase included
  kParetoNbd = 4,  // drop-out at any time, at a Gamma(s, beta) rate
  kBgCnbd = 5,     // BG/NBD with regular timing: gaps are Erlang-k
  kMbgCnbd = 6,    // MBG/NBD with regular timing
  kBgBb = 7,       // discrete opportunities: bought or not, Beta(alpha, beta); drop-out Beta(gamma, delta)
  kSbg = 8,        // contracts: ended or renewed, Beta(alpha, beta)
};

inline constexpr int kRegularityMax = 12;  // k: gaps with a deviation of a third of their mean; no shop sees more

// "mbg_nbd"
const char* Name(LifetimeKind kind);
std::optional<LifetimeKind> LifetimeKindOf(std::string_view name);
// In the order of LifetimeParameters::value: {"r", "alpha", "s", "beta"}.
std::span<const char* const> ParameterNames(LifetimeKind kind);
// Whether gaps are Erlang-k, so that k is more than 1.
bool IsRegular(LifetimeKind kind);

struct LifetimeParameters {
  LifetimeKind kind = LifetimeKind::kBgNbd;
  std::array<double, 4> value{};  // as ParameterNames says; unused ones 0. alpha and beta of rates are in time units
  int k = 1;                      // 1..kRegularityMax; more than 1 only where IsRegular(kind)

  bool operator==(const LifetimeParameters&) const = default;
};

}  // namespace strata

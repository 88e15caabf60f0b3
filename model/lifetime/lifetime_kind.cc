#include "model/lifetime/lifetime_kind.h"

namespace strata {
namespace {

constexpr std::array<const char*, 2> kOfRates = {"r", "alpha"};
constexpr std::array<const char*, 4> kOfCoins = {"r", "alpha", "a", "b"};
constexpr std::array<const char*, 4> kOfDeaths = {"r", "alpha", "s", "beta"};
constexpr std::array<const char*, 4> kOfOpportunities = {"alpha", "beta", "gamma", "delta"};
constexpr std::array<const char*, 2> kOfContracts = {"alpha", "beta"};

struct Entry {
  LifetimeKind kind;
  const char* name;
  std::span<const char* const> parameters;
};
constexpr std::array<Entry, 8> kKinds = {{
    {LifetimeKind::kNbd, "nbd", kOfRates},
    {LifetimeKind::kBgNbd, "bg_nbd", kOfCoins},
    {LifetimeKind::kMbgNbd, "mbg_nbd", kOfCoins},
    {LifetimeKind::kParetoNbd, "pareto_nbd", kOfDeaths},
    {LifetimeKind::kBgCnbd, "bg_cnbd", kOfCoins},
    {LifetimeKind::kMbgCnbd, "mbg_cnbd", kOfCoins},
    {LifetimeKind::kBgBb, "bg_bb", kOfOpportunities},
    {LifetimeKind::kSbg, "sbg", kOfContracts},
}};

const Entry& EntryOf(LifetimeKind kind) { return kKinds[static_cast<size_t>(kind) - 1]; }

}  // namespace

const char* Name(LifetimeKind kind) { return EntryOf(kind).name; }

std::optional<LifetimeKind> LifetimeKindOf(std::string_view name) {
  for (const Entry& entry : kKinds) {
    if (name == entry.name) return entry.kind;
  }
  return std::nullopt;
}

std::span<const char* const> ParameterNames(LifetimeKind kind) { return EntryOf(kind).parameters; }

bool IsRegular(LifetimeKind kind) { return kind == LifetimeKind::kBgCnbd || kind == LifetimeKind::kMbgCnbd; }

}  // namespace strata

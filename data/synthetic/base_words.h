// The texts of a synthetic base: job.yaml, truth.json, and what is said about same-day purchases. Pure functions;
// thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/synthetic/counts.h"
#include "data/synthetic/world.h"

namespace strata {

inline constexpr int kSyntheticFormatVersion = 1;  // of truth.json and of the columns beside it
enum class SyntheticFormat : uint8_t { kParquet, kCsv };
std::string_view Name(SyntheticFormat format);

// Sentences: how many purchases fall on a day that already has one of their customer, what that does to the lifetime
// parameters, and what to do about it.
std::vector<std::string> MergingStatement(const World& world, const SyntheticCounts& counts);

// A job that runs as it stands: every column mapped, as_of the last day, an error budget as wide as the dirt. `sources`
// and `models`: further lines of a base with all tables, below transactions and below churn.
std::string JobText(const World& world, const SyntheticCounts& counts, std::string_view sources = {},
                    std::string_view models = {});

// truth.json: what was asked for, what was planted, what came out. `files` transaction files were written.
std::string TruthText(const World& world, const SyntheticCounts& counts, SyntheticFormat format, int files);

}  // namespace strata

// What draws are for: each purpose has a stream of its own, so that a change to one leaves the others as they are.
// The numbers are part of what a seed means and must never change.
#pragma once

#include <cstdint>
#include <string_view>

namespace strata {

inline constexpr uint64_t kPurposeProduct = 1;    // by product
inline constexpr uint64_t kPurposeTraits = 2;     // by customer: group, rate, drop-out, region, ...
inline constexpr uint64_t kPurposeTimes = 3;      // by customer: gaps between purchases
inline constexpr uint64_t kPurposeContents = 4;   // by customer: what is bought and returned
inline constexpr uint64_t kPurposeDirt = 5;       // by transaction
inline constexpr uint64_t kPurposeCatalogue = 6;  // by product
inline constexpr uint64_t kPurposePlan = 7;       // by customer: what is planted in the tables beside transactions
inline constexpr uint64_t kPurposeNights = 8;     // by customer: what becomes of them over the nights
inline constexpr uint64_t kPurposeCauses = 9;     // by customer: a planted cause to leave, and when they leave
// By customer; the number of the table is added.
inline constexpr uint64_t kPurposeTable = 32;
inline constexpr uint64_t kPurposeTableFault = 64;

inline constexpr std::string_view kOtherCurrency = "XTS";  // ISO 4217's code for tests: no base is in it

}  // namespace strata

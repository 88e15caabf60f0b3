#include "data/synthetic/row_values.h"

#include <fmt/format.h>

namespace strata {
namespace {

constexpr int kDigitBits = 11;  // 2048 counters stay in the first cache
constexpr uint32_t kDigits = 1u << kDigitBits;

struct Place {
  uint32_t second;
  uint32_t index;
};

// One pass of a radix sort, least digit first; stable.
void SortByDigit(int shift, const std::vector<Place>& from, std::vector<Place>* to) {
  std::array<uint32_t, kDigits> next{};
  for (const Place& place : from) ++next[(place.second >> shift) & (kDigits - 1)];
  uint32_t sum = 0;
  for (uint32_t& count : next) sum += std::exchange(count, sum);
  for (const Place& place : from) (*to)[next[(place.second >> shift) & (kDigits - 1)]++] = place;
}

}  // namespace

std::string ProductId(uint32_t product) { return fmt::format("P{:05}", product + 1); }
std::string PromotionId(uint32_t promotion) { return fmt::format("promo-{:02}", promotion); }

void SortByTime(std::vector<SyntheticRow>* rows) {
  std::vector<Place> places(rows->size());
  for (uint32_t i = 0; i < places.size(); ++i) places[i] = {.second = (*rows)[i].second, .index = i};
  std::vector<Place> other(places.size());
  for (int shift = 0; shift < 32; shift += kDigitBits) {
    SortByDigit(shift, places, &other);
    places.swap(other);
  }
  std::vector<SyntheticRow> sorted;
  sorted.reserve(rows->size());
  for (const Place& place : places) sorted.push_back((*rows)[place.index]);
  rows->swap(sorted);
}

}  // namespace strata

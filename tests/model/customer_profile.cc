#include "tests/model/customer_profile.h"

#include <utility>

namespace strata {
namespace {

// kNoWhole for about one customer in `one_in`.
int64_t Sometimes(uint64_t hash, uint64_t one_in, int64_t value) { return hash % one_in == 0 ? kNoWhole : value; }

}  // namespace

CustomerProfile::CustomerProfile(const CustomerColumns& today)
    : categories_{"books", "coffee", "tea", "toys"}, regions_{"east", "west"}, tenures_{"0", "1", "2", "3"} {
  for (size_t row = 0; row < today.size(); ++row) AddCustomer(today, row);
  AddColumns();
}

void CustomerProfile::AddCustomer(const CustomerColumns& today, size_t row) {
  const uint64_t hash = today.hash[row];
  const int32_t days = today.purchase_days[row];
  const bool bought = days > 0;
  margin.push_back(Sometimes(hash, 13, today.net_micros[row] / 3 - static_cast<int64_t>(hash % 9) * 1'000'000));
  average_order.push_back(bought ? today.net_micros[row] / days : kNoWhole);
  unit_price.push_back(bought ? Sometimes(hash, 17, 1'000'000 + static_cast<int64_t>(hash / 5 % 40) * 250'000)
                              : kNoWhole);
  active_quarters.push_back(Sometimes(hash, 19, static_cast<int64_t>(hash / 7 % 5)));
  last_gap_days.push_back(days < 2 ? kNoWhole : 1 + static_cast<int64_t>(hash / 3 % 400));
  const bool in_window = bought && today.last_day[row] > today.as_of - 200;
  rfm_recency.push_back(in_window ? today.as_of - today.last_day[row] : kNoWhole);
  rfm_frequency.push_back(in_window ? 1 + days / 2 : kNoWhole);
  rfm_monetary.push_back(in_window ? today.net_micros[row] / 2 : kNoWhole);
  category.push_back(hash % 11 == 0 ? -1 : static_cast<int32_t>(hash / 11 % 4));
  region.push_back(hash % 23 == 0 ? -1 : static_cast<int32_t>(hash / 23 % 2));
  const Day age = today.as_of - today.first_day[row];
  AddDiscrete(today, row);
  tenure.push_back(!bought ? -1 : age <= 90 ? 0 : age <= 365 ? 1 : age <= 1095 ? 2 : 3);
}

// Opportunities of thirty days, in every other one of which somebody bought; contracts of up to five periods.
void CustomerProfile::AddDiscrete(const CustomerColumns& today, size_t row) {
  const uint64_t hash = today.hash[row];
  const bool bought = today.purchase_days[row] > 0;
  const int64_t n = (today.as_of - today.first_day[row]) / 30;
  const int64_t x = n == 0 ? 0 : static_cast<int64_t>(hash % static_cast<uint64_t>(n + 1)) / 2;
  opportunities_n.push_back(bought ? n : kNoWhole);
  opportunities_x.push_back(bought ? x : kNoWhole);
  opportunities_last.push_back(bought ? 2 * x : kNoWhole);
  const bool is_lost = hash / 3 % 2 == 0;
  contract_lost.push_back(hash % 5 == 0 ? kNoWhole : is_lost ? 1 : 0);
  contract_periods.push_back(hash % 5 == 0 ? kNoWhole : static_cast<int64_t>(hash / 7 % 5) + (is_lost ? 1 : 0));
}

void CustomerProfile::AddColumns() {
  const std::vector<std::pair<std::string, const std::vector<int64_t>*>> wholes = {
      {"margin", &margin},
      {"average_order", &average_order},
      {"unit_price", &unit_price},
      {"active_quarters", &active_quarters},
      {"last_gap_days", &last_gap_days},
      {"rfm_recency", &rfm_recency},
      {"rfm_frequency", &rfm_frequency},
      {"rfm_monetary", &rfm_monetary},
      {"opportunities_x", &opportunities_x},
      {"opportunities_last", &opportunities_last},
      {"opportunities_n", &opportunities_n},
      {"contract_periods", &contract_periods},
      {"contract_lost", &contract_lost}};
  for (const auto& [name, values] : wholes) {
    Column column;
    column.name = name;
    column.whole = *values;
    columns_.Add(std::move(column));
  }
  const auto add_text = [this](const char* name, const std::vector<int32_t>& codes,
                               const std::vector<std::string>& words) {
    Column column;
    column.name = name;
    column.type = ColumnType::kText;
    column.code = codes;
    column.words = words;
    columns_.Add(std::move(column));
  };
  add_text("main_category", category, categories_);
  add_text("main_region", region, regions_);
  add_text("tenure_band", tenure, tenures_);
}

}  // namespace strata

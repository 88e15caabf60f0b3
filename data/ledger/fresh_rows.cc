#include "data/ledger/fresh_rows.h"

#include <algorithm>

namespace strata {

FreshRows::FreshRows(const std::vector<RowBatch>& batches) : batches_(batches) {
  size_t total = 0;
  for (const RowBatch& batch : batches) total += batch.size();
  rows_.reserve(total);
  for (size_t b = 0; b < batches.size(); ++b) {
    for (size_t row = 0; row < batches[b].size(); ++row) {
      rows_.push_back({batches[b].hash[row], static_cast<uint32_t>(b), static_cast<uint32_t>(row)});
    }
  }
  std::sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) { return a.hash < b.hash; });
  for (size_t begin = 0; begin < rows_.size();) {
    size_t end = begin + 1;
    while (end < rows_.size() && rows_[end].hash == rows_[begin].hash) ++end;
    AddCustomers(begin, end);
    begin = end;
  }
  begins_.push_back(rows_.size());
}

// Rows [begin, end) share a hash: nearly always, but not surely, the rows of one customer.
void FreshRows::AddCustomers(size_t begin, size_t end) {
  begins_.push_back(begin);
  const std::string_view first = IdOf(rows_[begin]);
  const auto run = std::span(rows_).subspan(begin, end - begin);
  if (std::all_of(run.begin(), run.end(), [&](const Row& row) { return IdOf(row) == first; })) return;
  std::sort(run.begin(), run.end(), [this](const Row& a, const Row& b) { return IdOf(a) < IdOf(b); });
  for (size_t i = begin + 1; i < end; ++i) {
    if (IdOf(rows_[i]) != IdOf(rows_[i - 1])) begins_.push_back(i);
  }
}

}  // namespace strata

// Small customer bases for the tests of the models: rows of transactions in, columns per shard and date out. Worked out
// the slow, obvious way from the definitions in model/customer_columns.h, so it shares nothing with the feature stage.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "model/customer_columns.h"
#include "model/fitter.h"
#include "tests/model/customer_profile.h"

namespace strata {

struct TestRow {
  uint64_t customer = 0;  // an id; its hash is that of its decimal digits
  Day day = 0;
  int64_t micros = 0;
  bool is_return = false;
};

uint64_t HashOfCustomer(uint64_t customer);

// Owns the columns of some customers as of a date.
class CustomerTable {
 public:
  // Customers with a row up to as_of, in the order of their hashes. Labels count purchase days in
  // (as_of, as_of + horizon_days]; -1 when horizon_days is 0. What a hold-out knows is of the same length.
  CustomerTable(const std::vector<TestRow>& rows, Day as_of, int horizon_days = 0);

  CustomerColumns columns() const;
  size_t size() const { return hash.size(); }

  Day as_of = 0;
  std::vector<uint64_t> hash;
  std::vector<int32_t> purchase_days, rows, return_rows;
  std::vector<Day> first_day, last_day;
  std::vector<int64_t> net_micros, repeat_net_micros;
  std::vector<int32_t> purchase_days_30, purchase_days_90, purchase_days_180, purchase_days_365;
  std::vector<int64_t> net_micros_90, net_micros_365, squared_gap_days;
  std::vector<int32_t> future_purchase_days;
  std::vector<int64_t> future_net_micros;
  std::vector<int32_t> purchase_days_before;

 private:
  void AddCustomer(uint64_t customer_hash, const std::vector<TestRow>& rows_of_customer, int horizon_days);
};

inline constexpr size_t kTestChurnViews = 3;

// A base split into shards by hash, with the views of a run and a profile of today's. Movable; shards() views
// what it owns.
class TestBase {
 public:
  // horizon_days 0: no churn views and no hold-out, which begins so many days before as_of.
  TestBase(const std::vector<TestRow>& rows, Day as_of, int horizon_days, uint32_t shards);
  const std::vector<ShardFeatures>& shards() const { return views_; }

 private:
  std::vector<std::unique_ptr<CustomerTable>> tables_;
  std::vector<std::unique_ptr<CustomerProfile>> profiles_;
  std::vector<std::unique_ptr<std::vector<CustomerColumns>>> churn_views_;
  std::vector<ShardFeatures> views_;
};

// A base of random shoppers: geometric numbers of purchases, a few returns, customers without any purchase.
std::vector<TestRow> RandomRows(uint64_t seed, int customers, Day first, Day last);

// Ends the test program when `status` is an error: a fit that stops half-way leaves nothing to check.
void MustBeOk(const absl::Status& status);

// Runs a fit: partials of the shards in a random order, merged in random groups, through their bytes. Returns the
// number of rounds.
template <Fitter F>
int RunFit(F* fitter, const std::vector<ShardFeatures>& shards, uint64_t order_seed = 0) {
  std::mt19937_64 random(order_seed);
  int rounds = 0;
  while (auto parameters = fitter->Next()) {
    ByteWriter sent;
    parameters->Encode(&sent);
    std::vector<typename F::Partial> partials(1);
    for (const ShardFeatures& shard : shards) {
      ByteReader reader(sent.bytes());
      partials.push_back(F::Accumulate(F::Parameters::Decode(&reader), shard, WidestKernels()));
    }
    while (partials.size() > 1) {
      std::swap(partials[random() % partials.size()], partials.back());
      const typename F::Partial last = std::move(partials.back());
      partials.pop_back();
      partials[random() % partials.size()].Merge(last);
    }
    ByteWriter merged;
    partials[0].Encode(&merged);
    ByteReader reader(merged.bytes());
    const typename F::Partial received = F::Partial::Decode(&reader);
    MustBeOk(reader.Finish("a merged partial"));
    MustBeOk(fitter->Absorb(received));
    ++rounds;
  }
  return rounds;
}

}  // namespace strata

// Customer bases for tests: made by hand, simulated, or the CDNOW sample; and a loop that runs a fitter over shards.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "model/fitter.h"
#include "model/lifetime/bg_nbd.h"

namespace strata {

// Owns the columns that the lifetime models read; the others stay empty.
class CustomerBase {
 public:
  explicit CustomerBase(Day as_of) : as_of_(as_of) {}

  void Add(uint64_t hash, int32_t purchase_days, Day first_day, Day last_day, int64_t repeat_net_micros);
  // The net of each purchase day up to the date; days after it are not looked at.
  void AddDays(uint64_t hash, const std::map<Day, int64_t>& net_micros);

  size_t size() const { return hash_.size(); }
  Day as_of() const { return as_of_; }
  CustomerColumns Columns() const;  // views this base
  ShardFeatures Features() const { return {.today = Columns(), .churn_test = {}, .churn_train = {}}; }

  // The same customers spread over shards by hash, each shard in another order than this base.
  std::vector<CustomerBase> Shards(size_t count) const;

 private:
  Day as_of_;
  std::vector<uint64_t> hash_;
  std::vector<int32_t> purchase_days_;
  std::vector<Day> first_day_;
  std::vector<Day> last_day_;
  std::vector<int64_t> repeat_net_micros_;
};

// All purchases of a CDNOW file by customer: day -> net micros; the sample, and where all customers are.
std::vector<std::map<Day, int64_t>> LoadCdnow(const char* path);
inline constexpr const char* kCdnowMaster = "examples/cdnow/data/transactions.csv";
std::vector<std::map<Day, int64_t>> LoadCdnowSample();
// The calibration base of the papers: as of 1997-09-30.
CustomerBase CdnowCalibration();
Day CdnowCalibrationEnd();

// Customers of a BG/NBD world (time unit week), first purchases spread over 12 weeks, one purchase a day at most.
// a = 0: nobody ever drops out. Repeat days cost what Gamma(6, nu), nu ~ Gamma(4, 15) says.
CustomerBase Simulate(const BgNbdParameters& truth, int customers, int weeks, uint64_t seed);

// Runs a fitter to its end over shards, every partial and parameter through its encoding.
template <Fitter F>
void RunFitter(F* fitter, const std::vector<CustomerBase>& shards) {
  while (const auto next = fitter->Next()) {
    ByteWriter sent;
    next->Encode(&sent);
    ByteReader received(sent.bytes());
    const auto parameters = F::Parameters::Decode(&received);
    ASSERT_TRUE(received.Finish("parameters").ok());
    typename F::Partial merged;
    for (const CustomerBase& shard : shards) {
      ByteWriter partial;
      F::Accumulate(parameters, shard.Features(), WidestKernels()).Encode(&partial);
      ByteReader reader(partial.bytes());
      merged.Merge(F::Partial::Decode(&reader));
      ASSERT_TRUE(reader.Finish("partial").ok());
    }
    const absl::Status absorbed = fitter->Absorb(merged);
    ASSERT_TRUE(absorbed.ok()) << absorbed;
  }
}

}  // namespace strata

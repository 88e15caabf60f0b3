// What has to hold of every fitter (model/fitter.h): the empty partial is neutral, any grouping and order of shards gives
// the same bytes, encoding loses nothing.
#pragma once

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "model/fitter.h"
#include "tests/model/customer_table.h"

namespace strata {

template <typename T>
std::string BytesOf(const T& value) {
  ByteWriter writer;
  value.Encode(&writer);
  return writer.Take();
}

// The bits of every number of a result.
class Fingerprint {
 public:
  Fingerprint& operator<<(double value) {
    writer_.F64(value);
    return *this;
  }
  Fingerprint& operator<<(int64_t value) {
    writer_.I64(value);
    return *this;
  }
  Fingerprint& operator<<(int value) { return *this << int64_t{value}; }
  Fingerprint& operator<<(const std::string& value) {
    writer_.Text(value);
    return *this;
  }
  template <typename T>
  Fingerprint& operator<<(const std::vector<T>& values) {
    for (const T& value : values) *this << value;
    return *this;
  }
  std::string Take() { return writer_.Take(); }

 private:
  ByteWriter writer_;
};

// Merges random pairs until one is left.
template <typename Partial>
Partial MergeInRandomGroups(std::vector<Partial> partials, std::mt19937_64* random) {
  while (partials.size() > 1) {
    std::swap(partials[(*random)() % partials.size()], partials.back());
    const Partial last = std::move(partials.back());
    partials.pop_back();
    Partial& into = partials[(*random)() % partials.size()];
    if ((*random)() % 2 == 0) {
      into.Merge(last);
    } else {  // the other way round
      Partial sum = last;
      sum.Merge(into);
      into = std::move(sum);
    }
  }
  return std::move(partials[0]);
}

// The laws of model/fitter.h for the partials of every round of a fit.
template <Fitter F>
void ExpectLawsInEveryRound(F fitter, const TestBase& base) {
  int round = 0;
  for (auto parameters = fitter.Next(); parameters.has_value(); parameters = fitter.Next(), ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    const std::string sent = BytesOf(*parameters);
    ByteReader sent_reader(sent);
    const auto received = F::Parameters::Decode(&sent_reader);
    ASSERT_TRUE(sent_reader.Finish("parameters").ok());
    EXPECT_EQ(BytesOf(received), sent);

    std::vector<typename F::Partial> partials;
    for (const ShardFeatures& shard : base.shards()) {
      partials.push_back(F::Accumulate(*parameters, shard, WidestKernels()));
      const std::string bytes = BytesOf(partials.back());
      EXPECT_EQ(BytesOf(F::Accumulate(received, shard, WidestKernels())), bytes)
          << "a pure function of parameters and shard";
      ByteReader reader(bytes);
      EXPECT_EQ(BytesOf(F::Partial::Decode(&reader)), bytes);
      EXPECT_TRUE(reader.Finish("a partial").ok());
      typename F::Partial with_neutral;
      with_neutral.Merge(partials.back());
      EXPECT_EQ(BytesOf(with_neutral), bytes);
      with_neutral = partials.back();
      with_neutral.Merge(typename F::Partial());
      EXPECT_EQ(BytesOf(with_neutral), bytes);
    }
    std::mt19937_64 random(0);
    const typename F::Partial merged = MergeInRandomGroups(partials, &random);
    for (uint64_t seed = 1; seed <= 6; ++seed) {
      std::mt19937_64 other(seed);
      EXPECT_EQ(BytesOf(MergeInRandomGroups(partials, &other)), BytesOf(merged)) << "seed " << seed;
    }
    ASSERT_TRUE(fitter.Absorb(merged).ok());
  }
  EXPECT_GT(round, 0);
  EXPECT_FALSE(fitter.Absorb(typename F::Partial()).ok()) << "nothing to absorb after the last round";
}

// Precondition: the base has one shard.
template <Fitter F>
void ExpectCutBytesAreNoticed(const F& fitter, const TestBase& base) {
  const std::string bytes = BytesOf(F::Accumulate(*fitter.Next(), base.shards()[0], WidestKernels()));
  for (size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 50) {
    ByteReader reader(std::string_view(bytes).substr(0, size));
    (void)F::Partial::Decode(&reader);
    EXPECT_FALSE(reader.Finish("a cut partial").ok()) << size << " of " << bytes.size() << " bytes";
  }
}

}  // namespace strata

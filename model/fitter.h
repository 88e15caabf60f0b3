// The one shape of all mathematics: Accumulate -> Merge -> Solve.
//
// A fitter is a pure state machine that lives where the coordinator decides. Each round it says what it needs (Next),
// workers compute a Partial from shard features and those parameters (Accumulate), partials are merged, and the fitter
// solves for its next state (Absorb). Independent fitters advance in the same round.
//
// Laws, checked for every fitter by one typed test (tests/model/partial_laws_test.cc):
//  - a Partial is a pure function of the parameters and the shard's columns;
//  - Merge is associative and commutative, exactly: any grouping of shards gives the same bytes;
//  - a default-constructed Partial is the neutral element of Merge;
//  - Encode and Decode are inverse, and equal values have equal bytes.
#pragma once

#include <concepts>
#include <optional>

#include "base/bytes.h"
#include "base/status.h"
#include "model/customer_columns.h"
#include "model/kernels/kernels.h"

namespace strata {

template <typename T>
concept Encodable = requires(const T value, ByteWriter* writer, ByteReader* reader) {
  { value.Encode(writer) } -> std::same_as<void>;
  // Reads what Encode wrote. Truncation shows in reader->ok(); sizes that disagree with one another are the decoder's
  // to refuse by setting nothing beyond what it could read.
  { T::Decode(reader) } -> std::same_as<T>;
};

template <typename F>
concept Fitter = Encodable<typename F::Parameters> && Encodable<typename F::Partial> &&
    std::default_initializable<typename F::Partial> &&
    requires(F fitter, const F& constant, const typename F::Parameters& parameters, typename F::Partial& partial,
             const typename F::Partial& other, const ShardFeatures& shard, const Kernels& kernels) {
  // What the next round must compute; nullopt when the fit is done (its result is then final).
  { constant.Next() } -> std::same_as<std::optional<typename F::Parameters>>;
  // The kernels are those that the process was told to use; the partial is the same with any of them.
  { F::Accumulate(parameters, shard, kernels) } -> std::same_as<typename F::Partial>;
  { partial.Merge(other) } -> std::same_as<void>;
  // Takes the merged partial of all shards for the last Next(). An error ends the run (bad input or fatal);
  // "cannot be fitted" is not an error but a result that says why.
  { fitter.Absorb(partial) } -> std::same_as<absl::Status>;
};

}  // namespace strata

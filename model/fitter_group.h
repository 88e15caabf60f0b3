// Several fitters that go through the same rounds as one (model/fitter.h). Members are added when their time has come:
// one that is absent, or done, takes no part in a round. Not thread-safe; its static functions are.
#pragma once

#include <optional>
#include <tuple>
#include <utility>

#include "base/bytes.h"
#include "base/status.h"
#include "model/customer_columns.h"
#include "model/fitter.h"
#include "model/kernels/kernels.h"

namespace strata {

template <Fitter... Fs>
class FitterGroup {
 public:
  struct Parameters {
    std::tuple<std::optional<typename Fs::Parameters>...> of;  // by member; absent: it needs no round

    void Encode(ByteWriter* writer) const {
      ForEach(of, [writer](const auto& parameters) {
        writer->U8(parameters.has_value() ? 1 : 0);
        if (parameters.has_value()) parameters->Encode(writer);
      });
    }
    static Parameters Decode(ByteReader* reader) {
      Parameters parameters;
      ForEach(parameters.of, [reader]<typename P>(std::optional<P>& one) {
        if (reader->U8() != 0) one = P::Decode(reader);
      });
      return parameters;
    }
  };

  struct Partial {
    std::tuple<typename Fs::Partial...> of;

    void Merge(const Partial& other) {
      ForEachNumber([&]<size_t I>() { std::get<I>(of).Merge(std::get<I>(other.of)); });
    }
    void Encode(ByteWriter* writer) const {
      ForEach(of, [writer](const auto& partial) { partial.Encode(writer); });
    }
    static Partial Decode(ByteReader* reader) {
      Partial partial;
      ForEach(partial.of, [reader]<typename P>(P& one) { one = P::Decode(reader); });
      return partial;
    }
  };

  // The member's place; empty: absent.
  template <size_t I>
  auto& member() {
    return std::get<I>(members_);
  }
  template <size_t I>
  const auto& member() const {
    return std::get<I>(members_);
  }

  std::optional<Parameters> Next() const {
    Parameters parameters;
    bool any = false;
    ForEachNumber([&]<size_t I>() {
      if (!member<I>().has_value()) return;
      std::get<I>(parameters.of) = member<I>()->Next();
      any |= std::get<I>(parameters.of).has_value();
    });
    return any ? std::optional(std::move(parameters)) : std::nullopt;
  }

  static Partial Accumulate(const Parameters& parameters, const ShardFeatures& shard, const Kernels& kernels) {
    Partial partial;
    ForEachNumber([&]<size_t I>() {
      using F = std::tuple_element_t<I, std::tuple<Fs...>>;
      const auto& asked = std::get<I>(parameters.of);
      if (asked.has_value()) std::get<I>(partial.of) = F::Accumulate(*asked, shard, kernels);
    });
    return partial;
  }

  // The first error of a member; FAILED_PRECONDITION after the last round.
  absl::Status Absorb(const Partial& merged) {
    bool any = false;
    absl::Status status;
    ForEachNumber([&]<size_t I>() {
      auto& one = member<I>();
      if (!status.ok() || !one.has_value() || !one->Next().has_value()) return;
      any = true;
      status = one->Absorb(std::get<I>(merged.of));
    });
    if (any) return status;
    return MakeError(absl::StatusCode::kFailedPrecondition, "FIT_DONE", "the fit has no further round");
  }

 private:
  template <typename Tuple, typename Visit>
  static void ForEach(Tuple& tuple, const Visit& visit) {
    std::apply([&visit](auto&... one) { (visit(one), ...); }, tuple);
  }
  template <typename Visit>
  static void ForEachNumber(const Visit& visit) {
    [&visit]<size_t... I>(std::index_sequence<I...>) { (visit.template operator()<I>(), ...); }
    (std::index_sequence_for<Fs...>{});
  }

  std::tuple<std::optional<Fs>...> members_;
};

}  // namespace strata

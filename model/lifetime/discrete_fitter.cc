#include "model/lifetime/discrete_fitter.h"

#include <utility>

namespace strata {

static_assert(Fitter<DiscreteFitter>);

void DiscreteFitter::Partial::Merge(const Partial& other) {
  opportunities.Merge(other.opportunities);
  contracts.Merge(other.contracts);
}

void DiscreteFitter::Partial::Encode(ByteWriter* writer) const {
  opportunities.Encode(writer);
  contracts.Encode(writer);
}

DiscreteFitter::Partial DiscreteFitter::Partial::Decode(ByteReader* reader) {
  Partial partial;
  partial.opportunities = OpportunityTable::Decode(reader);
  partial.contracts = ContractCounts::Decode(reader);
  return partial;
}

DiscreteFitter::DiscreteFitter(LifetimeKind kind, FitOptions options) : kind_(kind), options_(std::move(options)) {}

std::optional<DiscreteFitter::Parameters> DiscreteFitter::Next() const {
  if (done_) return std::nullopt;
  return Parameters{.kind = kind_};
}

DiscreteFitter::Partial DiscreteFitter::Accumulate(const Parameters& parameters, const ShardFeatures& shard,
                                                   const Kernels&) {
  Partial partial;
  if (parameters.kind == LifetimeKind::kSbg) {
    partial.contracts = ContractCounts::Of(shard.profile, shard.today.size());
  } else {
    partial.opportunities = OpportunityTable::Of(shard.profile, shard.today.size());
  }
  return partial;
}

absl::Status DiscreteFitter::Absorb(const Partial& merged) {
  if (done_) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FIT_DONE", "the lifetime fit has no further round");
  }
  if (kind_ == LifetimeKind::kSbg) {
    STRATA_ASSIGN_OR_RETURN(const ContractTable table, merged.contracts.Contracts());
    result_ = FitContracts(table, options_);
  } else {
    STRATA_ASSIGN_OR_RETURN(const HistoryTable table, merged.opportunities.Histories());
    result_ = FitLifetime(kind_, std::nullopt, table, options_);
  }
  done_ = true;
  return absl::OkStatus();
}

}  // namespace strata

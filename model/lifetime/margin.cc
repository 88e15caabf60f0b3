#include "model/lifetime/margin.h"

#include <utility>

#include "base/column_type.h"
#include "model/columns.h"

namespace strata {

static_assert(Fitter<MarginFitter>);

void MarginFitter::Partial::Merge(const Partial& other) {
  customers += other.customers;
  margin_micros += other.margin_micros;
  net_micros += other.net_micros;
}

void MarginFitter::Partial::Encode(ByteWriter* writer) const {
  writer->I64(customers);
  writer->I128(margin_micros);
  writer->I128(net_micros);
}

MarginFitter::Partial MarginFitter::Partial::Decode(ByteReader* reader) {
  Partial partial;
  partial.customers = reader->I64();
  partial.margin_micros = reader->I128();
  partial.net_micros = reader->I128();
  return partial;
}

MarginFitter::MarginFitter(std::string basis) {
  result_.asked = true;
  result_.basis = std::move(basis);
}

std::optional<MarginFitter::Parameters> MarginFitter::Next() const {
  if (done_) return std::nullopt;
  return Parameters{};
}

MarginFitter::Partial MarginFitter::Accumulate(const Parameters&, const ShardFeatures& shard, const Kernels&) {
  Partial partial;
  if (shard.profile == nullptr) return partial;
  const Column* margin = shard.profile->Find("margin");
  const Column* gross = shard.profile->Find("gross");
  const Column* returns = shard.profile->Find("returns");
  if (margin == nullptr || gross == nullptr || returns == nullptr) return partial;
  for (size_t i = 0; i < margin->whole.size(); ++i) {
    if (margin->whole[i] == kNoWhole) continue;
    ++partial.customers;
    partial.margin_micros += margin->whole[i];
    partial.net_micros += static_cast<Int128>(gross->whole[i]) - returns->whole[i];
  }
  return partial;
}

absl::Status MarginFitter::Absorb(const Partial& merged) {
  if (done_) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FIT_DONE", "the margin has no further round");
  }
  done_ = true;
  result_.customers = merged.customers;
  result_.margin_micros = merged.margin_micros;
  result_.net_micros = merged.net_micros;
  if (merged.customers == 0) {
    result_.reason = "no customer has a margin: values are of net revenue";
  } else if (merged.net_micros <= 0) {
    result_.reason = "the customers' net is not positive, so it has no margin: values are of net revenue";
  } else {
    result_.factor = ToDouble(merged.margin_micros) / ToDouble(merged.net_micros);
  }
  return absl::OkStatus();
}

}  // namespace strata

#include "model/churn/loss_counts.h"

#include <algorithm>

namespace strata {

void LossCounts::Add(bool is_lost, int64_t net_micros_365) {
  const int64_t net = std::max<int64_t>(net_micros_365, 0);
  ++at_risk;
  net_micros += net;
  if (!is_lost) return;
  ++lost;
  lost_net_micros += net;
}

void LossCounts::Merge(const LossCounts& other) {
  at_risk += other.at_risk;
  lost += other.lost;
  net_micros += other.net_micros;
  lost_net_micros += other.lost_net_micros;
}

void LossCounts::Encode(ByteWriter* writer) const {
  writer->I64(at_risk);
  writer->I64(lost);
  writer->I128(net_micros);
  writer->I128(lost_net_micros);
}

LossCounts LossCounts::Decode(ByteReader* reader) {
  LossCounts counts;
  counts.at_risk = reader->I64();
  counts.lost = reader->I64();
  counts.net_micros = reader->I128();
  counts.lost_net_micros = reader->I128();
  return counts;
}

std::optional<LossRates> RatesOf(const LossCounts& counts) {
  if (counts.at_risk < kLossRowsMin) return std::nullopt;
  LossRates rates;
  rates.churn = static_cast<double>(counts.lost) / static_cast<double>(counts.at_risk);
  rates.interval = WilsonInterval(counts.lost, counts.at_risk);
  if (counts.net_micros > 0) rates.net = ToDouble(counts.lost_net_micros) / ToDouble(counts.net_micros);
  return rates;
}

}  // namespace strata

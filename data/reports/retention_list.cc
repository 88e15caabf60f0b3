#include "data/reports/retention_list.h"

#include <algorithm>
#include <bit>
#include <tuple>
#include <utility>

#include "model/statistics/integer_sums.h"

namespace strata {
namespace {

constexpr int64_t kMillionths = 1'000'000;

void EncodeReason(const ChurnReason& reason, ByteWriter* writer) {
  writer->U8(reason.group);
  writer->U8(reason.feature);
  writer->U32(std::bit_cast<uint32_t>(reason.contribution));
  writer->U32(std::bit_cast<uint32_t>(reason.value));
}

ChurnReason DecodeReason(ByteReader* reader) {
  ChurnReason reason;
  reason.group = reader->U8();
  reason.feature = reader->U8();
  reason.contribution = std::bit_cast<float>(reader->U32());
  reason.value = std::bit_cast<float>(reader->U32());
  return reason;
}

}  // namespace

bool AtRiskCustomer::operator<(const AtRiskCustomer& other) const {
  return std::tie(other.value_micros, hash, id) < std::tie(value_micros, other.hash, other.id);
}

void RetentionList::Cut() {
  if (customers_.size() > most_) {
    std::nth_element(customers_.begin(), customers_.begin() + static_cast<ptrdiff_t>(most_), customers_.end());
    customers_.resize(most_);
  }
}

void RetentionList::Add(AtRiskCustomer customer) {
  customers_.push_back(std::move(customer));
  if (customers_.size() >= 2 * most_) Cut();
}

void RetentionList::Merge(const RetentionList& other) {
  most_ = std::max(most_, other.most_);
  customers_.insert(customers_.end(), other.customers_.begin(), other.customers_.end());
  Cut();
}

std::vector<AtRiskCustomer> RetentionList::Take() const {
  std::vector<AtRiskCustomer> sorted = customers_;
  std::sort(sorted.begin(), sorted.end());
  if (sorted.size() > most_) sorted.resize(most_);
  return sorted;
}

void RetentionList::Encode(ByteWriter* writer) const {
  const std::vector<AtRiskCustomer> sorted = Take();
  writer->U64(most_);
  writer->U32(static_cast<uint32_t>(sorted.size()));
  for (const AtRiskCustomer& customer : sorted) {
    writer->I64(customer.value_micros);
    writer->U64(customer.hash);
    writer->Text(customer.id);
    writer->U8(static_cast<uint8_t>(customer.band));
    writer->F64(customer.probability);
    writer->F64(customer.margin);
    for (const ChurnReason& reason : customer.reasons) EncodeReason(reason, writer);
  }
}

RetentionList RetentionList::Decode(ByteReader* reader) {
  RetentionList list(reader->U64());
  const uint32_t size = reader->U32();
  for (uint32_t i = 0; i < size && reader->ok(); ++i) {
    AtRiskCustomer customer;
    customer.value_micros = reader->I64();
    customer.hash = reader->U64();
    customer.id = std::string(reader->Text());
    customer.band = static_cast<ChurnBand>(reader->U8());
    customer.probability = reader->F64();
    customer.margin = reader->F64();
    for (ChurnReason& reason : customer.reasons) reason = DecodeReason(reader);
    list.customers_.push_back(std::move(customer));
  }
  return list;
}

std::optional<BestAction> BestActionFor(std::span<const ChurnAction> actions, ChurnBand band, int64_t value_micros) {
  std::optional<BestAction> best;
  const int number = static_cast<int>(band) - 1;
  for (const ChurnAction& action : actions) {
    const bool is_for_band = std::find(action.bands.begin(), action.bands.end(), number) != action.bands.end();
    if (!is_for_band || !action.save_rate.has_value()) continue;
    const int64_t saved = RoundedQuotient(static_cast<Int128>(*action.save_rate) * value_micros, kMillionths);
    const int64_t gain = saved - action.cost_micros;
    if (gain > 0 && (!best.has_value() || gain > best->gain_micros)) best = {.action = &action, .gain_micros = gain};
  }
  return best;
}

}  // namespace strata

#include "model/churn/keyed_rows.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/hash.h"

namespace strata {

KeyedRows::KeyedRows(uint64_t seed, DrawPurpose purpose, uint32_t capacity, int64_t customers)
    : seed_(seed), round_(DrawRound(purpose)), capacity_(capacity), draw_max_(DrawBound(capacity, customers)) {}

void KeyedRows::Add(uint64_t hash, std::string_view rows) {
  const uint64_t draw = KeyedDraw(seed_, round_, hash);
  if (draw > draw_max_) return;
  customers_.push_back({draw, hash, bytes_.size(), rows.size()});
  bytes_.append(rows);
  // Twice the capacity: each sorting is paid for by as many additions.
  if (customers_.size() >= 2 * static_cast<size_t>(capacity_)) Sort();
}

void KeyedRows::Append(const KeyedRows& from, const Customer& customer) {
  customers_.push_back({customer.draw, customer.hash, bytes_.size(), customer.size});
  bytes_.append(from.BytesOf(customer));
}

void KeyedRows::Sort() {
  std::vector<Customer> order = std::move(customers_);
  std::sort(order.begin(), order.end(), [this](const Customer& a, const Customer& b) {
    return std::tuple(a.draw, a.hash, BytesOf(a)) < std::tuple(b.draw, b.hash, BytesOf(b));
  });
  if (order.size() > capacity_) order.resize(capacity_);
  KeyedRows sorted;
  sorted.customers_.reserve(order.size());
  for (const Customer& customer : order) sorted.Append(*this, customer);
  customers_ = std::move(sorted.customers_);
  bytes_ = std::move(sorted.bytes_);
  if (capacity_ > 0 && customers_.size() == capacity_) draw_max_ = customers_.back().draw;
}

void KeyedRows::Merge(const KeyedRows& other) {
  if (other.capacity_ == 0) {
    if (capacity_ > 0) Sort();
    return;
  }
  if (capacity_ == 0) {
    *this = other;
    Sort();
    return;
  }
  customers_.reserve(customers_.size() + other.customers_.size());
  for (const Customer& customer : other.customers_) Append(other, customer);
  Sort();
}

void KeyedRows::Encode(ByteWriter* writer) const {
  writer->U64(seed_);
  writer->U64(round_);
  writer->U32(capacity_);
  std::vector<uint64_t> hashes, sizes;
  for (const Customer& customer : customers_) {
    hashes.push_back(customer.hash);
    sizes.push_back(customer.size);
  }
  writer->Array(hashes);
  writer->Array(sizes);
  writer->Text(bytes_);
}

KeyedRows KeyedRows::Decode(ByteReader* reader) {
  KeyedRows sample;
  sample.seed_ = reader->U64();
  sample.round_ = reader->U64();
  sample.capacity_ = reader->U32();
  const std::vector<uint64_t> hashes = reader->Array<uint64_t>();
  const std::vector<uint64_t> sizes = reader->Array<uint64_t>();
  sample.bytes_ = reader->Text();
  uint64_t begin = 0;
  for (size_t i = 0; i < hashes.size() && i < sizes.size(); ++i) {
    const uint64_t left = sample.bytes_.size() - begin;
    if (sizes[i] > left) {
      reader->Fail();
      return {};
    }
    sample.customers_.push_back({KeyedDraw(sample.seed_, sample.round_, hashes[i]), hashes[i], begin, sizes[i]});
    begin += sizes[i];
  }
  if (hashes.size() != sizes.size() || begin != sample.bytes_.size()) {
    reader->Fail();
    return {};
  }
  if (sample.capacity_ > 0 && sample.size() >= sample.capacity_) sample.draw_max_ = sample.customers_.back().draw;
  return sample;
}

bool KeyedRows::operator==(const KeyedRows& other) const {
  if (seed_ != other.seed_ || round_ != other.round_ || capacity_ != other.capacity_ || size() != other.size()) {
    return false;
  }
  for (size_t i = 0; i < size(); ++i) {
    if (hash(i) != other.hash(i) || rows(i) != other.rows(i)) return false;
  }
  return true;
}

}  // namespace strata

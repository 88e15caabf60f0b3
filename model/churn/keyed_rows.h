// A uniform sample of customers, each with all of its rows, that does not depend on shards, workers or order: every
// customer draws a number from (seed, purpose, hash), and the lowest `capacity` draws stay (bottom-k sampling). Rows
// are bytes, whose meaning is the caller's. Equal draws are ordered by hash, then by bytes. Merging is exact.
// Plain values; not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "model/statistics/keyed_sample.h"

namespace strata {

class KeyedRows {
 public:
  KeyedRows() = default;  // the neutral element of Merge
  // `customers`: how many there are in all shards, at least, where that is known (DrawBound). Precondition: capacity > 0.
  KeyedRows(uint64_t seed, DrawPurpose purpose, uint32_t capacity, int64_t customers = 0);

  // True when the customer may be in the sample: lets the caller skip making its rows. Never false for one that is.
  bool Wants(uint64_t hash) const { return KeyedDraw(seed_, round_, hash) <= draw_max_; }
  void Add(uint64_t hash, std::string_view rows);
  // Keeps the lowest draws of both. Samples to be merged have the same seed, purpose and capacity.
  void Merge(const KeyedRows& other);

  // Customers in ascending (draw, hash, bytes). Precondition: a Merge, Decode or Sort came after the last Add.
  void Sort();
  size_t size() const { return customers_.size(); }
  uint64_t hash(size_t i) const { return customers_[i].hash; }
  std::string_view rows(size_t i) const { return BytesOf(customers_[i]); }

  // Of a sorted sample.
  void Encode(ByteWriter* writer) const;
  static KeyedRows Decode(ByteReader* reader);
  // By what is in the sample, in its order.
  bool operator==(const KeyedRows& other) const;

 private:
  struct Customer {
    uint64_t draw = 0, hash = 0;
    uint64_t begin = 0, size = 0;  // in bytes_
  };
  std::string_view BytesOf(const Customer& customer) const {
    return std::string_view(bytes_).substr(customer.begin, customer.size);
  }
  void Append(const KeyedRows& from, const Customer& customer);

  uint64_t seed_ = 0;
  uint64_t round_ = 0;
  uint32_t capacity_ = 0;
  uint64_t draw_max_ = ~uint64_t{0};  // customers above cannot be in the sample
  std::vector<Customer> customers_;
  std::string bytes_;
};

}  // namespace strata

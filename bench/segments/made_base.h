// A made-up base for bench/segments: columns of customers, and the rows of their purchases. The same for equal numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/column_type.h"
#include "base/date.h"

namespace strata {

inline constexpr Day kMadeAsOf = 20'000;
inline constexpr size_t kMadeShards = 64;

struct MadeColumn {
  std::string name;
  ColumnType type = ColumnType::kInteger;
  std::vector<int64_t> whole;
  std::vector<double> number;
  std::vector<int32_t> code;
  std::vector<std::string> words;
};

// Customers as a base of a shop has them: most buy seldom, some things are not known of everybody.
std::vector<MadeColumn> MakeColumns(size_t customers);
// Ids by customer, in every shard's slice as a shard has them: ascending by (hash, id).
std::vector<std::string> MakeIds(size_t customers);

struct MadeEvent {
  uint32_t customer = 0;
  Day day = 0;
  int64_t net = 0, quantity = 0;  // micros, millionths
  int32_t category = -1;
};
// By customer.
std::vector<MadeEvent> MakeEvents(size_t customers, size_t rows);
std::string CategoryName(int32_t category);

size_t SliceBegin(size_t customers, size_t shard);  // shard kMadeShards: the end

void WriteColumns(const std::vector<MadeColumn>& columns, const std::vector<std::string>& ids, const std::string& path);
void WriteEvents(const std::vector<MadeEvent>& events, const std::vector<std::string>& ids, const std::string& path);

}  // namespace strata

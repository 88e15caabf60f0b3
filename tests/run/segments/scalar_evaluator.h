// What a condition means, a customer and a node at a time: slow and obvious, so that faster evaluators and the parser
// are compared with it. SQL's three-valued logic by the definitions of docs/segments.md. Pure; thread-safe.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "run/segments/condition.h"
#include "run/segments/node.h"

namespace strata {

// By the type of the node: whole, number or text (run/segments/node.h); ids by their hash.
struct ScalarValue {
  bool null = true;
  int64_t whole = 0;
  double number = 0;
  std::string text = {};
};
ScalarValue WholeValue(int64_t whole);
ScalarValue NumberValue(double number);
ScalarValue TextValue(std::string text);
ScalarValue KeyValue(const std::string& id);

using ScalarRow = std::map<std::string, ScalarValue>;  // what is not there is null

struct ScalarEvent {
  std::optional<Day> day;  // nullopt: the row has no date
  int minute = 0;
  ScalarRow values = {};  // "category", "products.brand"
};

struct ScalarCustomer {
  ScalarRow columns = {};
  std::map<std::string, std::vector<ScalarEvent>> events = {};  // by table
};

struct ScalarBase {
  Day as_of = 0;
  std::vector<ScalarCustomer> customers;
};

// By segment, by customer. Percentiles are taken over the base. OUT_OF_RANGE (SEGMENT_OVERFLOW) names the segment.
absl::StatusOr<std::map<std::string, std::vector<bool>>> ScalarMembers(const std::vector<Condition>& conditions,
                                                                       const ScalarBase& base);

}  // namespace strata

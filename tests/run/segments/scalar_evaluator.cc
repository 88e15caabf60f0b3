#include "tests/run/segments/scalar_evaluator.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "base/hash.h"
#include "base/int128.h"
#include "base/utf8.h"

namespace strata {
namespace {

using Percentiles = std::map<PercentileTarget, ScalarValue>;
using Result = absl::StatusOr<ScalarValue>;

constexpr double kMicros = 1e6;
constexpr int64_t kMinutesPerDay = 24 * 60;

ScalarValue FlagOf(bool flag) { return WholeValue(flag ? 1 : 0); }
bool IsTrue(const ScalarValue& value) { return !value.null && value.whole != 0; }

absl::Status Overflow() {
  return MakeError(absl::StatusCode::kOutOfRange, "SEGMENT_OVERFLOW", "a value does not fit its type");
}

Result Fitting(Int128 whole) {
  const bool fits = whole > std::numeric_limits<int64_t>::min() && whole <= std::numeric_limits<int64_t>::max();
  if (!fits) return Overflow();
  return WholeValue(static_cast<int64_t>(whole));
}

Result Fitting(double number) {
  if (!std::isfinite(number)) return Overflow();
  return NumberValue(number);
}

// -1, 0, 1 as a is before, equal to or behind b.
int Order(ColumnType type, bool is_key, const ScalarValue& a, const ScalarValue& b) {
  if (type == ColumnType::kText && !is_key) return a.text < b.text ? -1 : (a.text == b.text ? 0 : 1);
  if (type == ColumnType::kNumber) return a.number < b.number ? -1 : (a.number == b.number ? 0 : 1);
  return a.whole < b.whole ? -1 : (a.whole == b.whole ? 0 : 1);
}

// LIKE by trying every length that % may have.
bool IsLike(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '%') {
    for (size_t skipped = 0; skipped <= text.size(); ++skipped) {
      if (IsLike(text.substr(skipped), pattern.substr(1))) return true;
    }
    return false;
  }
  if (text.empty()) return false;
  const size_t width = pattern[0] == '_' ? Utf8SequenceBytes(text, 0) : 1;
  if (pattern[0] != '_' && pattern[0] != text[0]) return false;
  return width > 0 && IsLike(text.substr(width), pattern.substr(1));
}

// One customer, outside of selects (`event` null) or at one row of a select.
class Evaluator {
 public:
  Evaluator(const ScalarBase& base, const ScalarCustomer& customer, const Percentiles& percentiles,
            const std::set<std::string>& member_of)
      : base_(base), customer_(customer), percentiles_(percentiles), member_of_(member_of) {}

  Result Evaluate(const Node& node, const ScalarEvent* event) const {
    switch (node.kind) {
      case NodeKind::kLiteral:
        return Literal(node);
      case NodeKind::kColumn:
        return Column(node, event);
      case NodeKind::kToday:
        return WholeValue(base_.as_of);
      case NodeKind::kPercentile:
        return percentiles_.at({node.text, node.whole});
      case NodeKind::kSegment:
        return FlagOf(member_of_.contains(node.text));
      case NodeKind::kAggregate:
        return Select(node);
      default:
        break;
    }
    std::vector<ScalarValue> values;
    for (const NodePtr& operand : node.operands) {
      STRATA_ASSIGN_OR_RETURN(ScalarValue value, Evaluate(*operand, event));
      values.push_back(std::move(value));
    }
    return node.type == ColumnType::kFlag && node.kind != NodeKind::kCoalesce ? Predicate(node, values)
                                                                              : Value(node, values);
  }

 private:
  static ScalarValue Literal(const Node& node) {
    ScalarValue value;
    value.null = false;
    value.whole = node.whole;
    value.number = node.number;
    value.text = node.text;
    return value;
  }

  Result Column(const Node& node, const ScalarEvent* event) const {
    if (event != nullptr && node.text == "day") return event->day ? WholeValue(*event->day) : ScalarValue();
    if (event != nullptr && node.text == "days_ago") {
      return event->day ? WholeValue(int64_t{base_.as_of} - *event->day) : ScalarValue();
    }
    if (event != nullptr && node.text == "minute") return WholeValue(event->minute);
    const ScalarRow& row = event == nullptr ? customer_.columns : event->values;
    const auto found = row.find(node.text);
    if (found == row.end()) return ScalarValue();
    ScalarValue value = found->second;
    if (node.stored == Stored::kMinutes && !value.null) {
      const int64_t before = value.whole < 0 && value.whole % kMinutesPerDay != 0 ? 1 : 0;
      value.whole = value.whole / kMinutesPerDay - before;
    }
    return value;
  }

  static Result Convert(const Node& node, const ScalarValue& value) {
    const ColumnType from = node.operands[0]->type;
    if (node.type != ColumnType::kNumber) return Fitting(Int128{value.whole} * 1'000'000);
    const double whole = static_cast<double>(value.whole);
    return NumberValue(from == ColumnType::kInteger ? whole : whole / kMicros);
  }

  static Result Value(const Node& node, const std::vector<ScalarValue>& values) {
    if (node.kind == NodeKind::kCoalesce) {
      const auto known = std::find_if(values.begin(), values.end(), [](const auto& value) { return !value.null; });
      return known == values.end() ? ScalarValue() : *known;
    }
    for (const ScalarValue& value : values) {
      if (value.null) return ScalarValue();
    }
    const ScalarValue& a = values.front();
    const ScalarValue& b = values.back();
    const bool number = node.type == ColumnType::kNumber;
    switch (node.kind) {
      case NodeKind::kConvert:
        return Convert(node, a);
      case NodeKind::kNegate:
        return number ? Fitting(-a.number) : Fitting(-Int128{a.whole});
      case NodeKind::kAbsolute:
        return number ? Fitting(std::fabs(a.number)) : Fitting(a.whole < 0 ? -Int128{a.whole} : Int128{a.whole});
      case NodeKind::kAdd:
        return number ? Fitting(a.number + b.number) : Fitting(Int128{a.whole} + b.whole);
      case NodeKind::kSubtract:
        return number ? Fitting(a.number - b.number) : Fitting(Int128{a.whole} - b.whole);
      case NodeKind::kMultiply:
        return number ? Fitting(a.number * b.number) : Fitting(Int128{a.whole} * b.whole);
      case NodeKind::kDivide:
        return b.number == 0 ? Result(ScalarValue()) : Fitting(a.number / b.number);
      default:
        return absl::InternalError("no value");
    }
  }

  static Result Logic(const Node& node, const std::vector<ScalarValue>& values) {
    if (node.kind == NodeKind::kNot) return values[0].null ? ScalarValue() : FlagOf(values[0].whole == 0);
    // TRUE decides OR and FALSE decides AND, whatever is unknown beside them.
    const bool deciding = node.kind == NodeKind::kOr;
    bool unknown = false;
    for (const ScalarValue& value : values) {
      if (value.null) {
        unknown = true;
      } else if ((value.whole != 0) == deciding) {
        return FlagOf(deciding);
      }
    }
    return unknown ? ScalarValue() : FlagOf(!deciding);
  }

  static Result Predicate(const Node& node, const std::vector<ScalarValue>& values) {
    if (node.kind == NodeKind::kAnd || node.kind == NodeKind::kOr || node.kind == NodeKind::kNot) {
      return Logic(node, values);
    }
    if (node.kind == NodeKind::kIsNull) return FlagOf(values[0].null);
    for (const ScalarValue& value : values) {
      if (value.null) return ScalarValue();
    }
    if (node.kind == NodeKind::kLike) return FlagOf(IsLike(values[0].text, node.text));
    const Node& first = *node.operands[0];
    const auto order = [&](size_t i) { return Order(first.type, first.stored == Stored::kKey, values[0], values[i]); };
    switch (node.kind) {
      case NodeKind::kEqual:
        return FlagOf(order(1) == 0);
      case NodeKind::kNotEqual:
        return FlagOf(order(1) != 0);
      case NodeKind::kLess:
        return FlagOf(order(1) < 0);
      case NodeKind::kLessEqual:
        return FlagOf(order(1) <= 0);
      case NodeKind::kGreater:
        return FlagOf(order(1) > 0);
      case NodeKind::kGreaterEqual:
        return FlagOf(order(1) >= 0);
      default:
        break;
    }
    bool listed = false;  // kIn
    for (size_t i = 1; i < values.size(); ++i) listed = listed || order(i) == 0;
    return FlagOf(listed);
  }

  Result Select(const Node& node) const {
    std::vector<ScalarValue> selected;  // of the rows that count
    const auto events = customer_.events.find(node.table);
    if (events != customer_.events.end()) {
      for (const ScalarEvent& event : events->second) {
        if (event.day.has_value() && *event.day > base_.as_of) continue;
        if (node.where != nullptr) {
          STRATA_ASSIGN_OR_RETURN(const ScalarValue counts, Evaluate(*node.where, &event));
          if (!IsTrue(counts)) continue;
        }
        ScalarValue value = FlagOf(true);
        if (node.argument != nullptr) {
          STRATA_ASSIGN_OR_RETURN(value, Evaluate(*node.argument, &event));
        }
        if (!value.null) selected.push_back(std::move(value));
      }
    }
    if (node.aggregate == Aggregate::kExists) return FlagOf(!selected.empty());
    if (node.aggregate == Aggregate::kCountRows || node.aggregate == Aggregate::kCount) {
      return WholeValue(static_cast<int64_t>(selected.size()));
    }
    return Summary(node, std::move(selected));
  }

  static Result Summary(const Node& node, std::vector<ScalarValue> values) {
    const Node& argument = *node.argument;
    const bool is_key = argument.stored == Stored::kKey;
    const auto before = [&](const auto& a, const auto& b) { return Order(argument.type, is_key, a, b) < 0; };
    const auto same = [&](const auto& a, const auto& b) { return Order(argument.type, is_key, a, b) == 0; };
    if (node.aggregate == Aggregate::kCountDistinct) {
      std::sort(values.begin(), values.end(), before);
      return WholeValue(std::unique(values.begin(), values.end(), same) - values.begin());
    }
    if (values.empty()) return ScalarValue();
    if (node.aggregate == Aggregate::kMin) return *std::min_element(values.begin(), values.end(), before);
    if (node.aggregate == Aggregate::kMax) return *std::max_element(values.begin(), values.end(), before);
    Int128 whole = 0;
    double number = 0;
    for (const ScalarValue& value : values) {
      whole += value.whole;
      number += value.number;
    }
    const auto count = static_cast<double>(values.size());
    const bool is_number = argument.type == ColumnType::kNumber;
    if (node.aggregate == Aggregate::kSum) return is_number ? Fitting(number) : Fitting(whole);
    const double unit = argument.type == ColumnType::kInteger ? 1 : kMicros;
    return is_number ? Fitting(number / count) : Fitting(ToDouble(whole) / (count * unit));
  }

  const ScalarBase& base_;
  const ScalarCustomer& customer_;
  const Percentiles& percentiles_;
  const std::set<std::string>& member_of_;
};

void FindTypes(const Node& node, std::map<PercentileTarget, ColumnType>* types) {
  if (node.kind == NodeKind::kPercentile) types->emplace(PercentileTarget(node.text, node.whole), node.type);
  for (const NodePtr& operand : node.operands) FindTypes(*operand, types);
}

// The smallest value that at least the share of all known ones are not above; null where none is known.
ScalarValue PercentileOf(const ScalarBase& base, const PercentileTarget& target, ColumnType type) {
  std::vector<ScalarValue> values;
  for (const ScalarCustomer& customer : base.customers) {
    const auto found = customer.columns.find(target.first);
    if (found != customer.columns.end() && !found->second.null) values.push_back(found->second);
  }
  if (values.empty()) return {};
  std::sort(values.begin(), values.end(), [&](const auto& a, const auto& b) { return Order(type, false, a, b) < 0; });
  for (size_t i = 0; i < values.size(); ++i) {
    if (Int128(i + 1) * 1'000'000 >= Int128(target.second) * Int128(values.size())) return values[i];
  }
  return values.back();
}

}  // namespace

ScalarValue WholeValue(int64_t whole) { return {.null = false, .whole = whole}; }
ScalarValue NumberValue(double number) { return {.null = false, .number = number}; }
ScalarValue TextValue(std::string text) { return {.null = false, .text = std::move(text)}; }
ScalarValue KeyValue(const std::string& id) { return WholeValue(std::bit_cast<int64_t>(Hash64(id))); }

absl::StatusOr<std::map<std::string, std::vector<bool>>> ScalarMembers(const std::vector<Condition>& conditions,
                                                                       const ScalarBase& base) {
  std::map<PercentileTarget, ColumnType> types;
  for (const Condition& condition : conditions) FindTypes(*condition.root, &types);
  Percentiles percentiles;
  for (const auto& [target, type] : types) percentiles.emplace(target, PercentileOf(base, target, type));
  std::map<std::string, std::vector<bool>> members;
  for (const ScalarCustomer& customer : base.customers) {
    std::set<std::string> member_of;
    for (const Condition& condition : conditions) {
      const Evaluator evaluator(base, customer, percentiles, member_of);
      const Result value = evaluator.Evaluate(*condition.root, nullptr);
      if (!value.ok()) return WithContext(value.status(), condition.name);
      if (IsTrue(*value)) member_of.insert(condition.name);
      members[condition.name].push_back(IsTrue(*value));
    }
  }
  return members;
}

}  // namespace strata

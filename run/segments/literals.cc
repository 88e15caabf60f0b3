#include <fmt/format.h>

#include <charconv>
#include <string>
#include <system_error>

#include "run/segments/typing.h"

namespace strata {
namespace {

constexpr size_t kDecimals = 6;  // of micros and millionths

template <typename T>
bool Parse(std::string_view digits, T* value) {
  const char* end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, *value);
  return error == std::errc() && rest == end;
}

Node Literal(ColumnType type, SourcePosition position) {
  Node node;
  node.kind = NodeKind::kLiteral;
  node.type = type;
  node.position = position;
  return node;
}

}  // namespace

absl::StatusOr<NodePtr> NumberLiteral(std::string_view digits, SourcePosition position) {
  Node node = Literal(ColumnType::kNumber, position);
  const auto too_large = [&](std::string_view allowed) {
    return ConditionError(position, fmt::format("found {}; allowed: {}", digits, allowed));
  };
  if (!Parse(digits, &node.number)) return too_large("numbers from 2.3e-308 to 1.7e308, and 0");
  const bool exponent = digits.find_first_of("eE") != std::string_view::npos;
  const size_t point = digits.find('.');
  if (!exponent && point == std::string_view::npos) {
    node.type = ColumnType::kInteger;
    if (!Parse(digits, &node.whole)) return too_large("integers up to 9223372036854775807");
  } else if (!exponent) {
    std::string fraction(digits.substr(point + 1));
    fraction.erase(fraction.find_last_not_of('0') + 1);
    if (fraction.size() <= kDecimals) {
      node.type = ColumnType::kShare;
      fraction.append(kDecimals - fraction.size(), '0');
      const std::string micros = std::string(digits.substr(0, point)) + fraction;
      if (!Parse(micros, &node.whole)) return too_large("decimals up to 9223372036854.775807");
    }
  }
  return NodePtr(std::make_shared<const Node>(std::move(node)));
}

NodePtr TextLiteral(std::string_view text, SourcePosition position) {
  Node node = Literal(ColumnType::kText, position);
  node.text = std::string(text);
  return std::make_shared<const Node>(std::move(node));
}

NodePtr DayLiteral(Day day, SourcePosition position) {
  Node node = Literal(ColumnType::kDay, position);
  node.whole = day;
  return std::make_shared<const Node>(std::move(node));
}

NodePtr FlagLiteral(bool value, SourcePosition position) {
  Node node = Literal(ColumnType::kFlag, position);
  node.whole = value ? 1 : 0;
  return std::make_shared<const Node>(std::move(node));
}

}  // namespace strata

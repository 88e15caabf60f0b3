#include "tests/run/segments/random_conditions.h"

#include <fmt/format.h>

#include <utility>

namespace strata {
namespace {

constexpr Day kAsOf = 20'000;
constexpr int64_t kUnit = 1'000'000;

}  // namespace

std::string_view RandomConditions::OneOf(std::initializer_list<std::string_view> choices) {
  return *(choices.begin() + Below(choices.size()));
}

std::string RandomConditions::Condition(int depth) { return Flag(depth); }

std::string RandomConditions::Flag(int depth) {
  if (depth <= 0 || Chance(25)) return Simple(depth);
  const std::string a = Flag(depth - 1);
  switch (Below(4)) {
    case 0:
      return fmt::format("({} AND {})", a, Flag(depth - 1));
    case 1:
      return fmt::format("({} OR {})", a, Flag(depth - 1));
    case 2:
      return fmt::format("NOT ({})", a);
    default:
      return fmt::format("({} AND {} OR {})", a, Flag(depth - 1), Flag(depth - 1));
  }
}

std::string RandomConditions::Simple(int depth) {
  const std::string_view sign = OneOf({"=", "<>", "<", "<=", ">", ">="});
  const std::string_view maybe_not = OneOf({"", "NOT "});
  switch (Below(9)) {
    case 0:
      return fmt::format("{} {}BETWEEN {} AND {}", Numeric(depth), maybe_not, Numeric(0), Numeric(0));
    case 1:
      return fmt::format("{} {}IN ({}, {}, {})", Numeric(depth), maybe_not, Literal(), Literal(), Literal());
    case 2:
      return fmt::format("{} {}IN ('tea', 'B', '')", Text(), maybe_not);
    case 3:
      return fmt::format("{} {}LIKE '{}'", Text(), maybe_not, OneOf({"%", "t%", "%a", "_ea", "%e%", "t_a%", ""}));
    case 4:
      return fmt::format("{} IS {}NULL", Chance(50) ? Numeric(depth) : Text(), maybe_not);
    case 5:
      return fmt::format("{} {} {}", Text(), sign, Text());
    case 6:
      return fmt::format("{} {} {}", Date(), sign, Date());
    case 7:
      return in_select_ ? "is_return" : std::string(OneOf({"no_purchase", "customers.consent", "TRUE", "FALSE"}));
    default:
      break;
  }
  if (!in_select_ && Chance(30)) return fmt::format("{} {} {}", Select(depth), sign, Literal());
  return fmt::format("{} {} {}", Numeric(depth), sign, Numeric(depth - 1));
}

std::string RandomConditions::Text() {
  if (Chance(15)) return fmt::format("coalesce({}, 'coffee')", in_select_ ? "category" : "main_category");
  return std::string(in_select_ ? OneOf({"category", "products.brand"}) : OneOf({"main_category"}));
}

std::string RandomConditions::Literal() {
  return std::string(OneOf({"0", "1", "2", "3", "-1", "0.5", "-2.25", "10", "1e1", "0.000001", "100"}));
}

std::string RandomConditions::Numeric(int depth) {
  if (depth <= 0 || Chance(50)) {
    if (Chance(25)) return Literal();
    if (in_select_) return std::string(OneOf({"net", "quantity", "days_ago", "minute"}));
    return std::string(OneOf({"net", "margin", "purchase_days", "rows", "p_alive", "completeness"}));
  }
  const std::string a = Numeric(depth - 1);
  switch (Below(in_select_ ? 7 : 9)) {
    case 0:
      return fmt::format("({} + {})", a, Numeric(depth - 1));
    case 1:
      return fmt::format("({} - {})", a, Numeric(depth - 1));
    case 2:
      return fmt::format("{} * {}", a, OneOf({"2", "3", "0.5", "-1"}));
    case 3:
      return fmt::format("({} / {})", a, Numeric(depth - 1));
    case 4:
      return fmt::format("abs({})", a);
    case 5:
      return fmt::format("coalesce({}, {})", a, Numeric(depth - 1));
    case 6:
      return fmt::format("-({})", a);  // two signs in a row begin a comment
    case 7:
      return Select(depth);
    default:
      return fmt::format("percentile_disc({}, {})", OneOf({"net", "margin", "rows", "p_alive"}),
                         OneOf({"0", "0.25", "0.5", "0.9", "0.999999", "1"}));
  }
}

std::string RandomConditions::Date() {
  const std::string_view own = in_select_ ? OneOf({"day", "due_date"}) : OneOf({"last_day"});
  switch (Below(4)) {
    case 0:
      return "CURRENT_DATE";
    case 1:
      return fmt::format("CURRENT_DATE - {}", Below(200));
    case 2:
      return fmt::format("{} + {}", own, Below(40));
    default:
      return std::string(own);
  }
}

std::string RandomConditions::Select(int depth) {
  in_select_ = true;
  std::string head(OneOf({"count(*)", "count(category)", "count(DISTINCT category)", "count(DISTINCT order_id)"}));
  if (Chance(60)) head = fmt::format("{}({})", OneOf({"sum", "min", "max", "avg"}), Numeric(1));
  const std::string where = Chance(75) ? " WHERE " + Flag(depth < 2 ? depth : 2) : "";
  in_select_ = false;
  return fmt::format("(SELECT {} FROM transactions{})", head, where);
}

ScalarEvent RandomConditions::Event(bool is_case) {
  ScalarEvent event;
  if (!Chance(3)) event.day = kAsOf + 5 - static_cast<Day>(Below(200));
  event.minute = static_cast<int>(Below(1440));
  if (is_case) {
    event.values["kind"] = TextValue(std::string(OneOf({"opinion", "complaint", "consultation"})));
    return event;
  }
  const int64_t net = (static_cast<int64_t>(Below(60)) - 10) * kUnit / 2;
  event.values["net"] = WholeValue(net);
  event.values["is_return"] = WholeValue(net < 0 ? 1 : 0);
  event.values["order_id"] = KeyValue(fmt::to_string(Below(5)));
  if (Chance(80)) event.values["quantity"] = WholeValue(static_cast<int64_t>(Below(8)) * kUnit / 4);
  if (Chance(80)) event.values["category"] = TextValue(std::string(OneOf({"tea", "coffee", "B", "tomato"})));
  if (Chance(80)) event.values["products.brand"] = TextValue(std::string(OneOf({"tea", "Oak"})));
  if (Chance(80)) event.values["due_date"] = WholeValue(kAsOf - static_cast<Day>(Below(60)));
  return event;
}

ScalarCustomer RandomConditions::Customer() {
  ScalarCustomer customer;
  ScalarRow& row = customer.columns;
  row["rows"] = WholeValue(static_cast<int64_t>(Below(6)));
  row["no_purchase"] = WholeValue(static_cast<int64_t>(Below(2)));
  row["net"] = WholeValue((static_cast<int64_t>(Below(40)) - 5) * kUnit / 4);
  if (Chance(80)) row["margin"] = WholeValue((static_cast<int64_t>(Below(40)) - 20) * kUnit / 4);
  if (Chance(80)) row["purchase_days"] = WholeValue(static_cast<int64_t>(Below(5)));
  if (Chance(80)) row["p_alive"] = NumberValue(static_cast<double>(Below(9)) / 8);
  if (Chance(80)) row["completeness"] = WholeValue(static_cast<int64_t>(Below(5)) * kUnit / 4);
  if (Chance(80)) row["last_day"] = WholeValue(kAsOf - static_cast<Day>(Below(200)));
  if (Chance(80)) row["main_category"] = TextValue(std::string(OneOf({"tea", "coffee", "B", ""})));
  if (Chance(80)) row["grade"] = TextValue(std::string(OneOf({"A", "B", "C", "D"})));
  if (Chance(50)) row["customers.consent"] = WholeValue(static_cast<int64_t>(Below(2)));
  for (uint64_t rows = Below(8); rows > 0; --rows) customer.events["transactions"].push_back(Event(false));
  for (uint64_t rows = Below(3); rows > 0; --rows) customer.events["cases"].push_back(Event(true));
  return customer;
}

ScalarBase RandomConditions::Base(size_t customers) {
  ScalarBase base;
  base.as_of = kAsOf;
  for (size_t i = 0; i < customers; ++i) base.customers.push_back(Customer());
  return base;
}

}  // namespace strata

#include "wire/outlooks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "strata/v1/outlook.pb.h"
#include "strata/v1/score_service.pb.h"
#include "wire/dates.h"
#include "wire/errors.h"

namespace strata {
namespace {

using Domain = CustomerOutlook;
using One = v1::Outlook;
using Many = v1::OutlookColumns;

struct NumberField {
  double Domain::*member;
  bool (One::*has)() const;
  float (One::*get)() const;
  void (One::*set)(float);
  const google::protobuf::RepeatedField<float>& (Many::*column)() const;
  google::protobuf::RepeatedField<float>* (Many::*mutable_column)();
};

#define STRATA_NUMBER(name) \
  NumberField { &Domain::name, &One::has_##name, &One::name, &One::set_##name, &Many::name, &Many::mutable_##name }
constexpr std::array kNumbers = {STRATA_NUMBER(p_alive_low),
                                 STRATA_NUMBER(p_alive_high),
                                 STRATA_NUMBER(expected_purchases_low),
                                 STRATA_NUMBER(expected_purchases_high),
                                 STRATA_NUMBER(p_no_purchase_low),
                                 STRATA_NUMBER(p_no_purchase_high),
                                 STRATA_NUMBER(expected_spend_low),
                                 STRATA_NUMBER(expected_spend_high),
                                 STRATA_NUMBER(lifetime_value_low),
                                 STRATA_NUMBER(lifetime_value_high),
                                 STRATA_NUMBER(lifetime_value_by_period),
                                 STRATA_NUMBER(residual_value),
                                 STRATA_NUMBER(overdue_ratio),
                                 STRATA_NUMBER(p_silence),
                                 STRATA_NUMBER(predicted_spend_low),
                                 STRATA_NUMBER(predicted_spend_high),
                                 STRATA_NUMBER(predicted_value_low),
                                 STRATA_NUMBER(predicted_value_high)};
#undef STRATA_NUMBER

struct DayField {
  bool (One::*has)() const;
  const v1::NextPurchase& (One::*get)() const;
  v1::NextPurchase* (One::*set)();
  const google::protobuf::RepeatedField<int32_t>& (Many::*column)() const;
  google::protobuf::RepeatedField<int32_t>* (Many::*mutable_column)();
};

#define STRATA_DAY(name) \
  DayField { &One::has_##name, &One::name, &One::mutable_##name, &Many::name, &Many::mutable_##name }
constexpr std::array kDays = {STRATA_DAY(next_purchase_10), STRATA_DAY(next_purchase_50), STRATA_DAY(next_purchase_90)};
#undef STRATA_DAY

struct CountField {
  int32_t Domain::*member;
  bool (One::*has)() const;
  int32_t (One::*get)() const;
  void (One::*set)(int32_t);
  const google::protobuf::RepeatedField<int32_t>& (Many::*column)() const;
  google::protobuf::RepeatedField<int32_t>* (Many::*mutable_column)();
};

#define STRATA_COUNT(name) \
  CountField { &Domain::name, &One::has_##name, &One::name, &One::set_##name, &Many::name, &Many::mutable_##name }
constexpr std::array kCounts = {STRATA_COUNT(predicted_purchases_low), STRATA_COUNT(predicted_purchases_high)};
#undef STRATA_COUNT

absl::Status Invalid(std::string_view what) { return AnswerInvalid("outlook", what); }

bool IsDay(int32_t day) {
  return day >= ToDay({.year = kFirstYear}) && day <= ToDay({.year = kLastYear, .month = 12, .day = 31});
}

void FillDay(Day day, v1::NextPurchase* message) {
  if (day == kNeverDay) {
    message->set_never(true);
  } else if (day == kBeyondDay) {
    message->set_beyond(true);
  } else {
    FillDate(day, message->mutable_date());
  }
}

absl::StatusOr<Day> ReadDay(const v1::NextPurchase& message) {
  if (message.never() + message.beyond() + message.has_date() != 1) {
    return Invalid("a next purchase must have a date, be never, or be beyond");
  }
  if (message.never()) return kNeverDay;
  if (message.beyond()) return kBeyondDay;
  const auto day = ReadDate(message.date(), "date");
  if (!day.ok()) return Invalid(StdView(day.status().message()));
  return *day;
}

template <typename Column, typename Absent>
bool SaysNothing(const Column& column, Absent absent) {
  return std::all_of(column.begin(), column.end(), absent);
}

}  // namespace

void FillOutlook(const CustomerOutlook& outlook, double interval_level, v1::Score* message) {
  v1::Outlook* one = message->mutable_outlook();
  bool known = false;
  for (const NumberField& field : kNumbers) {
    const auto value = static_cast<float>(outlook.*field.member);
    if (std::isnan(value)) continue;
    (one->*field.set)(value);
    known = true;
  }
  for (size_t i = 0; i < kDays.size(); ++i) {
    if (outlook.next_purchase.at(i) == kUnknownDay) continue;
    FillDay(outlook.next_purchase.at(i), (one->*kDays.at(i).set)());
    known = true;
  }
  for (const CountField& field : kCounts) {
    if (outlook.*field.member < 0) continue;
    (one->*field.set)(outlook.*field.member);
    known = true;
  }
  if (!known) return message->clear_outlook();
  if (interval_level > 0) one->set_interval(interval_level);
}

absl::StatusOr<CustomerOutlook> ReadOutlook(const v1::Outlook& message) {
  CustomerOutlook outlook;
  for (const NumberField& field : kNumbers) {
    if ((message.*field.has)()) outlook.*field.member = (message.*field.get)();
  }
  for (size_t i = 0; i < kDays.size(); ++i) {
    if (!(message.*kDays.at(i).has)()) continue;
    STRATA_ASSIGN_OR_RETURN(outlook.next_purchase.at(i), ReadDay((message.*kDays.at(i).get)()));
  }
  for (const CountField& field : kCounts) {
    if (!(message.*field.has)()) continue;
    const int32_t count = (message.*field.get)();
    if (count < 0) return Invalid(fmt::format("{} purchases", count));
    outlook.*field.member = count;
  }
  return outlook;
}

void AppendOutlook(const CustomerOutlook& outlook, v1::OutlookColumns* columns) {
  for (const NumberField& field : kNumbers) {
    (columns->*field.mutable_column)()->Add(static_cast<float>(outlook.*field.member));
  }
  for (size_t i = 0; i < kDays.size(); ++i) {
    (columns->*kDays.at(i).mutable_column)()->Add(outlook.next_purchase.at(i));
  }
  for (const CountField& field : kCounts) (columns->*field.mutable_column)()->Add(outlook.*field.member);
}

void FinishOutlookColumns(double interval_level, v1::ScoreColumns* columns) {
  v1::OutlookColumns* many = columns->mutable_outlook();
  bool known = false;
  const auto finish = [&known](auto* column, auto absent) {
    if (SaysNothing(*column, absent)) {
      column->Clear();
    } else {
      known = true;
    }
  };
  for (const NumberField& field : kNumbers) {
    finish((many->*field.mutable_column)(), [](float value) { return std::isnan(value); });
  }
  for (const DayField& field : kDays) {
    finish((many->*field.mutable_column)(), [](int32_t day) { return day == kUnknownDay; });
  }
  for (const CountField& field : kCounts) {
    finish((many->*field.mutable_column)(), [](int32_t count) { return count < 0; });
  }
  if (!known) return columns->clear_outlook();
  if (interval_level > 0) many->set_interval(interval_level);
}

absl::Status CheckOutlookColumns(const v1::OutlookColumns& columns, int rows) {
  const auto fits = [rows](const auto& column) { return column.empty() || column.size() == rows; };
  bool all_fit = true;
  for (const NumberField& field : kNumbers) all_fit = all_fit && fits((columns.*field.column)());
  for (const DayField& field : kDays) {
    const auto& column = (columns.*field.column)();
    all_fit = all_fit && fits(column);
    for (const int32_t day : column) {
      if (!IsDay(day)) return Invalid(fmt::format("a next purchase on day {}", day));
    }
  }
  for (const CountField& field : kCounts) {
    const auto& column = (columns.*field.column)();
    all_fit = all_fit && fits(column);
    for (const int32_t count : column) {
      if (count < -1) return Invalid(fmt::format("{} purchases", count));
    }
  }
  return all_fit ? absl::OkStatus() : Invalid("its columns differ in length from those of the scores");
}

CustomerOutlook OutlookInColumns(const v1::OutlookColumns& columns, int row) {
  CustomerOutlook outlook;
  for (const NumberField& field : kNumbers) {
    const auto& column = (columns.*field.column)();
    if (!column.empty()) outlook.*field.member = column[row];
  }
  for (size_t i = 0; i < kDays.size(); ++i) {
    const auto& column = (columns.*kDays.at(i).column)();
    if (!column.empty()) outlook.next_purchase.at(i) = column[row];
  }
  for (const CountField& field : kCounts) {
    const auto& column = (columns.*field.column)();
    if (!column.empty()) outlook.*field.member = column[row];
  }
  return outlook;
}

}  // namespace strata

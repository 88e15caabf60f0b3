// JSON objects from and to structs by one list of fields: VisitFields(visit, value) calls visit(name, member) for every
// member, and JsonWriter and JsonReader are what it may be called with. So both directions know the same fields.
// Integers are exact; doubles come back bit by bit (what JSON has no number for is a text); unknown, missing and
// ill-typed fields are errors that name the place. Only .cc files of data/snapshot and data/reports include this. Not
// thread-safe.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/date.h"
#include "base/hash.h"
#include "base/int128.h"
#include "base/status.h"
#include "model/fitted_models.h"

namespace strata {

using Json = nlohmann::ordered_json;  // keeps the order of fields, so equal values have equal bytes

// `T`, const or not: VisitFields serves writing and reading.
template <typename M, typename T>
concept Maybe = std::same_as<std::remove_const_t<M>, T>;

class JsonWriter {
 public:
  template <typename T>
  void operator()(const char* name, const T& value) {
    object_[name] = Write(value);
  }
  // Left out where it has no value, as in texts of before the field existed.
  template <typename T>
  void OptionalField(const char* name, const std::optional<T>& value) {
    if (value.has_value()) object_[name] = Write(*value);
  }
  void HexField(const char* name, uint64_t value) { object_[name] = Hex(value); }
  // By its place in `names`.
  template <typename E, size_t N>
  void NamedField(const char* name, E value, const std::array<std::string_view, N>& names) {
    object_[name] = names[static_cast<size_t>(value)];
  }
  void DateField(const char* name, Day value) { object_[name] = FormatDay(value); }
  // Left out where it is empty.
  void OptionalField(const char* name, const std::string& value) {
    if (!value.empty()) object_[name] = value;
  }
  Json Take() { return std::move(object_); }

  static Json Write(bool value) { return value; }
  static Json Write(double value);
  static Json Write(const std::string& value) { return value; }
  static Json Write(Grade value) { return Name(value); }
  static Json Write(LifetimeKind value) { return Name(value); }
  static Json Write(Int128 value) { return ToString(value); }  // text: JSON numbers end at 64 bits
  template <std::integral T>
  static Json Write(T value) {
    return value;
  }
  template <typename T>
  static Json Write(const std::optional<T>& value) {
    return value.has_value() ? Write(*value) : Json(nullptr);
  }
  template <typename A, typename B>
  static Json Write(const std::pair<A, B>& value) {
    return Json::array({Write(value.first), Write(value.second)});
  }
  template <typename T>
  static Json Write(const std::vector<T>& values) {
    Json array = Json::array();
    for (const T& value : values) array.push_back(Write(value));
    return array;
  }
  template <typename T, size_t N>
  static Json Write(const std::array<T, N>& values) {
    return Write(std::vector<T>(values.begin(), values.end()));
  }
  template <typename T>
  static Json Write(const std::map<std::string, T>& values) {
    Json object = Json::object();
    for (const auto& [name, value] : values) object[name] = Write(value);
    return object;
  }
  template <typename T>
  requires std::is_class_v<T>
  static Json Write(const T& value) {
    JsonWriter writer;
    VisitFields(writer, value);
    return writer.Take();
  }

 private:
  Json object_ = Json::object();
};

class JsonReader {
 public:
  // `object` must outlive the reader; `place` is what messages begin with ("models/lifetime.json").
  JsonReader(const Json& object, std::string place);

  template <typename T>
  void operator()(const char* name, T& value) {
    const Json* found = Field(name);
    if (found != nullptr) Keep(Read(*found, PlaceOf(name), &value));
  }
  template <typename T>
  void OptionalField(const char* name, std::optional<T>& value) {
    value.reset();
    if (object_.contains(name)) (*this)(name, value.emplace());
  }
  void HexField(const char* name, uint64_t& value);
  template <typename E, size_t N>
  void NamedField(const char* name, E& value, const std::array<std::string_view, N>& names) {
    std::string text;
    (*this)(name, text);
    const auto found = std::find(names.begin(), names.end(), text);
    if (found != names.end()) {
      value = static_cast<E>(found - names.begin());
    } else {
      Keep(Unexpected(text, PlaceOf(name), fmt::format("{}", fmt::join(names, ", "))));
    }
  }
  void DateField(const char* name, Day& value);
  // Empty where there is none: for what older writers did not know.
  void OptionalField(const char* name, std::string& value) {
    if (object_.is_object() && object_.contains(name)) (*this)(name, value);
  }
  // The first error, or that there are fields nobody asked for.
  absl::Status Finish();

  static absl::Status Read(const Json& json, const std::string& place, bool* value);
  static absl::Status Read(const Json& json, const std::string& place, double* value);
  static absl::Status Read(const Json& json, const std::string& place, std::string* value);
  static absl::Status Read(const Json& json, const std::string& place, Grade* value);
  static absl::Status Read(const Json& json, const std::string& place, LifetimeKind* value);
  static absl::Status Read(const Json& json, const std::string& place, Int128* value);
  template <std::integral T>
  static absl::Status Read(const Json& json, const std::string& place, T* value) {
    const bool fits = json.is_number_unsigned()  ? std::in_range<T>(json.get<uint64_t>())
                      : json.is_number_integer() ? std::in_range<T>(json.get<int64_t>())
                                                 : false;
    if (!fits) return Unexpected(json, place, fmt::format("an integer of {} bits", 8 * sizeof(T)));
    *value = json.get<T>();
    return absl::OkStatus();
  }
  template <typename T>
  static absl::Status Read(const Json& json, const std::string& place, std::optional<T>* value) {
    if (json.is_null()) {
      value->reset();
      return absl::OkStatus();
    }
    return Read(json, place, &value->emplace());
  }
  template <typename A, typename B>
  static absl::Status Read(const Json& json, const std::string& place, std::pair<A, B>* value) {
    if (!json.is_array() || json.size() != 2) return Unexpected(json, place, "a pair");
    STRATA_RETURN_IF_ERROR(Read(json[0], place, &value->first));
    return Read(json[1], place, &value->second);
  }
  template <typename T>
  static absl::Status Read(const Json& json, const std::string& place, std::vector<T>* values) {
    if (!json.is_array()) return Unexpected(json, place, "an array");
    values->clear();
    values->resize(json.size());
    for (size_t i = 0; i < json.size(); ++i) {
      STRATA_RETURN_IF_ERROR(Read(json[i], fmt::format("{}[{}]", place, i), &(*values)[i]));
    }
    return absl::OkStatus();
  }
  template <typename T, size_t N>
  static absl::Status Read(const Json& json, const std::string& place, std::array<T, N>* values) {
    if (!json.is_array() || json.size() != N) return Unexpected(json, place, fmt::format("an array of {}", N));
    for (size_t i = 0; i < N; ++i) STRATA_RETURN_IF_ERROR(Read(json[i], place, &(*values)[i]));
    return absl::OkStatus();
  }
  template <typename T>
  static absl::Status Read(const Json& json, const std::string& place, std::map<std::string, T>* values) {
    if (!json.is_object()) return Unexpected(json, place, "an object");
    values->clear();
    for (const auto& [name, value] : json.items()) {
      STRATA_RETURN_IF_ERROR(Read(value, fmt::format("{}.{}", place, name), &(*values)[name]));
    }
    return absl::OkStatus();
  }
  template <typename T>
  requires std::is_class_v<T>
  static absl::Status Read(const Json& json, const std::string& place, T* value) {
    JsonReader reader(json, place);
    VisitFields(reader, *value);
    return reader.Finish();
  }

  // DATA_LOSS (SNAPSHOT_CORRUPT): what was found, what is allowed.
  static absl::Status Unexpected(const Json& found, const std::string& place, std::string_view allowed);

 private:
  const Json* Field(const char* name);  // null, and an error kept, when it is missing
  std::string PlaceOf(const char* name) const { return fmt::format("{}: {}", place_, name); }
  void Keep(absl::Status status) {
    if (status_.ok()) status_ = std::move(status);
  }

  const Json& object_;
  std::string place_;
  size_t asked_ = 0;
  absl::Status status_;
};

// Text of an object with `format_version` first, `indent` blanks a level, on one line for -1. A version other than
// `version` is FAILED_PRECONDITION (FORMAT_UNKNOWN).
std::string JsonText(int version, Json object, int indent = 2);
absl::StatusOr<Json> ParseJsonObject(int version, std::string_view text, const std::string& place);

}  // namespace strata

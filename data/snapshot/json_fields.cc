#include "data/snapshot/json_fields.h"

#include <limits>

namespace strata {
namespace {

constexpr char kVersionField[] = "format_version";
constexpr size_t kFoundCharacters = 60;  // of a value in a message
constexpr char kNan[] = "nan";
constexpr char kInfinity[] = "inf";
constexpr char kMinusInfinity[] = "-inf";
constexpr std::string_view kNanBits = "nan:";  // then 16 hexadecimal digits: a NaN other than the usual one

absl::Status Corrupt(const std::string& message) {
  return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT", message);
}

bool ParseHex(std::string_view text, uint64_t* value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value, 16);
  return text.size() == 16 && error == std::errc() && end == text.data() + text.size() && Hex(*value) == text;
}

}  // namespace

Json JsonWriter::Write(double value) {
  if (std::isfinite(value)) return value;
  if (std::isinf(value)) return value > 0 ? kInfinity : kMinusInfinity;
  const auto bits = std::bit_cast<uint64_t>(value);
  if (bits == std::bit_cast<uint64_t>(std::numeric_limits<double>::quiet_NaN())) return kNan;
  return std::string(kNanBits) + Hex(bits);
}

JsonReader::JsonReader(const Json& object, std::string place) : object_(object), place_(std::move(place)) {
  if (!object_.is_object()) status_ = Unexpected(object_, place_, "an object");
}

const Json* JsonReader::Field(const char* name) {
  if (!object_.is_object()) return nullptr;
  const auto found = object_.find(name);
  if (found == object_.end()) {
    Keep(Corrupt(fmt::format("{} is missing", PlaceOf(name))));
    return nullptr;
  }
  ++asked_;
  return &*found;
}

void JsonReader::HexField(const char* name, uint64_t& value) {
  const Json* found = Field(name);
  if (found == nullptr) return;
  if (!found->is_string() || !ParseHex(found->get_ref<const std::string&>(), &value)) {
    Keep(Unexpected(*found, PlaceOf(name), "16 lower-case hexadecimal digits as text"));
  }
}

void JsonReader::DateField(const char* name, Day& value) {
  const Json* found = Field(name);
  if (found == nullptr) return;
  const absl::StatusOr<Day> day = ParseDay(found->is_string() ? found->get_ref<const std::string&>() : "");
  if (!day.ok()) {
    Keep(Unexpected(*found, PlaceOf(name), "a date YYYY-MM-DD as text"));
    return;
  }
  value = *day;
}

absl::Status JsonReader::Finish() {
  if (status_.ok() && asked_ != object_.size()) {
    return Corrupt(fmt::format("{} has {} fields, known are {}", place_, object_.size(), asked_));
  }
  return status_;
}

absl::Status JsonReader::Read(const Json& json, const std::string& place, bool* value) {
  if (!json.is_boolean()) return Unexpected(json, place, "true or false");
  *value = json.get<bool>();
  return absl::OkStatus();
}

absl::Status JsonReader::Read(const Json& json, const std::string& place, double* value) {
  if (json.is_number()) {
    *value = json.get<double>();
    return absl::OkStatus();
  }
  const std::string text = json.is_string() ? json.get<std::string>() : "";
  uint64_t bits = 0;
  if (text == kInfinity || text == kMinusInfinity) {
    *value = text == kInfinity ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
  } else if (text == kNan) {
    *value = std::numeric_limits<double>::quiet_NaN();
  } else if (text.starts_with(kNanBits) && ParseHex(std::string_view(text).substr(kNanBits.size()), &bits) &&
             std::isnan(std::bit_cast<double>(bits))) {
    *value = std::bit_cast<double>(bits);
  } else {
    return Unexpected(json, place, "a number, or \"nan\", \"inf\" or \"-inf\"");
  }
  return absl::OkStatus();
}

absl::Status JsonReader::Read(const Json& json, const std::string& place, std::string* value) {
  if (!json.is_string()) return Unexpected(json, place, "a text");
  *value = json.get<std::string>();
  return absl::OkStatus();
}

absl::Status JsonReader::Read(const Json& json, const std::string& place, Grade* value) {
  for (const Grade grade : {Grade::kNone, Grade::kA, Grade::kB, Grade::kC, Grade::kD}) {
    if (json == Name(grade)) {
      *value = grade;
      return absl::OkStatus();
    }
  }
  return Unexpected(json, place, "\"A\", \"B\", \"C\", \"D\" or \"\"");
}

absl::Status JsonReader::Read(const Json& json, const std::string& place, LifetimeKind* value) {
  const std::optional<LifetimeKind> kind = LifetimeKindOf(json.is_string() ? json.get<std::string>() : "");
  if (!kind.has_value()) return Unexpected(json, place, "the name of a lifetime model");
  *value = *kind;
  return absl::OkStatus();
}

absl::Status JsonReader::Read(const Json& json, const std::string& place, Int128* value) {
  const std::optional<Int128> number = ParseInt128(json.is_string() ? json.get<std::string>() : "");
  if (!number.has_value()) return Unexpected(json, place, "a whole number of at most 128 bits as text");
  *value = *number;
  return absl::OkStatus();
}

absl::Status JsonReader::Unexpected(const Json& found, const std::string& place, std::string_view allowed) {
  std::string text = found.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > kFoundCharacters) text = text.substr(0, kFoundCharacters) + "...";
  return Corrupt(fmt::format("{} is {}, allowed is {}", place, text, allowed));
}

std::string JsonText(int version, Json object, int indent) {
  Json result = Json::object();
  result[kVersionField] = version;
  for (auto& [name, value] : object.items()) result[name] = std::move(value);
  return result.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

absl::StatusOr<Json> ParseJsonObject(int version, std::string_view text, const std::string& place) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object()) return Corrupt(place + ": not a JSON object");
  const auto found = json.find(kVersionField);
  if (found == json.end() || !found->is_number_integer()) return Corrupt(place + ": format_version is missing");
  if (*found != version) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FORMAT_UNKNOWN",
                     fmt::format("{}: format version {}, this build reads {}", place, found->dump(), version));
  }
  json.erase(found);
  return json;
}

}  // namespace strata

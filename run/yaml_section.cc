#include "run/yaml_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "run/nearest_name.h"

namespace strata {
namespace {

constexpr size_t kShownBytes = 80;  // of a wrong value in a message
constexpr int64_t kOneInMillionths = 1'000'000;
constexpr size_t kMillionthsDecimals = 6;

absl::Status JobInvalid(std::string_view file, int line, std::string_view key, std::string_view problem) {
  const std::string place = key.empty() ? "" : fmt::format("{}: ", key);
  return MakeError(absl::StatusCode::kInvalidArgument, "JOB_INVALID",
                   fmt::format("{}:{}: {}{}", file, line, place, problem),
                   {{"file", std::string(file)}, {"line", fmt::format("{}", line)}, {"key", std::string(key)}});
}

std::string Describe(const YAML::Node& node) {
  if (node.IsNull()) return "no value";
  if (node.IsMap()) return "a mapping";
  if (node.IsSequence()) return "a list";
  const std::string& text = node.Scalar();
  return text.size() <= kShownBytes ? fmt::format("'{}'", text) : fmt::format("'{}…'", text.substr(0, kShownBytes));
}

std::string Joined(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

template <typename Number>
bool ParseWhole(const std::string& text, Number* value) {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, *value);
  return error == std::errc() && rest == end;
}

// A number from 0 with at most six decimals.
std::optional<int64_t> ParseMillionths(const std::string& text) {
  const size_t point = text.find('.');
  const std::string whole = text.substr(0, point);
  std::string decimals = point == std::string::npos ? "0" : text.substr(point + 1);
  if (decimals.empty() || decimals.size() > kMillionthsDecimals) return std::nullopt;
  decimals.resize(kMillionthsDecimals, '0');
  uint32_t ones = 0;
  uint32_t parts = 0;
  if (!ParseWhole(whole, &ones) || !ParseWhole(decimals, &parts)) return std::nullopt;
  return int64_t{ones} * kOneInMillionths + parts;
}

std::string MillionthsUpTo(int64_t max) {
  return fmt::format("a number from 0 to {} with at most {} decimals",
                     static_cast<double>(max) / static_cast<double>(kOneInMillionths), kMillionthsDecimals);
}

}  // namespace

absl::StatusOr<YamlSection> YamlSection::ParseFile(std::string_view yaml, std::string_view file_name,
                                                   const std::vector<std::string>& known_keys) {
  const std::string file(file_name);
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(yaml));
    if (documents.size() != 1) {
      return JobInvalid(file, 1, "", fmt::format("found {} YAML documents; allowed: one", documents.size()));
    }
    YamlSection section(file, "", 1);
    STRATA_RETURN_IF_ERROR(section.Fill(documents[0], &known_keys));
    return section;
  } catch (const YAML::Exception& error) {
    return JobInvalid(file, std::max(0, error.mark.line) + 1, "", fmt::format("not valid YAML: {}", error.msg));
  }
}

absl::Status YamlSection::Fill(const YAML::Node& node, const std::vector<std::string>* known_keys) {
  if (node.IsNull() && !path_.empty()) return absl::OkStatus();
  if (!node.IsMap()) {
    const std::string keys = known_keys == nullptr ? "" : " with the keys " + Joined(*known_keys);
    return JobInvalid(file_, line_, path_, fmt::format("found {}; allowed: a mapping{}", Describe(node), keys));
  }
  for (const auto& entry : node) {
    const YAML::Node& key_node = entry.first;
    const int line = key_node.Mark().line + 1;
    if (!key_node.IsScalar()) {
      return JobInvalid(file_, line, path_, fmt::format("found {} as a key; allowed: a name", Describe(key_node)));
    }
    const std::string& key = key_node.Scalar();
    if (known_keys != nullptr && std::find(known_keys->begin(), known_keys->end(), key) == known_keys->end()) {
      return JobInvalid(
          file_, line, PathOf(key),
          fmt::format("unknown key{}; known keys: {}", DidYouMean(key, *known_keys), Joined(*known_keys)));
    }
    if (values_.contains(key)) {
      return JobInvalid(file_, line, PathOf(key),
                        fmt::format("the key is given twice, first on line {}; allowed: once", lines_[key]));
    }
    values_.emplace(key, entry.second);
    lines_.emplace(key, line);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<YamlSection>> YamlSection::Section(const std::string& key,
                                                                const std::vector<std::string>& known_keys) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return std::nullopt;
  YamlSection section(file_, PathOf(key), LineOf(key));
  STRATA_RETURN_IF_ERROR(section.Fill(found->second, &known_keys));
  return section;
}

absl::StatusOr<std::optional<YamlSection>> YamlSection::OpenSection(const std::string& key, std::string_view allowed,
                                                                    size_t max) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return std::nullopt;
  if (!found->second.IsMap() || found->second.size() == 0) return Invalid(key, allowed);
  if (found->second.size() > max) {
    return Problem(key, fmt::format("found {} entries; allowed: {} at most", found->second.size(), max));
  }
  YamlSection section(file_, PathOf(key), LineOf(key));
  STRATA_RETURN_IF_ERROR(section.Fill(found->second, nullptr));
  for (const auto& entry : section.values_) {
    if (entry.first.find_first_not_of(" \t\r\n") == std::string::npos) {
      return Problem(key, fmt::format("found a blank key; allowed: {}", allowed));
    }
  }
  return section;
}

bool YamlSection::IsMapping(const std::string& key) const {
  const auto found = values_.find(key);
  return found != values_.end() && found->second.IsMap();
}

std::vector<std::string> YamlSection::keys() const {
  std::vector<std::string> keys;
  for (const auto& entry : values_) keys.push_back(entry.first);
  return keys;
}

int YamlSection::LineOf(const std::string& key) const {
  const auto found = lines_.find(key);
  return found == lines_.end() ? line_ : found->second;
}

absl::Status YamlSection::Invalid(const std::string& key, std::string_view allowed) const {
  const auto found = values_.find(key);
  const std::string what = found == values_.end() ? "nothing" : Describe(found->second);
  return Problem(key, fmt::format("found {}; allowed: {}", what, allowed));
}

absl::Status YamlSection::Problem(const std::string& key, std::string_view problem) const {
  return JobInvalid(file_, LineOf(key), PathOf(key), problem);
}

absl::Status YamlSection::Require(const std::string& key, std::string_view allowed) const {
  if (Has(key)) return absl::OkStatus();
  return Problem(key, fmt::format("the key is missing; allowed: {}", allowed));
}

absl::StatusOr<std::string> YamlSection::Scalar(const std::string& key, std::string_view allowed) const {
  const auto found = values_.find(key);
  if (found == values_.end() || !found->second.IsScalar()) return Invalid(key, allowed);
  return found->second.Scalar();
}

absl::Status YamlSection::ReadText(const std::string& key, std::string* value) const {
  if (!Has(key)) return absl::OkStatus();
  constexpr std::string_view kAllowed = "a text that is not blank";
  STRATA_ASSIGN_OR_RETURN(std::string text, Scalar(key, kAllowed));
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return Invalid(key, kAllowed);
  *value = std::move(text);
  return absl::OkStatus();
}

template <typename Integer>
absl::Status YamlSection::ReadInteger(const std::string& key, Integer min, Integer max, Integer* value) const {
  if (!Has(key)) return absl::OkStatus();
  const std::string allowed = fmt::format("a whole number from {} to {}", min, max);
  STRATA_ASSIGN_OR_RETURN(const std::string text, Scalar(key, allowed));
  Integer number = 0;
  if (!ParseWhole(text, &number) || number < min || number > max) return Invalid(key, allowed);
  *value = number;
  return absl::OkStatus();
}

template absl::Status YamlSection::ReadInteger(const std::string&, int, int, int*) const;
template absl::Status YamlSection::ReadInteger(const std::string&, int64_t, int64_t, int64_t*) const;
template absl::Status YamlSection::ReadInteger(const std::string&, uint32_t, uint32_t, uint32_t*) const;
template absl::Status YamlSection::ReadInteger(const std::string&, uint64_t, uint64_t, uint64_t*) const;

absl::Status YamlSection::ReadNumber(const std::string& key, double min, double max, double* value) const {
  if (!Has(key)) return absl::OkStatus();
  const std::string allowed = fmt::format("a number from {} to {}", min, max);
  STRATA_ASSIGN_OR_RETURN(const std::string text, Scalar(key, allowed));
  double number = 0;
  if (!ParseWhole(text, &number) || !std::isfinite(number) || number < min || number > max) {
    return Invalid(key, allowed);
  }
  *value = number;
  return absl::OkStatus();
}

absl::Status YamlSection::ReadMillionths(const std::string& key, int64_t max, int64_t* millionths) const {
  if (!Has(key)) return absl::OkStatus();
  const std::string allowed = MillionthsUpTo(max);
  STRATA_ASSIGN_OR_RETURN(const std::string text, Scalar(key, allowed));
  const std::optional<int64_t> number = ParseMillionths(text);
  if (!number.has_value() || *number > max) return Invalid(key, allowed);
  *millionths = *number;
  return absl::OkStatus();
}

absl::Status YamlSection::ReadMillionthsList(const std::string& key, size_t size, int64_t max,
                                             std::vector<int64_t>* millionths) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return absl::OkStatus();
  const std::string allowed = fmt::format("a list of {} numbers, each {}", size, MillionthsUpTo(max));
  const YAML::Node& node = found->second;
  if (!node.IsSequence()) return Invalid(key, allowed);
  if (node.size() != size) return Problem(key, fmt::format("found {} numbers; allowed: {}", node.size(), allowed));
  std::vector<int64_t> numbers;
  for (const YAML::Node& item : node) {
    const std::optional<int64_t> number = item.IsScalar() ? ParseMillionths(item.Scalar()) : std::nullopt;
    if (!number.has_value() || *number > max) {
      return Problem(key, fmt::format("found {} in the list; allowed: {}", Describe(item), allowed));
    }
    numbers.push_back(*number);
  }
  *millionths = std::move(numbers);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<YamlSection>> YamlSection::Items(const std::string& key, size_t max,
                                                            const std::vector<std::string>& known_keys,
                                                            const std::string& short_for) const {
  std::vector<YamlSection> items;
  const auto found = values_.find(key);
  if (found == values_.end()) return items;
  const std::string allowed =
      fmt::format("a list of 1 to {} of {}, or mappings with the keys {}", max, short_for, Joined(known_keys));
  const YAML::Node& node = found->second;
  if (!node.IsSequence() || node.size() == 0) return Invalid(key, allowed);
  if (node.size() > max) return Problem(key, fmt::format("found {} items; allowed: {}", node.size(), allowed));
  for (const YAML::Node& item : node) {
    const int line = item.Mark().line + 1;
    YamlSection& section =
        items.emplace_back(YamlSection(file_, fmt::format("{}[{}]", PathOf(key), items.size() + 1), line));
    if (item.IsScalar()) {
      section.values_.emplace(short_for, item);
      section.lines_.emplace(short_for, line);
    } else if (item.IsMap()) {
      STRATA_RETURN_IF_ERROR(section.Fill(item, &known_keys));
    } else {
      return Problem(key, fmt::format("found {} in the list; allowed: {}", Describe(item), allowed));
    }
  }
  return items;
}

absl::Status YamlSection::ReadFlag(const std::string& key, bool* value) const {
  if (!Has(key)) return absl::OkStatus();
  size_t index = 0;
  STRATA_RETURN_IF_ERROR(ReadChoice(key, {"false", "true"}, &index));
  *value = index == 1;
  return absl::OkStatus();
}

absl::Status YamlSection::ReadTexts(const std::string& key, size_t max, std::vector<std::string>* values) const {
  const auto found = values_.find(key);
  if (found == values_.end()) return absl::OkStatus();
  const std::string allowed = fmt::format("a list of 1 to {} texts that are not blank", max);
  const YAML::Node& node = found->second;
  if (!node.IsSequence() || node.size() == 0 || node.size() > max) return Invalid(key, allowed);
  std::vector<std::string> texts;
  for (const YAML::Node& item : node) {
    if (!item.IsScalar() || item.Scalar().find_first_not_of(" \t\r\n") == std::string::npos) {
      return Problem(key, fmt::format("found {} in the list; allowed: {}", Describe(item), allowed));
    }
    texts.push_back(item.Scalar());
  }
  *values = std::move(texts);
  return absl::OkStatus();
}

absl::Status YamlSection::ReadChoice(const std::string& key, const std::vector<std::string>& allowed,
                                     size_t* index) const {
  if (!Has(key)) return absl::OkStatus();
  STRATA_ASSIGN_OR_RETURN(const std::string text, Scalar(key, Joined(allowed)));
  const auto found = std::find(allowed.begin(), allowed.end(), text);
  if (found == allowed.end()) return Invalid(key, Joined(allowed) + DidYouMean(text, allowed));
  *index = static_cast<size_t>(found - allowed.begin());
  return absl::OkStatus();
}

}  // namespace strata

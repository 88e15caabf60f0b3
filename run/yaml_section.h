// A strict view of one mapping of a YAML file: known keys only, no duplicates, every value checked against what is
// allowed. Every error is INVALID_ARGUMENT (JOB_INVALID) and names file, line, key path, what was found and what is
// allowed. Each Read method leaves the target untouched when the key is absent. Not thread-safe.
#pragma once

#include <yaml-cpp/yaml.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace strata {

class YamlSection {
 public:
  // The only document of a file, as a mapping. Syntax errors included.
  static absl::StatusOr<YamlSection> ParseFile(std::string_view yaml, std::string_view file_name,
                                               const std::vector<std::string>& known_keys);

  // The mapping at `key`. An absent key is nullopt; `key:` without a value is an empty mapping.
  absl::StatusOr<std::optional<YamlSection>> Section(const std::string& key,
                                                     const std::vector<std::string>& known_keys) const;

  // The mapping at `key` whose keys are of the writer's own choosing: 1 to `max` of them, none blank. An absent key is
  // nullopt. `allowed` says what is expected there.
  absl::StatusOr<std::optional<YamlSection>> OpenSection(const std::string& key, std::string_view allowed,
                                                         size_t max) const;

  bool Has(const std::string& key) const { return values_.contains(key); }
  bool IsMapping(const std::string& key) const;
  int LineOf(const std::string& key) const;  // of the key in the file; of this mapping where it has no such key
  std::vector<std::string> keys() const;     // ascending

  // Error unless the key is there.
  absl::Status Require(const std::string& key, std::string_view allowed) const;
  // A text that is not blank.
  absl::Status ReadText(const std::string& key, std::string* value) const;
  template <typename Integer>  // a whole number from `min` to `max`
  absl::Status ReadInteger(const std::string& key, Integer min, Integer max, Integer* value) const;
  // A number from `min` to `max`, both included.
  absl::Status ReadNumber(const std::string& key, double min, double max, double* value) const;
  // A number from 0 to `max` millionths with at most six decimals, as whole millionths: exactly what is written.
  absl::Status ReadMillionths(const std::string& key, int64_t max, int64_t* millionths) const;
  // true or false.
  absl::Status ReadFlag(const std::string& key, bool* value) const;
  // A list of `size` such numbers.
  absl::Status ReadMillionthsList(const std::string& key, size_t size, int64_t max,
                                  std::vector<int64_t>* millionths) const;
  // A list of 1 to `max` mappings with known keys; an item that is a text stands for {`short_for`: text}. The path of
  // the second one is "key[2]".
  absl::StatusOr<std::vector<YamlSection>> Items(const std::string& key, size_t max,
                                                 const std::vector<std::string>& known_keys,
                                                 const std::string& short_for) const;
  // A list of 1 to `max` texts that are not blank.
  absl::Status ReadTexts(const std::string& key, size_t max, std::vector<std::string>* values) const;
  // One of `allowed`; `index` is its place.
  absl::Status ReadChoice(const std::string& key, const std::vector<std::string>& allowed, size_t* index) const;

  // "file:line: path.key: found ...; allowed: ...", for rules that this class does not know.
  absl::Status Invalid(const std::string& key, std::string_view allowed) const;
  // "file:line: path.key: problem".
  absl::Status Problem(const std::string& key, std::string_view problem) const;

 private:
  YamlSection(std::string file, std::string path, int line)
      : file_(std::move(file)), path_(std::move(path)), line_(line) {}
  // `known_keys`: null where any key will do.
  absl::Status Fill(const YAML::Node& node, const std::vector<std::string>* known_keys);
  absl::StatusOr<std::string> Scalar(const std::string& key, std::string_view allowed) const;
  std::string PathOf(const std::string& key) const { return path_.empty() ? key : path_ + "." + key; }

  std::string file_;
  std::string path_;  // of this mapping, empty at the top
  int line_ = 1;
  std::map<std::string, YAML::Node> values_;
  std::map<std::string, int> lines_;  // of the keys
};

extern template absl::Status YamlSection::ReadInteger(const std::string&, int, int, int*) const;
extern template absl::Status YamlSection::ReadInteger(const std::string&, int64_t, int64_t, int64_t*) const;
extern template absl::Status YamlSection::ReadInteger(const std::string&, uint32_t, uint32_t, uint32_t*) const;
extern template absl::Status YamlSection::ReadInteger(const std::string&, uint64_t, uint64_t, uint64_t*) const;

}  // namespace strata

#include "model/clustering/feature_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

#include "base/hash.h"
#include "model/columns.h"

namespace strata {
namespace {

constexpr double kMillion = 1e6;  // micros and millionths
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

struct FeatureSource {
  std::string_view name;
  double (*value)(const CustomerColumns& of, size_t row);
};
double Days(const CustomerColumns& of, Day day) { return static_cast<double>(of.as_of - day); }
double Money(int64_t micros) { return static_cast<double>(micros) / kMillion; }

// Every name of IsFeatureColumn.
constexpr FeatureSource kSources[] = {
    {"recency_days", [](const CustomerColumns& of, size_t row) { return Days(of, of.last_day[row]); }},
    {"tenure_days", [](const CustomerColumns& of, size_t row) { return Days(of, of.first_day[row]); }},
    {"net_per_purchase_day",
     [](const CustomerColumns& of, size_t row) { return Money(of.net_micros[row]) / of.purchase_days[row]; }},
    {"return_share", [](const CustomerColumns& of,
                        size_t row) { return static_cast<double>(of.return_rows[row]) / std::max(of.rows[row], 1); }},
    {"first_day", [](const CustomerColumns& of, size_t row) { return Days(of, of.first_day[row]); }},
    {"last_day", [](const CustomerColumns& of, size_t row) { return Days(of, of.last_day[row]); }},
    {"first_purchase_date", [](const CustomerColumns& of, size_t row) { return Days(of, of.first_day[row]); }},
    {"last_purchase_date", [](const CustomerColumns& of, size_t row) { return Days(of, of.last_day[row]); }},
    {"purchase_days", [](const CustomerColumns& of, size_t row) { return static_cast<double>(of.purchase_days[row]); }},
    {"rows", [](const CustomerColumns& of, size_t row) { return static_cast<double>(of.rows[row]); }},
    {"return_rows", [](const CustomerColumns& of, size_t row) { return static_cast<double>(of.return_rows[row]); }},
    {"net", [](const CustomerColumns& of, size_t row) { return Money(of.net_micros[row]); }},
    {"net_micros", [](const CustomerColumns& of, size_t row) { return static_cast<double>(of.net_micros[row]); }},
    {"repeat_net_micros",
     [](const CustomerColumns& of, size_t row) { return static_cast<double>(of.repeat_net_micros[row]); }},
    {"purchase_days_30",
     [](const CustomerColumns& of, size_t row) { return static_cast<double>(of.purchase_days_30[row]); }},
    {"purchase_days_90",
     [](const CustomerColumns& of, size_t row) { return static_cast<double>(of.purchase_days_90[row]); }},
    {"purchase_days_180",
     [](const CustomerColumns& of, size_t row) { return static_cast<double>(of.purchase_days_180[row]); }},
    {"purchase_days_365",
     [](const CustomerColumns& of, size_t row) { return static_cast<double>(of.purchase_days_365[row]); }},
    {"net_micros_90", [](const CustomerColumns& of, size_t row) { return static_cast<double>(of.net_micros_90[row]); }},
    {"net_micros_365",
     [](const CustomerColumns& of, size_t row) { return static_cast<double>(of.net_micros_365[row]); }},
    {"squared_gap_days",
     [](const CustomerColumns& of, size_t row) { return static_cast<double>(of.squared_gap_days[row]); }},
};

absl::Status NoColumn(const std::string& column, std::string_view wanted) {
  return MakeError(absl::StatusCode::kInvalidArgument, "CLUSTERING_COLUMN",
                   fmt::format("clustering: customers have no column '{}' of {}", column, wanted),
                   {{"column", column}});
}

const Column* FindColumn(const ShardFeatures& shard, const std::string& name) {
  return shard.profile == nullptr ? nullptr : shard.profile->Find(name);
}

double ValueOf(const Column& column, Day as_of, size_t row) {
  if (column.type == ColumnType::kNumber) return std::isnan(column.number[row]) ? kMissing : column.number[row];
  const int64_t whole = column.whole[row];
  if (whole == kNoWhole) return kMissing;
  switch (column.type) {
    case ColumnType::kMoney:
    case ColumnType::kShare:
      return static_cast<double>(whole) / kMillion;
    case ColumnType::kDay:
      return static_cast<double>(as_of - whole);
    default:
      return static_cast<double>(whole);
  }
}

absl::StatusOr<std::vector<double>> ReadNumbers(const std::string& name, const ShardFeatures& shard,
                                                std::span<const uint32_t> rows) {
  std::vector<double> values;
  values.reserve(rows.size());
  const auto source = std::find_if(std::begin(kSources), std::end(kSources),
                                   [&name](const FeatureSource& of) { return of.name == name; });
  if (source != std::end(kSources)) {
    for (const uint32_t row : rows) values.push_back(source->value(shard.today, row));
  } else {
    const Column* const column = FindColumn(shard, name);
    if (column == nullptr || column->type == ColumnType::kText) return NoColumn(name, "numbers");
    for (const uint32_t row : rows) values.push_back(ValueOf(*column, shard.today.as_of, row));
  }
  for (size_t i = 0; i < values.size(); ++i) {
    if (!(std::fabs(values[i]) > kRawMax)) continue;
    const std::string hash = Hex(shard.today.hash[rows[i]]);
    return MakeError(absl::StatusCode::kInvalidArgument, "CLUSTERING_NOT_FINITE",
                     fmt::format("clustering: column '{}' of the customer with hash {}: found {}; allowed: finite "
                                 "numbers from -2^62 to 2^62, or none",
                                 name, hash, values[i]),
                     {{"column", name}, {"hash", hash}});
  }
  return values;
}

absl::StatusOr<const Column*> WordsColumn(const CategoryFeature& category, const ShardFeatures& shard) {
  const Column* const column = FindColumn(shard, category.column);
  if (column == nullptr || column->type != ColumnType::kText) return NoColumn(category.column, "words");
  return column;
}

absl::StatusOr<std::vector<uint8_t>> ReadCodes(const CategoryFeature& category, const ShardFeatures& shard,
                                               std::span<const uint32_t> rows) {
  STRATA_ASSIGN_OR_RETURN(const Column* const column, WordsColumn(category, shard));
  std::vector<uint8_t> code_of_word;
  code_of_word.reserve(column->words.size());
  for (const std::string& word : column->words) code_of_word.push_back(category.CodeOf(word));
  const uint8_t none = category.CodeOf(kNoWord);
  std::vector<uint8_t> codes;
  codes.reserve(rows.size());
  for (const uint32_t row : rows) {
    const int32_t word = column->code[row];
    codes.push_back(word < 0 ? none : code_of_word[static_cast<size_t>(word)]);
  }
  return codes;
}

int64_t CountMissing(const std::vector<double>& values) {
  return std::count_if(values.begin(), values.end(), [](double value) { return std::isnan(value); });
}

template <typename T>
void KeepRows(const std::vector<uint8_t>& keep, std::vector<T>* values) {
  size_t kept = 0;
  for (size_t i = 0; i < values->size(); ++i) {
    if (keep[i] != 0) (*values)[kept++] = (*values)[i];
  }
  values->resize(kept);
}

}  // namespace

absl::StatusOr<RawValues> RawValues::Of(const ClusterSpace& space, const ShardFeatures& shard) {
  RawValues made;
  for (size_t row = 0; row < shard.today.size(); ++row) {
    if (shard.today.purchase_days[row] > 0) made.row_.push_back(static_cast<uint32_t>(row));
  }
  std::vector<uint8_t> keep(made.row_.size(), 1);
  bool excludes = false;
  for (const NumericFeature& feature : space.numeric) {
    STRATA_ASSIGN_OR_RETURN(std::vector<double> values, ReadNumbers(feature.column, shard, made.row_));
    made.absent_.push_back(CountMissing(values));
    if (feature.missing == MissingRule::kExclude && made.absent_.back() > 0) {
      for (size_t i = 0; i < values.size(); ++i) keep[i] &= std::isnan(values[i]) ? 0 : 1;
      excludes = true;
    }
    made.numeric_.push_back(std::move(values));
  }
  if (excludes) {
    for (std::vector<double>& values : made.numeric_) KeepRows(keep, &values);
    KeepRows(keep, &made.row_);
  }
  for (const CategoryFeature& category : space.categories) {
    STRATA_ASSIGN_OR_RETURN(std::vector<uint8_t> codes, ReadCodes(category, shard, made.row_));
    made.codes_.push_back(std::move(codes));
  }
  if (!space.weight_column.empty()) {
    STRATA_ASSIGN_OR_RETURN(made.raw_weight_, ReadNumbers(space.weight_column, shard, made.row_));
    for (const double weight : made.raw_weight_) made.weights_.push_back(space.WeightOf(weight));
  }
  return made;
}

RawValues RawValues::OfColumns(const ClusterSpace& space, std::vector<std::vector<double>> numeric,
                               std::vector<std::vector<uint8_t>> codes, std::vector<double> weight) {
  RawValues made;
  made.numeric_ = std::move(numeric);
  made.codes_ = std::move(codes);
  made.raw_weight_ = std::move(weight);
  const size_t rows = !made.numeric_.empty() ? made.numeric_[0].size()
                      : !made.codes_.empty() ? made.codes_[0].size()
                                             : made.raw_weight_.size();
  for (size_t i = 0; i < rows; ++i) made.row_.push_back(static_cast<uint32_t>(i));
  for (const std::vector<double>& values : made.numeric_) made.absent_.push_back(CountMissing(values));
  for (const double value : made.raw_weight_) made.weights_.push_back(space.WeightOf(value));
  return made;
}

absl::StatusOr<std::map<std::string, int64_t>> CountWords(const CategoryFeature& category, const ShardFeatures& shard,
                                                          std::span<const uint32_t> rows) {
  STRATA_ASSIGN_OR_RETURN(const Column* const column, WordsColumn(category, shard));
  std::vector<int64_t> counts(column->words.size(), 0);
  int64_t none = 0;
  for (const uint32_t row : rows) {
    const int32_t word = column->code[row];
    ++(word < 0 ? none : counts[static_cast<size_t>(word)]);
  }
  std::map<std::string, int64_t> words;
  for (size_t word = 0; word < counts.size(); ++word) {
    if (counts[word] > 0) words[column->words[word]] += counts[word];
  }
  if (none > 0) words[std::string(kNoWord)] += none;
  return words;
}

}  // namespace strata

#include "model/fit/column_quantiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>

namespace strata {
namespace {

constexpr int64_t kWholeShare = 1'000'000;

template <typename T>
std::vector<T> Distinct(const std::set<T>& values) {
  return {values.begin(), values.end()};
}

std::vector<std::string> ColumnsOf(const std::vector<ColumnQuantiles::Target>& targets) {
  std::set<std::string> columns;
  for (const auto& [column, share] : targets) columns.insert(column);
  return Distinct(columns);
}

std::vector<int64_t> SharesOf(const std::vector<ColumnQuantiles::Target>& targets) {
  std::set<int64_t> shares;
  for (const auto& [column, share] : targets) shares.insert(share);
  return Distinct(shares);
}

std::vector<QuantileTarget> QuantilesOf(const std::vector<int64_t>& shares) {
  std::vector<QuantileTarget> quantiles;
  for (const int64_t share : shares) quantiles.push_back({.numerator = share, .denominator = kWholeShare});
  return quantiles;
}

std::vector<int64_t> KnownValues(const Column& column) {
  std::vector<int64_t> values;
  if (column.type == ColumnType::kNumber) {
    for (const double number : column.number) {
      if (!std::isnan(number)) values.push_back(OrderOfNumber(number));
    }
  } else {
    std::copy_if(column.whole.begin(), column.whole.end(), std::back_inserter(values),
                 [](int64_t whole) { return whole != kNoWhole; });
  }
  return values;
}

}  // namespace

void ColumnQuantilesRequest::Encode(ByteWriter* writer) const {
  writer->U32(static_cast<uint32_t>(columns.size()));
  for (const std::string& column : columns) writer->Text(column);
  request.Encode(writer);
}

ColumnQuantilesRequest ColumnQuantilesRequest::Decode(ByteReader* reader) {
  ColumnQuantilesRequest decoded;
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) decoded.columns.emplace_back(reader->Text());
  decoded.request = GroupedRequest::Decode(reader);
  return decoded;
}

absl::StatusOr<GroupedPartial> CountColumns(const ColumnQuantilesRequest& request, const ColumnSet& shard) {
  GroupedPartial partial;
  for (const std::string& name : request.columns) {
    const auto wanted = request.request.groups.find(name);
    if (!request.request.discover && wanted == request.request.groups.end()) continue;  // known already
    const Column* column = shard.Find(name);
    if (column == nullptr || column->type == ColumnType::kText) {
      return MakeError(absl::StatusCode::kInternal, "PERCENTILE_COLUMN_MISSING",
                       fmt::format("percentiles of {}: no customer has that column", name), {{"column", name}});
    }
    const std::vector<int64_t> values = KnownValues(*column);
    if (values.empty()) continue;
    const QuantileRequest bounds;
    partial.groups.emplace(name, CountValues(request.request.discover ? bounds : wanted->second, values));
  }
  return partial;
}

ColumnQuantiles::ColumnQuantiles(const std::vector<Target>& targets)
    : targets_(targets),
      columns_(ColumnsOf(targets)),
      shares_(SharesOf(targets)),
      quantiles_(QuantilesOf(shares_), 1, columns_.size()) {}

std::optional<ColumnQuantilesRequest> ColumnQuantiles::Next() const {
  if (targets_.empty()) return std::nullopt;
  std::optional<GroupedRequest> request = quantiles_.Next();
  if (!request.has_value()) return std::nullopt;
  return ColumnQuantilesRequest{columns_, *std::move(request)};
}

absl::Status ColumnQuantiles::Absorb(const GroupedPartial& merged) { return quantiles_.Absorb(merged); }

std::map<ColumnQuantiles::Target, std::optional<int64_t>> ColumnQuantiles::Result() const {
  const std::map<std::string, GroupedQuantiles::Group> groups = quantiles_.Result();
  std::map<Target, std::optional<int64_t>> result;
  for (const Target& target : targets_) {
    std::optional<int64_t>& value = result[target];
    const auto group = groups.find(target.first);
    if (group == groups.end()) continue;
    const auto place = std::lower_bound(shares_.begin(), shares_.end(), target.second);
    value = group->second.values[static_cast<size_t>(place - shares_.begin())];
  }
  return result;
}

}  // namespace strata

#include "model/statistics/grouped_quantiles.h"

#include <algorithm>
#include <span>

namespace strata {
namespace {

template <typename T>
void EncodeMap(const std::map<std::string, T>& groups, ByteWriter* writer) {
  writer->U32(static_cast<uint32_t>(groups.size()));
  for (const auto& [name, value] : groups) {
    writer->Text(name);
    value.Encode(writer);
  }
}

template <typename T>
std::map<std::string, T> DecodeMap(ByteReader* reader) {
  std::map<std::string, T> groups;
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    std::string name(reader->Text());
    T value = T::Decode(reader);
    groups.insert_or_assign(std::move(name), std::move(value));
  }
  return groups;
}

}  // namespace

void GroupedRequest::Encode(ByteWriter* writer) const {
  writer->U8(discover ? 1 : 0);
  EncodeMap(groups, writer);
}

GroupedRequest GroupedRequest::Decode(ByteReader* reader) {
  GroupedRequest request;
  request.discover = reader->U8() != 0;
  request.groups = DecodeMap<QuantileRequest>(reader);
  return request;
}

void GroupedPartial::Merge(const GroupedPartial& other) {
  for (const auto& [name, partial] : other.groups) groups[name].Merge(partial);
}

void GroupedPartial::Encode(ByteWriter* writer) const { EncodeMap(groups, writer); }

GroupedPartial GroupedPartial::Decode(ByteReader* reader) {
  GroupedPartial partial;
  partial.groups = DecodeMap<QuantilePartial>(reader);
  return partial;
}

GroupedPartial CountGroups(const GroupedRequest& request, std::vector<std::pair<uint64_t, int64_t>>* rows,
                           const std::function<std::string(uint64_t)>& group) {
  std::sort(rows->begin(), rows->end());
  GroupedPartial partial;
  std::vector<int64_t> values;
  for (size_t begin = 0; begin < rows->size();) {
    const uint64_t code = (*rows)[begin].first;
    values.clear();
    size_t end = begin;
    for (; end < rows->size() && (*rows)[end].first == code; ++end) values.push_back((*rows)[end].second);
    begin = end;
    std::string name = group(code);
    if (request.discover) {
      partial.groups[std::move(name)].Merge(CountValues({}, values));
    } else if (const auto wanted = request.groups.find(name); wanted != request.groups.end()) {
      partial.groups[std::move(name)].Merge(CountValues(wanted->second, values));
    }
  }
  return partial;
}

GroupedQuantiles::GroupedQuantiles(std::vector<QuantileTarget> targets, int64_t count_min, size_t groups_max)
    : targets_(std::move(targets)), count_min_(count_min), groups_max_(groups_max) {}

std::optional<GroupedRequest> GroupedQuantiles::Next() const {
  if (!discovered_) return GroupedRequest();
  GroupedRequest request{.discover = false, .groups = {}};
  for (const auto& [name, quantiles] : groups_) {
    if (auto next = quantiles.Next(); next.has_value()) request.groups.emplace(name, *std::move(next));
  }
  if (request.groups.empty()) return std::nullopt;
  return request;
}

absl::Status GroupedQuantiles::Absorb(const GroupedPartial& merged) {
  if (!discovered_) {
    discovered_ = true;
    for (const auto& [name, partial] : merged.groups) {
      if (partial.count < count_min_) continue;
      if (groups_.size() == groups_max_) {
        too_many_ = true;
        groups_.clear();
        return absl::OkStatus();
      }
      STRATA_RETURN_IF_ERROR(groups_.emplace(name, targets_).first->second.Absorb(partial));
    }
    return absl::OkStatus();
  }
  bool open = false;
  for (auto& [name, quantiles] : groups_) {
    if (!quantiles.Next().has_value()) continue;
    open = true;
    const auto partial = merged.groups.find(name);
    STRATA_RETURN_IF_ERROR(quantiles.Absorb(partial == merged.groups.end() ? QuantilePartial() : partial->second));
  }
  if (open) return absl::OkStatus();
  return MakeError(absl::StatusCode::kInternal, "PARTIAL_MISMATCH", "quantiles of groups: all are known");
}

std::map<std::string, GroupedQuantiles::Group> GroupedQuantiles::Result() const {
  std::map<std::string, Group> result;
  for (const auto& [name, quantiles] : groups_) {
    result.emplace(name, Group{quantiles.count(), quantiles.values(), quantiles.places()});
  }
  return result;
}

}  // namespace strata

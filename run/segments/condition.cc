#include "run/segments/condition.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>

#include "base/hash.h"
#include "run/nearest_name.h"
#include "run/segments/parser.h"

namespace strata {
namespace {

// Calls visit(node) for a node and everything below it.
template <typename Visit>
void VisitNodes(const Node& node, const Visit& visit) {
  visit(node);
  for (const NodePtr& operand : node.operands) VisitNodes(*operand, visit);
  if (node.where != nullptr) VisitNodes(*node.where, visit);
  if (node.argument != nullptr) VisitNodes(*node.argument, visit);
}

// A thousand names help nobody.
constexpr size_t kMaxNamesShown = 20;

std::string Shown(const std::vector<std::string>& names) {
  if (names.size() <= kMaxNamesShown) return fmt::to_string(fmt::join(names, ", "));
  const auto end = names.begin() + static_cast<ptrdiff_t>(kMaxNamesShown);
  return fmt::format("{} and {} more", fmt::join(names.begin(), end, ", "), names.size() - kMaxNamesShown);
}

bool IsSegmentName(std::string_view name) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  return !name.empty() && name.size() <= kMaxSegmentNameBytes && name[0] >= 'a' && name[0] <= 'z' &&
         std::all_of(name.begin(), name.end(), allowed);
}

class Parsing {
 public:
  Parsing(const std::vector<SegmentDefinition>& segments, std::string_view file) : file_(file) {
    for (const SegmentDefinition& segment : segments) ordered_.push_back(&segment);
    const auto by_name = [](const auto* a, const auto* b) { return a->name < b->name; };
    std::stable_sort(ordered_.begin(), ordered_.end(), by_name);
  }

  absl::StatusOr<std::vector<Condition>> Run(const ColumnCatalogue& catalogue) {
    STRATA_RETURN_IF_ERROR(CheckNames());
    for (const SegmentDefinition* segment : ordered_) STRATA_RETURN_IF_ERROR(Parse(*segment, catalogue));
    for (const SegmentDefinition* segment : ordered_) STRATA_RETURN_IF_ERROR(Place(segment->name, {}));
    return std::move(placed_);
  }

 private:
  absl::Status Problem(const SegmentDefinition& segment, std::string_view problem) const {
    return MakeError(absl::StatusCode::kInvalidArgument, "SEGMENT_INVALID",
                     fmt::format("{}:{}: segments.{}: {}", file_, segment.line, segment.name, problem),
                     {{"file", std::string(file_)}, {"segment", segment.name}});
  }

  absl::Status ProblemAt(const SegmentDefinition& segment, SourcePosition at, std::string_view problem) const {
    return MakeError(
        absl::StatusCode::kInvalidArgument, "SEGMENT_INVALID",
        fmt::format("{}:{}: segments.{}:{}:{}: {}", file_, segment.line, segment.name, at.line, at.column, problem),
        {{"file", std::string(file_)},
         {"segment", segment.name},
         {"line", fmt::to_string(at.line)},
         {"column", fmt::to_string(at.column)}});
  }

  absl::Status CheckNames() {
    if (ordered_.size() > kMaxSegments) {
      return Problem(*ordered_.back(),
                     fmt::format("found {} segments; allowed: {} at most", ordered_.size(), kMaxSegments));
    }
    for (const SegmentDefinition* segment : ordered_) {
      if (!IsSegmentName(segment->name)) {
        return Problem(*segment,
                       "found this name; allowed: a small letter, then up to 62 small letters, digits, "
                       "underscores or hyphens");
      }
      if (!names_.empty() && names_.back() == segment->name) return Problem(*segment, "is there twice; allowed: once");
      names_.push_back(segment->name);
    }
    return absl::OkStatus();
  }

  absl::Status Parse(const SegmentDefinition& segment, const ColumnCatalogue& catalogue) {
    if (segment.condition.size() > kMaxConditionBytes) {
      return Problem(segment, fmt::format("found a condition of {} bytes; allowed: {} at most",
                                          segment.condition.size(), kMaxConditionBytes));
    }
    const absl::StatusOr<NodePtr> root = ParseCondition(segment.condition, catalogue);
    if (!root.ok()) return Located(segment, root.status());
    Parsed& parsed = parsed_[segment.name];
    parsed.definition = &segment;
    parsed.root = *root;
    absl::Status unknown;
    VisitNodes(**root, [&](const Node& node) {
      if (node.kind != NodeKind::kSegment) return;
      parsed.uses.emplace(node.text, node.position);
      if (unknown.ok() && !std::binary_search(names_.begin(), names_.end(), node.text)) {
        unknown = ProblemAt(segment, node.position,
                            fmt::format("unknown segment '{}'{}; allowed: {}", node.text, DidYouMean(node.text, names_),
                                        Shown(names_)));
      }
    });
    return unknown;
  }

  absl::Status Located(const SegmentDefinition& segment, const absl::Status& status) const {
    const std::optional<ErrorDetail> detail = DetailOf(status);
    if (!detail.has_value() || !detail->metadata.contains("line")) return status;
    SourcePosition at;
    at.line = std::stoi(detail->metadata.at("line"));
    at.column = std::stoi(detail->metadata.at("column"));
    return ProblemAt(segment, at, StdView(status.message()));
  }

  // Depth first, so that what is used stands before its users; `path` leads from a first segment to this one.
  absl::Status Place(const std::string& name, std::vector<std::string> path) {
    Parsed& parsed = parsed_.at(name);
    if (parsed.placed) return absl::OkStatus();
    path.push_back(name);
    for (const auto& [used, position] : parsed.uses) {
      const auto seen = std::find(path.begin(), path.end(), used);
      if (seen != path.end()) {
        return ProblemAt(*parsed.definition, position,
                         fmt::format("segments go round in a circle: {} -> {}; allowed: segments that do not need "
                                     "themselves",
                                     fmt::join(seen, path.end(), " -> "), used));
      }
      STRATA_RETURN_IF_ERROR(Place(used, path));
    }
    parsed.placed = true;
    Condition condition{name, parsed.root, {}, {}};
    std::string defined = parsed.definition->condition;
    for (const auto& [used, position] : parsed.uses) {
      condition.uses.push_back(used);
      defined += '\n' + definitions_.at(used);
    }
    condition.definition = Hex(HashOf128(defined));
    definitions_.emplace(name, condition.definition);
    placed_.push_back(std::move(condition));
    return absl::OkStatus();
  }

  struct Parsed {
    const SegmentDefinition* definition = nullptr;
    NodePtr root;
    std::map<std::string, SourcePosition> uses;  // with the first place of each
    bool placed = false;
  };

  std::string_view file_;
  std::vector<const SegmentDefinition*> ordered_;
  std::vector<std::string> names_;
  std::map<std::string, Parsed> parsed_;
  std::map<std::string, std::string> definitions_;  // of those that are placed
  std::vector<Condition> placed_;
};

}  // namespace

absl::StatusOr<std::vector<Condition>> ParseSegments(const std::vector<SegmentDefinition>& segments,
                                                     const ColumnCatalogue& catalogue, std::string_view file_name) {
  return Parsing(segments, file_name).Run(catalogue);
}

std::vector<PercentileTarget> PercentilesOf(const std::vector<Condition>& conditions) {
  std::set<PercentileTarget> targets;
  for (const Condition& condition : conditions) {
    VisitNodes(*condition.root, [&](const Node& node) {
      if (node.kind == NodeKind::kPercentile) targets.emplace(node.text, node.whole);
    });
  }
  return {targets.begin(), targets.end()};
}

}  // namespace strata

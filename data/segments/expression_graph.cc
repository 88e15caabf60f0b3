#include "data/segments/expression_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <unordered_map>
#include <utility>

#include "model/fit/column_quantiles.h"

namespace strata {
namespace {

bool IsArithmetic(NodeKind kind) { return kind >= NodeKind::kConvert && kind <= NodeKind::kDivide; }
bool IsLogic(NodeKind kind) { return kind >= NodeKind::kAnd; }

// What makes two expressions the same computation.
std::string KeyOf(const Expression& e) {
  return fmt::format("{} {} {} {} {} {} {:x} {} {} {} {} [{}] {}", static_cast<int>(e.kind), static_cast<int>(e.type),
                     static_cast<int>(e.stored), static_cast<int>(e.aggregate), e.rows, e.whole,
                     std::bit_cast<uint64_t>(e.number), e.event_rows, e.where, e.argument, e.is_constant,
                     fmt::join(e.operands, " "), e.text);
}

class GraphBuilder {
 public:
  explicit GraphBuilder(const PercentileValues& percentiles) : percentiles_(percentiles) {}

  absl::StatusOr<ExpressionGraph> Build(const std::vector<Condition>& conditions) {
    for (const Condition& condition : conditions) {
      STRATA_ASSIGN_OR_RETURN(const int root, Add(*condition.root, kCustomerRows));
      graph_.segments.push_back({condition.name, condition.definition, root});
      roots_.emplace(condition.name, root);
      graph_.expressions[static_cast<size_t>(root)].wants_true = true;
    }
    for (size_t i = graph_.expressions.size(); i > 0; --i) AskForOperands(graph_.expressions[i - 1]);
    return std::move(graph_);
  }

 private:
  absl::StatusOr<int> Add(const Node& node, int rows) {
    Expression made;
    made.kind = node.kind;
    made.type = node.type;
    made.stored = node.stored;
    made.rows = rows;
    for (const NodePtr& operand : node.operands) {
      STRATA_ASSIGN_OR_RETURN(const int added, Add(*operand, rows));
      made.operands.push_back(added);
    }
    switch (node.kind) {
      case NodeKind::kLiteral:
        SetLiteral(node, &made);
        break;
      case NodeKind::kToday:
        made.is_constant = true;
        break;
      case NodeKind::kColumn:
      case NodeKind::kLike:
        made.text = node.text;
        break;
      case NodeKind::kPercentile:
        STRATA_RETURN_IF_ERROR(SetPercentile(node, &made));
        break;
      case NodeKind::kSegment:
        STRATA_RETURN_IF_ERROR(SetSegment(node, &made));
        break;
      case NodeKind::kAggregate:
        STRATA_RETURN_IF_ERROR(SetAggregate(node, &made));
        break;
      default:
        break;
    }
    if (IsArithmetic(node.kind)) {
      made.is_constant = std::all_of(made.operands.begin(), made.operands.end(),
                                     [this](int operand) { return At(operand).is_constant; });
    }
    return Shared(std::move(made));
  }

  int Shared(Expression made) {
    const auto [found, is_new] = by_key_.emplace(KeyOf(made), static_cast<int>(graph_.expressions.size()));
    if (is_new) graph_.expressions.push_back(std::move(made));
    return found->second;
  }

  static void SetLiteral(const Node& node, Expression* made) {
    made->is_constant = true;
    const bool is_number = node.type == ColumnType::kNumber;
    if (is_number) made->number = node.number;
    if (made->IsText()) {
      made->text = node.text;
    } else if (!is_number) {
      made->whole = node.whole;
    }
  }

  absl::Status SetPercentile(const Node& node, Expression* made) const {
    const auto found = percentiles_.find({node.text, node.whole});
    if (found == percentiles_.end()) {
      return absl::InternalError(fmt::format("no percentile {} of {}", node.whole, node.text));
    }
    made->kind = NodeKind::kLiteral;
    made->is_constant = true;
    const std::optional<int64_t>& value = found->second;
    if (node.type == ColumnType::kNumber) {
      made->number = value ? NumberOfOrder(*value) : std::numeric_limits<double>::quiet_NaN();
    } else {
      made->whole = value.value_or(kNoWhole);
    }
    return absl::OkStatus();
  }

  absl::Status SetSegment(const Node& node, Expression* made) const {
    const auto found = roots_.find(node.text);
    if (found == roots_.end()) return absl::InternalError(fmt::format("segment {} is not known yet", node.text));
    made->operands = {found->second};
    return absl::OkStatus();
  }

  absl::Status SetAggregate(const Node& node, Expression* made) {
    const std::optional<TableId> table = TableNamed(node.table);
    if (!table.has_value()) return absl::InternalError(fmt::format("no table {}", node.table));
    auto known = std::find(graph_.tables.begin(), graph_.tables.end(), *table);
    if (known == graph_.tables.end()) known = graph_.tables.insert(known, *table);
    made->aggregate = node.aggregate;
    made->event_rows = 1 + static_cast<int>(known - graph_.tables.begin());
    const int events = made->event_rows;
    if (node.where != nullptr) {
      STRATA_ASSIGN_OR_RETURN(made->where, Add(*node.where, events));
    }
    if (node.argument != nullptr) {
      STRATA_ASSIGN_OR_RETURN(made->argument, Add(*node.argument, events));
    }
    return absl::OkStatus();
  }

  void AskForOperands(const Expression& e) {
    if (e.kind == NodeKind::kAggregate) {
      if (e.where >= 0) At(e.where).wants_true = true;
      if (e.argument >= 0) At(e.argument).wants_value = true;
      return;
    }
    if (e.kind == NodeKind::kSegment) {
      At(e.operands[0]).wants_true = true;
      return;
    }
    // A predicate as a value is made of its two sets.
    const bool wants_true = e.wants_true || e.wants_value;
    const bool wants_false = e.wants_false || e.wants_value;
    for (const int operand : e.operands) {
      Expression& below = At(operand);
      const bool is_asked_of_sets = e.kind == NodeKind::kIsNull && below.IsPredicate();
      if (IsLogic(e.kind)) {
        const bool swaps = e.kind == NodeKind::kNot;
        below.wants_true |= swaps ? wants_false : wants_true;
        below.wants_false |= swaps ? wants_true : wants_false;
      } else if (is_asked_of_sets) {
        below.wants_true = below.wants_false = true;
      } else {
        below.wants_value = true;
      }
    }
  }

  Expression& At(int index) { return graph_.expressions[static_cast<size_t>(index)]; }

  const PercentileValues& percentiles_;
  std::unordered_map<std::string, int> by_key_;
  std::map<std::string, int> roots_;
  ExpressionGraph graph_;
};

}  // namespace

bool Expression::IsPredicate() const { return kind >= NodeKind::kEqual || kind == NodeKind::kSegment; }

absl::StatusOr<ExpressionGraph> BuildGraph(const std::vector<Condition>& conditions,
                                           const PercentileValues& percentiles) {
  return GraphBuilder(percentiles).Build(conditions);
}

}  // namespace strata

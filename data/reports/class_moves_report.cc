// Whose class changed since the followed snapshot, and why (A31).
#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "data/reports/class_cells.h"
#include "data/reports/class_reports.h"
#include "data/reports/keyed_sums.h"
#include "model/classes/scheme_columns.h"

namespace strata {
namespace {

constexpr SchemeId kMoving[] = {SchemeId::kRfm, SchemeId::kValueClass, SchemeId::kGrade, SchemeId::kLifeCycle,
                                SchemeId::kCore};
constexpr int32_t kCoreCustomer = 1;  // code of scheme core

// What became of one customer in one scheme.
struct Move {
  uint8_t from = 0, to = 0;
  Cause cause = Cause::kNone;
};

// The moves of a shard's customers in a scheme; precondition of Of: known().
class Moves {
 public:
  Moves(const ReportShard& shard, SchemeId scheme)
      : history_(*shard.history),
        known_(shard.history->compared[static_cast<size_t>(scheme)]),
        now_(CodesOf(shard, scheme)),
        before_(shard.history->before[static_cast<size_t>(scheme)]),
        by_old_cuts_(shard.history->by_old_cuts[static_cast<size_t>(scheme)]),
        last_row_day_(*shard.columns, "last_row_day") {}

  bool known() const { return known_; }
  // nullopt: the class is what it was.
  std::optional<Move> Of(size_t row) const {
    if (history_.is_new[row]) return Move{0, now_[row], Cause::kEntered};
    if (now_[row] == before_[row]) return std::nullopt;
    const int64_t last = last_row_day_[row];
    const Cause cause =
        CauseOf(before_[row], by_old_cuts_[row], now_[row],
                last == kNoWhole ? history_.previous_as_of : static_cast<Day>(last), history_.previous_as_of);
    return Move{before_[row], now_[row], cause};
  }

 private:
  const ClassHistory& history_;
  const bool known_;
  const std::vector<uint8_t>& now_;
  const std::vector<uint8_t>& before_;
  const std::vector<uint8_t>& by_old_cuts_;
  WholeColumn last_row_day_;
};

constexpr const char* kCauseMethod =
    "With a the class then, b the class by the cuts of then on today's values, c today's: where c differs from a, "
    "behaviour if b = c, cuts if b = a, else both. Behaviour is bought where there is a row since then, else aged. "
    "entered and left: not in the base then, or no longer.";

struct ClassMoves {
  static ReportInfo Info() {
    return {
        .name = "class_moves",
        .title = "Why classes changed",
        .sources = {"A31"},
        .needs = {.follows = true},
        .columns = {{"scheme", ReportType::kText, "", "Which classes."},
                    {"from", ReportType::kText, "", "Class in the followed snapshot; none: it had none."},
                    {"to", ReportType::kText, "", "Class now; none: it has none."},
                    {"cause", ReportType::kText, "", "bought, aged, cuts, both_bought, both_aged, entered or left."},
                    {"customers", ReportType::kInteger, "customers", "Customers who moved so."}},
        .method = fmt::format("Of rfm, value_class, grade, life_cycle and core those that both snapshots have. {}",
                              kCauseMethod)};
  }

  using Partial = KeyedSums<std::array<int32_t, 4>, 0>;  // scheme, from, to, cause

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    for (const SchemeId scheme : kMoving) {
      const Moves moves(shard, scheme);
      if (!moves.known()) continue;
      const auto number = static_cast<int32_t>(scheme);
      for (size_t row = 0; row < shard.today->size(); ++row) {
        const std::optional<Move> move = moves.Of(row);
        if (move.has_value()) partial->Add({number, move->from, move->to, static_cast<int32_t>(move->cause)});
      }
      for (const ScoredCustomer& customer : *shard.gone) {
        partial->Add(
            {number, customer.score.classes[static_cast<size_t>(scheme)], 0, static_cast<int32_t>(Cause::kLeft)});
      }
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    ReportRows rows("class_moves", Info().columns);
    for (const auto& [key, line] : merged.lines) {
      const auto scheme = static_cast<SchemeId>(key[0]);
      const ClassCells cells(*facts.models, scheme);
      rows.Add({std::string(Name(scheme)), cells[key[1]], cells[key[2]], std::string(Name(static_cast<Cause>(key[3]))),
                line.customers});
    }
    return rows.Take();
  }
};

// A list of customers is for people to act on; beyond this it is an export, and a partial of it would not fit a task's
// result.
constexpr size_t kMaxListedCustomers = 2'000'000;

struct CoreList {
  static ReportInfo Info() {
    return {
        .name = "core_list",
        .title = "Who entered and left the core",
        .sources = {"A15", "A31"},
        .needs = {.schemes = {SchemeId::kCore}, .follows = true},
        .columns = {{"customer_id", ReportType::kText, "", "Who."},
                    {"change", ReportType::kText, "", "entered or left."},
                    {"from", ReportType::kText, "", "Class of core in the followed snapshot; none: not in the base."},
                    {"to", ReportType::kText, "", "Class of core now; none: no longer in the base."},
                    {"cause", ReportType::kText, "", "Why, as in class_moves."},
                    {"margin", ReportType::kMoney, "", "The customer's margin now."}},
        .method = fmt::format("Customers who are core in one of the two snapshots. {}", kCauseMethod)};
  }

  struct Row {
    Move move;
    int64_t margin = kNoWhole;
  };
  struct Partial {
    std::map<std::string, Row> rows;  // by customer id, of whom there is one

    void Merge(const Partial& other) { rows.insert(other.rows.begin(), other.rows.end()); }
    void Encode(ByteWriter* writer) const {
      writer->U32(static_cast<uint32_t>(rows.size()));
      for (const auto& [id, row] : rows) {
        writer->Text(id);
        writer->U8(row.move.from);
        writer->U8(row.move.to);
        writer->U8(static_cast<uint8_t>(row.move.cause));
        writer->I64(row.margin);
      }
    }
    static Partial Decode(ByteReader* reader) {
      Partial partial;
      const uint32_t size = reader->U32();
      for (uint32_t i = 0; i < size && reader->ok(); ++i) {
        Row& row = partial.rows[std::string(reader->Text())];
        row.move.from = reader->U8();
        row.move.to = reader->U8();
        row.move.cause = static_cast<Cause>(reader->U8());
        row.margin = reader->I64();
      }
      return partial;
    }
  };

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    const Moves moves(shard, SchemeId::kCore);
    if (!moves.known()) return absl::OkStatus();
    const WholeColumn margin(*shard.columns, "margin");
    for (size_t row = 0; row < shard.today->size(); ++row) {
      const std::optional<Move> move = moves.Of(row);
      if (!move.has_value() || (move->from != kCoreCustomer && move->to != kCoreCustomer)) continue;
      partial->rows[std::string(shard.id(row))] = {*move, margin[row]};
    }
    for (const ScoredCustomer& customer : *shard.gone) {
      const uint8_t before = customer.score.classes[static_cast<size_t>(SchemeId::kCore)];
      if (before == kCoreCustomer) partial->rows[std::string(customer.id)] = {{before, 0, Cause::kLeft}, kNoWhole};
    }
    return CheckSize(*partial);
  }

  static absl::Status CheckSize(const Partial& partial) {
    if (partial.rows.size() <= kMaxListedCustomers) return absl::OkStatus();
    return MakeError(
        absl::StatusCode::kOutOfRange, "REPORT_TOO_LARGE",
        fmt::format("{} customers entered or left the core, allowed are {}", partial.rows.size(), kMaxListedCustomers));
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    STRATA_RETURN_IF_ERROR(CheckSize(merged));
    const ClassCells cells(*facts.models, SchemeId::kCore);
    ReportRows rows("core_list", Info().columns);
    for (const auto& [id, row] : merged.rows) {
      rows.Add({id, std::string(row.move.to == kCoreCustomer ? "entered" : "left"), cells[row.move.from],
                cells[row.move.to], std::string(Name(row.move.cause)), CellOrNull(row.margin)});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport ClassMovesReport() { return Registered<ClassMoves>(); }
RegisteredReport CoreListReport() { return Registered<CoreList>(); }

}  // namespace strata

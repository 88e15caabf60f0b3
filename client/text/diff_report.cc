#include "client/text/diff_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "client/class_sizes.h"
#include "client/text/numbers.h"
#include "client/text/table.h"
#include "client/text/words.h"

namespace strata {
namespace {

constexpr int kDigits = 4;            // of values of any size
constexpr size_t kLargestMoves = 10;  // a page's worth; all of them are in the matrix and in --json
constexpr char kNotThere[] = "";      // a ClassMove's name for customers that one of the snapshots lacks

std::string Signed(int64_t value) { return (value > 0 ? "+" : "") + Grouped(value); }
// Counts and days are whole: 13, not 13.00.
std::string Plain(double value) {
  constexpr double kExact = 0x1.0p53;  // beyond it a double says little of units
  const bool whole = std::trunc(value) == value && std::fabs(value) < kExact;
  return whole ? Grouped(static_cast<int64_t>(value)) : Significant(value, kDigits);
}
std::string Signed(double value) { return (value > 0 ? "+" : "") + Plain(value); }
std::string Points(double share) { return fmt::format("{}{}", share > 0 ? "+" : "", Fixed(100 * share, 1)); }
double Ratio(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}
std::string Value(const std::optional<double>& value) { return value.has_value() ? Plain(*value) : kNothing; }
std::string Change(const std::optional<double>& base, const std::optional<double>& other) {
  if (!base.has_value() || !other.has_value()) return kNothing;
  return *base == *other ? "=" : Signed(*other - *base);
}

std::vector<Table::Column> Head(const SnapshotDiff& diff, std::string_view what, const std::string& last) {
  return {{std::string(what), Align::kLeft},
          {fmt::format("snapshot {}", diff.base.number), Align::kRight},
          {fmt::format("snapshot {}", diff.other.number), Align::kRight},
          {last, last.empty() ? Align::kLeft : Align::kRight}};
}

std::string FactsTable(const SnapshotDiff& diff) {
  Table table(Head(diff, "", "change"));
  const SnapshotFacts& a = diff.base;
  const SnapshotFacts& b = diff.other;
  const auto text = [&table](const std::string& name, const std::string& one, const std::string& two) {
    table.AddRow({name, one.empty() ? kNothing : one, two.empty() ? kNothing : two, one == two ? "=" : ""});
  };
  const auto count = [&table](const std::string& name, int64_t one, int64_t two) {
    table.AddRow({name, Grouped(one), Grouped(two), one == two ? "=" : Signed(two - one)});
  };
  const auto number = [](int64_t snapshot) { return snapshot == 0 ? std::string() : fmt::format("{}", snapshot); };
  table.AddRow({"as of", FormatDay(a.as_of), FormatDay(b.as_of),
                a.as_of == b.as_of ? "=" : fmt::format("{} days", Signed(int64_t{b.as_of} - a.as_of))});
  text("made", UtcTime(a.created_ms), UtcTime(b.created_ms));
  text("follows", number(a.follows), number(b.follows));
  text("ledger version", number(a.ledger_version), number(b.ledger_version));
  text("ledger digest", a.ledger_digest, b.ledger_digest);
  text("digest", a.digest, b.digest);
  text("build", a.build, b.build);
  text("currency", a.currency, b.currency);
  count("shards", a.shards, b.shards);
  count("rows read", a.rows.read, b.rows.read);
  count("rows accepted", a.rows.accepted, b.rows.accepted);
  count("rows rejected", a.rows.rejected, b.rows.rejected);
  count("duplicates", a.rows.duplicates, b.rows.duplicates);
  count("customers", a.customers, b.customers);
  count("with a purchase", a.customers_with_purchase, b.customers_with_purchase);
  table.AddRow({"size", ByteSize(a.size_bytes), ByteSize(b.size_bytes), ""});
  return table.Render("  ");
}

std::string SizesTable(const SnapshotDiff& diff) {
  Table table({{"", Align::kLeft}, {"customers", Align::kRight}, {"", Align::kLeft}});
  table.AddRow({"in both", Grouped(diff.customers_in_both), ""});
  table.AddRow(
      {"left", Grouped(diff.customers_left),
       fmt::format("{} of snapshot {}", Percent(Ratio(diff.customers_left, diff.base.customers)), diff.base.number)});
  table.AddRow({"entered", Grouped(diff.customers_entered),
                fmt::format("{} of snapshot {}", Percent(Ratio(diff.customers_entered, diff.other.customers)),
                            diff.other.number)});
  return table.Render("  ");
}

std::string SharesTable(const SnapshotDiff& diff, const std::vector<std::string>& order,
                        const std::map<std::string, ClassSizes>& sizes) {
  Table table({{"", Align::kRight},
               {"", Align::kLeft},
               {fmt::format("snapshot {}", diff.base.number), Align::kRight},
               {"share", Align::kRight},
               {fmt::format("snapshot {}", diff.other.number), Align::kRight},
               {"share", Align::kRight},
               {"points", Align::kRight},
               {"stayed", Align::kRight}});
  for (size_t i = 0; i < order.size(); ++i) {
    const ClassSizes& size = sizes.at(order[i]);
    const double base = Ratio(size.base, diff.base.customers);
    const double other = Ratio(size.other, diff.other.customers);
    table.AddRow({fmt::format("{}", i + 1), TitleOfName(order[i]), Grouped(size.base), Percent(base),
                  Grouped(size.other), Percent(other), Points(other - base),
                  size.base == 0 ? kNothing : Percent(Ratio(size.stayed, size.base))});
  }
  return table.Render("  ");
}

// Rows: the class in the base; columns: the class in the other by its number in the table before.
std::string MovesMatrix(const std::vector<ClassMove>& moves, const std::vector<std::string>& order) {
  std::map<std::pair<std::string, std::string>, int64_t> cells;
  for (const ClassMove& move : moves) cells[{move.from, move.to}] = move.customers;
  std::vector<Table::Column> columns = {{"from \\ to", Align::kLeft}};
  for (size_t i = 0; i < order.size(); ++i) columns.push_back({fmt::format("{}", i + 1), Align::kRight});
  columns.push_back({"left", Align::kRight});
  Table table(std::move(columns));
  const auto row = [&](const std::string& title, const std::string& from) {
    std::vector<std::string> texts = {title};
    const auto add = [&](const std::string& to) {
      const auto cell = cells.find({from, to});
      texts.push_back(cell == cells.end() ? "." : Grouped(cell->second));
    };
    for (const std::string& to : order) add(to);
    add(kNotThere);
    table.AddRow(std::move(texts));
  };
  for (size_t i = 0; i < order.size(); ++i) row(fmt::format("{} {}", i + 1, TitleOfName(order[i])), order[i]);
  row("entered", kNotThere);
  return table.Render("  ");
}

std::string LargestMoves(std::vector<ClassMove> moves, const std::map<std::string, ClassSizes>& sizes) {
  std::erase_if(moves, [](const ClassMove& m) { return m.from == m.to || m.from == kNotThere || m.to == kNotThere; });
  if (moves.empty()) return "  Nobody moved.\n";
  std::stable_sort(moves.begin(), moves.end(),
                   [](const ClassMove& a, const ClassMove& b) { return a.customers > b.customers; });
  Table table({{"largest moves", Align::kLeft},
               {"", Align::kLeft},
               {"customers", Align::kRight},
               {"of the first", Align::kRight}});
  for (size_t i = 0; i < std::min(moves.size(), kLargestMoves); ++i) {
    const ClassMove& move = moves[i];
    table.AddRow({TitleOfName(move.from), "to " + TitleOfName(move.to), Grouped(move.customers),
                  Percent(Ratio(move.customers, sizes.at(move.from).base))});
  }
  return table.Render("  ");
}

std::string MovesSection(const SnapshotDiff& diff, const std::vector<ClassMove>& moves) {
  std::vector<std::string> order;
  const auto sizes = SizesOf(moves, &order);
  return fmt::format("{}\n{}\n{}", SharesTable(diff, order, sizes), MovesMatrix(moves, order),
                     LargestMoves(moves, sizes));
}

std::string_view Verdict(double index) {
  constexpr double kLittle = 0.1;
  constexpr double kMuch = 0.25;
  return index < kLittle ? "little" : index < kMuch ? "some" : "much";
}

std::string DriftTable(const SnapshotDiff& diff) {
  const std::string a = fmt::format(" {}", diff.base.number);
  const std::string b = fmt::format(" {}", diff.other.number);
  Table table({{"column", Align::kLeft},
               {"index", Align::kRight},
               {"drift", Align::kLeft},
               {"mean" + a, Align::kRight},
               {"mean" + b, Align::kRight},
               {"10 %" + a, Align::kRight},
               {"10 %" + b, Align::kRight},
               {"median" + a, Align::kRight},
               {"median" + b, Align::kRight},
               {"90 %" + a, Align::kRight},
               {"90 %" + b, Align::kRight},
               {"without" + a, Align::kRight},
               {"without" + b, Align::kRight}});
  const auto decile = [](const Distribution& distribution, size_t i) {
    return distribution.deciles.empty() ? std::string(kNothing) : Plain(distribution.deciles.at(i - 1));
  };
  for (const ColumnDrift& drift : diff.drifts) {
    if (drift.base.present == 0 && drift.other.present == 0) continue;
    std::vector<std::string> cells = {drift.column};
    cells.push_back(drift.stability_index.has_value() ? Fixed(*drift.stability_index, 4) : kNothing);
    cells.emplace_back(drift.stability_index.has_value() ? Verdict(*drift.stability_index) : "");
    cells.push_back(Value(drift.base.mean));
    cells.push_back(Value(drift.other.mean));
    for (const size_t i : {1, 5, 9}) {
      cells.push_back(decile(drift.base, i));
      cells.push_back(decile(drift.other, i));
    }
    cells.push_back(Grouped(diff.base.customers - drift.base.present));
    cells.push_back(Grouped(diff.other.customers - drift.other.present));
    table.AddRow(std::move(cells));
  }
  return table.Render("  ") + "  The index is the population stability index over the deciles of the first snapshot.\n";
}

std::string ParametersTable(const SnapshotDiff& diff) {
  if (diff.parameters.empty()) return "  The job asks for no models.\n";
  Table table(Head(diff, "parameter", "change"));
  for (const ParameterPair& pair : diff.parameters)
    table.AddRow({pair.name, Value(pair.base), Value(pair.other), Change(pair.base, pair.other)});
  return table.Render("  ");
}

}  // namespace

std::string DiffReport(const SnapshotDiff& diff) {
  return fmt::format(
      "Job {}, from snapshot {} to snapshot {}\n{}\nCustomers\n{}\nRFM segments\n{}\nClusters, numbered by size in "
      "each "
      "snapshot\n{}\nDrift\n{}\nModels\n{}",
      diff.job, diff.base.number, diff.other.number, FactsTable(diff), SizesTable(diff),
      MovesSection(diff, diff.rfm_moves), MovesSection(diff, diff.cluster_moves), DriftTable(diff),
      ParametersTable(diff));
}

}  // namespace strata

#include "run/job_schemes.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "run/ascending_numbers.h"
#include "run/rfm_grid.h"

namespace strata {
namespace {

constexpr int kMinScores = 2;                    // one score says nothing
constexpr int kMaxScores = 10;                   // deciles
constexpr int kMaxWindowDays = 36'500;           // a century: beyond every history of purchases
constexpr int kMaxWindowUnits = 400;             // the same in quarters
constexpr size_t kMaxGrids = 16;                 // each is checked cell by cell when the job is read
constexpr size_t kMaxGridCells = 1000;           // a pattern for each cell of three axes of ten scores
constexpr int64_t kOne = 1'000'000;              // a share of one
constexpr int64_t kMaxStability = 1'000 * kOne;  // squared coefficients of variation are far below
constexpr int kMaxActiveQuarters = 4;            // of a year
constexpr int kMaxPeers = 1'000'000;
constexpr int kMaxGapDays = 3650;  // a gap of ten years is no rhythm

std::vector<std::string> AxisNames() { return {"recency", "frequency", "monetary"}; }

absl::Status ReadRefit(const YamlSection& section, Refit* refit) {
  size_t choice = *refit == Refit::kFrozen ? 1 : 0;
  STRATA_RETURN_IF_ERROR(section.ReadChoice("refit", {"nightly", "frozen"}, &choice));
  *refit = choice == 1 ? Refit::kFrozen : Refit::kNightly;
  return absl::OkStatus();
}

absl::Status ReadScores(const YamlSection& rfm, std::array<int, 3>* scores) {
  if (!rfm.IsMapping("scores")) {
    int count = (*scores)[0];
    STRATA_RETURN_IF_ERROR(rfm.ReadInteger("scores", kMinScores, kMaxScores, &count));
    *scores = {count, count, count};
    return absl::OkStatus();
  }
  const std::vector<std::string> axes = AxisNames();
  STRATA_ASSIGN_OR_RETURN(const auto section, rfm.Section("scores", axes));
  for (size_t axis = 0; axis < axes.size(); ++axis) {
    STRATA_RETURN_IF_ERROR(section->ReadInteger(axes[axis], kMinScores, kMaxScores, &(*scores)[axis]));
  }
  return absl::OkStatus();
}

absl::Status ReadCuts(const YamlSection& rfm, RfmRules* rules) {
  size_t cuts = 0;
  STRATA_RETURN_IF_ERROR(rfm.ReadChoice("cuts", {"quantile", "fixed", "nested"}, &cuts));
  rules->cuts = static_cast<RfmRules::Cuts>(cuts);
  size_t ties = 0;
  STRATA_RETURN_IF_ERROR(rfm.ReadChoice("ties", {"value", "mid_rank"}, &ties));
  rules->mid_rank = ties == 1;
  if (rules->cuts != RfmRules::Cuts::kFixed) {
    if (rfm.Has("fixed")) return rfm.Problem("fixed", "the cuts are not fixed; allowed: only with cuts: fixed");
    return absl::OkStatus();
  }
  if (rules->mid_rank) return rfm.Invalid("ties", "value, since fixed cuts have no ties");
  STRATA_RETURN_IF_ERROR(rfm.Require("fixed", "the cuts by axis: recency_days, frequency, monetary"));
  const std::vector<std::string> keys = {"recency_days", "frequency", "monetary"};
  constexpr NumberKind kKinds[] = {NumberKind::kDays, NumberKind::kCounts, NumberKind::kMoney};
  STRATA_ASSIGN_OR_RETURN(const auto fixed, rfm.Section("fixed", keys));
  for (size_t axis = 0; axis < keys.size(); ++axis) {
    STRATA_RETURN_IF_ERROR(fixed->Require(
        keys[axis], fmt::format("a list of {} cuts, one less than its scores", rules->scores[axis] - 1)));
    STRATA_RETURN_IF_ERROR(ReadAscending(*fixed, keys[axis], kKinds[axis], static_cast<size_t>(rules->scores[axis] - 1),
                                         &rules->fixed[axis]));
  }
  return absl::OkStatus();
}

absl::Status ReadWindow(const YamlSection& rfm, RfmWindow* window) {
  if (!rfm.IsMapping("window")) {
    size_t all = 0;
    if (!rfm.ReadChoice("window", {"all"}, &all).ok()) {
      return rfm.Invalid("window", "all, {days: N}, or {calendar: month, quarter or year, count: N}");
    }
    return absl::OkStatus();
  }
  STRATA_ASSIGN_OR_RETURN(const auto section, rfm.Section("window", {"days", "calendar", "count"}));
  if (section->Has("days")) {
    if (section->Has("calendar") || section->Has("count")) {
      return section->Problem("days", "the window is given twice; allowed: days, or calendar with count");
    }
    window->kind = RfmWindow::Kind::kTrailing;
    return section->ReadInteger("days", 1, kMaxWindowDays, &window->count);
  }
  STRATA_RETURN_IF_ERROR(section->Require("calendar", "month, quarter or year, or days instead"));
  size_t unit = 0;
  STRATA_RETURN_IF_ERROR(section->ReadChoice("calendar", {"month", "quarter", "year"}, &unit));
  constexpr RfmWindow::Kind kKinds[] = {RfmWindow::Kind::kMonths, RfmWindow::Kind::kQuarters, RfmWindow::Kind::kYears};
  window->kind = kKinds[unit];
  window->count = 1;
  return section->ReadInteger("count", 1, kMaxWindowUnits, &window->count);
}

absl::Status ReadGrid(const YamlSection& grids, const std::string& name, RfmRules* rules) {
  for (const char* built_in : {"eleven", "ten", "eight"}) {
    if (name == built_in) return grids.Problem(name, "the name of a built-in grid; allowed: another name");
  }
  STRATA_ASSIGN_OR_RETURN(const auto section, grids.Section(name, {"axes", "cells"}));
  GridSettings& grid = rules->grids[name];
  const std::vector<std::string> known = AxisNames();
  std::vector<std::string> axes;
  const std::string allowed = "a list of recency, frequency, monetary, in this order, each at most once";
  STRATA_RETURN_IF_ERROR(section->Require("axes", allowed));
  STRATA_RETURN_IF_ERROR(section->ReadTexts("axes", known.size(), &axes));
  for (const std::string& axis : axes) {
    const auto found = std::find(known.begin(), known.end(), axis);
    const int number = static_cast<int>(found - known.begin());
    if (found == known.end() || (!grid.axes.empty() && number <= grid.axes.back())) {
      return section->Problem("axes", fmt::format("found '{}' in the list; allowed: {}", axis, allowed));
    }
    grid.axes.push_back(number);
  }
  constexpr std::string_view kCells = "a mapping of cells to classes, as \"[4-5][1-2]\": name";
  STRATA_RETURN_IF_ERROR(section->Require("cells", kCells));
  STRATA_ASSIGN_OR_RETURN(const auto cells, section->OpenSection("cells", kCells, kMaxGridCells));
  for (const std::string& pattern : cells->keys()) {
    std::string text;
    STRATA_RETURN_IF_ERROR(cells->ReadText(pattern, &text));
    grid.cells.emplace_back(pattern, std::move(text));
  }
  const absl::StatusOr<CompiledGrid> compiled = CompileGrid(grid, rules->scores);
  return compiled.ok() ? absl::OkStatus() : section->Problem("cells", StdView(compiled.status().message()));
}

absl::Status ReadGrids(const YamlSection& rfm, RfmRules* rules) {
  size_t axis = 0;
  STRATA_RETURN_IF_ERROR(rfm.ReadChoice("frequency_axis", {"frequency", "mean_fm"}, &axis));
  rules->mean_fm = axis == 1;
  if (rules->mean_fm && rules->scores[1] != rules->scores[2]) {
    return rfm.Problem("frequency_axis",
                       fmt::format("found 'mean_fm' with {} frequency and {} monetary scores; allowed: equally many",
                                   rules->scores[1], rules->scores[2]));
  }
  STRATA_ASSIGN_OR_RETURN(const auto grids,
                          rfm.OpenSection("grids", "a mapping of names to grids with axes and cells", kMaxGrids));
  std::vector<std::string> names = {"eleven", "ten", "eight"};
  if (grids.has_value()) {
    for (const std::string& name : grids->keys()) {
      STRATA_RETURN_IF_ERROR(ReadGrid(*grids, name, rules));
      names.push_back(name);
    }
  }
  size_t grid = 0;
  STRATA_RETURN_IF_ERROR(rfm.ReadChoice("grid", names, &grid));
  rules->grid = names[grid];
  return absl::OkStatus();
}

absl::Status ReadTreatment(const YamlSection& value, std::map<std::string, std::string>* treatment) {
  const std::vector<std::string> grades = {"A", "B", "C", "D"};
  STRATA_ASSIGN_OR_RETURN(const auto section, value.Section("treatment", grades));
  if (!section.has_value()) return absl::OkStatus();
  for (const std::string& grade : grades) {
    if (!section->Has(grade)) continue;
    STRATA_RETURN_IF_ERROR(section->ReadText(grade, &(*treatment)[grade]));
  }
  return absl::OkStatus();
}

// The two moves of a grade, which must not both apply to one customer.
absl::Status ReadMoves(const YamlSection& value, ValueSettings* settings) {
  STRATA_ASSIGN_OR_RETURN(const auto loyalty, value.Section("loyalty", {"up", "down"}));
  if (loyalty.has_value()) {
    STRATA_RETURN_IF_ERROR(loyalty->ReadInteger("up", 0, kMaxActiveQuarters, &settings->loyalty_up));
    STRATA_RETURN_IF_ERROR(loyalty->ReadInteger("down", 0, kMaxActiveQuarters, &settings->loyalty_down));
    if (settings->loyalty_down >= settings->loyalty_up) {
      return loyalty->Problem("down", fmt::format("found {} with up: {}; allowed: less than up", settings->loyalty_down,
                                                  settings->loyalty_up));
    }
  }
  STRATA_ASSIGN_OR_RETURN(const auto stability, value.Section("stability", {"up_max", "down_min"}));
  if (!stability.has_value()) return absl::OkStatus();
  STRATA_RETURN_IF_ERROR(stability->ReadMillionths("up_max", kMaxStability, &settings->stability_up_max));
  STRATA_RETURN_IF_ERROR(stability->ReadMillionths("down_min", kMaxStability, &settings->stability_down_min));
  if (settings->stability_up_max < settings->stability_down_min) return absl::OkStatus();
  return stability->Problem("up_max", "it is not below down_min, so a customer could move both ways; allowed: less");
}

absl::Status ReadShare(const YamlSection& section, const std::string& key, int64_t* share) {
  const absl::Status status = section.ReadMillionths(key, kOne, share);
  if (status.ok() && *share > 0 && *share < kOne) return status;
  return section.Invalid(key, "a number between 0 and 1 with at most 6 decimals");
}

absl::Status ReadLevel(const YamlSection& levels, const std::string& key, NumberKind kind, LevelCuts* cuts) {
  STRATA_ASSIGN_OR_RETURN(const auto section, levels.Section(key, {"cuts", "fixed"}));
  if (!section.has_value()) return absl::OkStatus();
  if (section->Has("cuts") && section->Has("fixed")) {
    return section->Problem("fixed", "the cuts are given twice; allowed: cuts or fixed");
  }
  STRATA_RETURN_IF_ERROR(ReadAscending(*section, "cuts", NumberKind::kShares, 2, &cuts->quantiles));
  return ReadAscending(*section, "fixed", kind, 2, &cuts->fixed);
}

}  // namespace

absl::Status ReadRfmRules(const YamlSection& models, std::optional<RfmRules>* settings) {
  STRATA_ASSIGN_OR_RETURN(const auto rfm, models.Section("rfm", {"scores", "cuts", "fixed", "ties", "window", "grid",
                                                                 "grids", "frequency_axis", "refit"}));
  if (!rfm.has_value()) return absl::OkStatus();
  RfmRules& rules = settings->emplace();
  STRATA_RETURN_IF_ERROR(ReadScores(*rfm, &rules.scores));
  STRATA_RETURN_IF_ERROR(ReadCuts(*rfm, &rules));
  STRATA_RETURN_IF_ERROR(ReadWindow(*rfm, &rules.window));
  STRATA_RETURN_IF_ERROR(ReadGrids(*rfm, &rules));
  STRATA_RETURN_IF_ERROR(ReadRefit(*rfm, &rules.refit));
  if (rules.cuts == RfmRules::Cuts::kFixed && rules.refit == Refit::kFrozen) {
    return rfm->Invalid("refit", "nightly, since fixed cuts are never fitted");
  }
  return absl::OkStatus();
}

absl::Status ReadValueSettings(const YamlSection& models, std::optional<ValueSettings>* settings) {
  STRATA_ASSIGN_OR_RETURN(const auto value,
                          models.Section("value", {"window_days", "a", "b", "d_beyond", "loyalty", "stability",
                                                   "peer_quantile", "peers_min", "refit", "treatment"}));
  if (!value.has_value()) return absl::OkStatus();
  ValueSettings& result = settings->emplace();
  size_t all = 0;
  if (value->Has("window_days") && !value->ReadChoice("window_days", {"all"}, &all).ok()) {
    if (!value->ReadInteger("window_days", 1, kMaxWindowDays, &result.window_days.emplace()).ok()) {
      return value->Invalid("window_days", fmt::format("all, or a whole number from 1 to {}", kMaxWindowDays));
    }
  }
  if (value->Has("a")) STRATA_RETURN_IF_ERROR(ReadShare(*value, "a", &result.a));
  if (value->Has("b")) STRATA_RETURN_IF_ERROR(ReadShare(*value, "b", &result.b));
  if (result.a >= result.b) {
    return value->Problem(value->Has("b") ? "b" : "a", "a is not less than b; allowed: a less than b");
  }
  if (value->Has("d_beyond")) {
    STRATA_RETURN_IF_ERROR(ReadShare(*value, "d_beyond", &result.d_beyond.emplace()));
    if (*result.d_beyond <= result.b) return value->Invalid("d_beyond", "a share greater than b");
  }
  STRATA_RETURN_IF_ERROR(ReadMoves(*value, &result));
  if (value->Has("peer_quantile")) STRATA_RETURN_IF_ERROR(ReadShare(*value, "peer_quantile", &result.peer_quantile));
  STRATA_RETURN_IF_ERROR(value->ReadInteger("peers_min", 1, kMaxPeers, &result.peers_min));
  STRATA_RETURN_IF_ERROR(ReadRefit(*value, &result.refit));
  return ReadTreatment(*value, &result.treatment);
}

absl::Status ReadLevelSettings(const YamlSection& models, std::optional<LevelSettings>* settings) {
  STRATA_ASSIGN_OR_RETURN(const auto levels,
                          models.Section("levels", {"cuts", "value", "frequency", "amount", "order", "spending"}));
  if (!levels.has_value()) return absl::OkStatus();
  LevelSettings& result = settings->emplace();
  LevelCuts all;
  STRATA_RETURN_IF_ERROR(ReadAscending(*levels, "cuts", NumberKind::kShares, 2, &all.quantiles));
  result = {all, all, all, all, all};
  STRATA_RETURN_IF_ERROR(ReadLevel(*levels, "value", NumberKind::kMoney, &result.value));
  STRATA_RETURN_IF_ERROR(ReadLevel(*levels, "frequency", NumberKind::kCounts, &result.frequency));
  STRATA_RETURN_IF_ERROR(ReadLevel(*levels, "amount", NumberKind::kMoney, &result.amount));
  STRATA_RETURN_IF_ERROR(ReadLevel(*levels, "order", NumberKind::kMoney, &result.order));
  return ReadLevel(*levels, "spending", NumberKind::kMoney, &result.spending);
}

absl::Status ReadLifeCycleSettings(const YamlSection& models, std::optional<LifeCycleSettings>* settings) {
  STRATA_ASSIGN_OR_RETURN(const auto section,
                          models.Section("life_cycle", {"gap_days", "quantiles", "fixed_days", "refit"}));
  if (!section.has_value()) return absl::OkStatus();
  LifeCycleSettings& result = settings->emplace();
  STRATA_RETURN_IF_ERROR(section->ReadInteger("gap_days", 1, kMaxGapDays, &result.gap_days));
  std::vector<int64_t> quantiles(result.quantiles.begin(), result.quantiles.end());
  STRATA_RETURN_IF_ERROR(ReadAscending(*section, "quantiles", NumberKind::kShares, 3, &quantiles));
  std::copy(quantiles.begin(), quantiles.end(), result.quantiles.begin());
  STRATA_RETURN_IF_ERROR(ReadRefit(*section, &result.refit));
  if (!section->Has("fixed_days")) return absl::OkStatus();
  for (const char* other : {"quantiles", "refit"}) {
    if (section->Has(other)) return section->Problem(other, "the cuts are fixed; allowed: only without fixed_days");
  }
  std::vector<int64_t> days;
  STRATA_RETURN_IF_ERROR(ReadAscending(*section, "fixed_days", NumberKind::kDays, 3, &days));
  result.fixed_days.assign(days.begin(), days.end());
  return absl::OkStatus();
}

}  // namespace strata

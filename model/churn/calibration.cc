#include "model/churn/calibration.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "base/fixed_point.h"
#include "base/int128.h"
#include "model/statistics/keyed_sample.h"
#include "model/trees/ensemble.h"

namespace strata {
namespace {

constexpr double kCellsPerLogOdds = 1 << kMarginCellBits;
constexpr int kPlattStepsMax = 100;
constexpr double kPlattGradientMax = 1e-10;  // per row: far below what a calibrated probability can show
constexpr double kPlattRidge = 1e-12;        // keeps the Hessian invertible (Lin, Lin, Weng: sigma)

double Clamped(double probability) { return std::clamp(probability, kCalibratedFloor, 1 - kCalibratedFloor); }

double Sigmoid(double margin) {
  return margin >= 0 ? 1 / (1 + std::exp(-margin)) : std::exp(margin) / (1 + std::exp(margin));
}

// log(1 + exp(margin)), without overflow.
double LogOnePlusExp(double margin) {
  return margin > 0 ? margin + std::log1p(std::exp(-margin)) : std::log1p(std::exp(margin));
}

struct Totals {
  int64_t rows = 0, churned = 0;
};
Totals TotalsOf(const MarginCells& cells) {
  Totals totals;
  for (const auto& [place, counts] : cells.cells) {
    totals.rows += counts[0];
    totals.churned += counts[1];
  }
  return totals;
}

// A run of cells that share one probability.
struct Block {
  int64_t rows = 0, churned = 0;
  Int128 places = 0;  // sum over rows

  void Merge(const Block& other) {
    rows += other.rows;
    churned += other.churned;
    places += other.places;
  }
};
bool NotBelow(const Block& left, const Block& right) {
  return static_cast<Int128>(left.churned) * right.rows >= static_cast<Int128>(right.churned) * left.rows;
}

// Platt's targets: what a flat prior makes of counts, so that no probability is 0 or 1.
struct PlattProblem {
  const MarginCells& cells;
  double churned_target, kept_target;

  double Objective(double slope, double intercept) const {
    double sum = 0;
    for (const auto& [place, counts] : cells.cells) {
      const double margin = slope * (place / kCellsPerLogOdds) + intercept;
      const auto churned = static_cast<double>(counts[1]);
      const auto kept = static_cast<double>(counts[0] - counts[1]);
      const double targets = churned * churned_target + kept * kept_target;
      sum += (churned + kept) * LogOnePlusExp(margin) - targets * margin;
    }
    return sum;
  }
  struct Derivatives {
    double slope = 0, intercept = 0, slope_slope = 0, slope_intercept = 0, intercept_intercept = 0;
  };
  Derivatives At(double slope, double intercept) const {
    Derivatives sums;
    for (const auto& [place, counts] : cells.cells) {
      const double x = place / kCellsPerLogOdds;
      const double p = Sigmoid(slope * x + intercept);
      const auto rows = static_cast<double>(counts[0]);
      const auto churned = static_cast<double>(counts[1]);
      const double residual = rows * p - churned * churned_target - (rows - churned) * kept_target;
      const double weight = rows * p * (1 - p);
      sums.slope += residual * x;
      sums.intercept += residual;
      sums.slope_slope += weight * x * x;
      sums.slope_intercept += weight * x;
      sums.intercept_intercept += weight;
    }
    return sums;
  }
};

// Newton with halved steps. `slope_free` false: the intercept alone.
std::pair<double, double> SolvePlatt(const PlattProblem& problem, double intercept, double rows, bool slope_free) {
  double slope = 0;
  double objective = problem.Objective(slope, intercept);
  for (int step = 0; step < kPlattStepsMax; ++step) {
    PlattProblem::Derivatives d = problem.At(slope, intercept);
    if (!slope_free) d.slope = d.slope_intercept = 0;
    if (std::max(std::fabs(d.slope), std::fabs(d.intercept)) <= kPlattGradientMax * rows) break;
    const double a = d.slope_slope + kPlattRidge;
    const double c = d.intercept_intercept + kPlattRidge;
    const double determinant = a * c - d.slope_intercept * d.slope_intercept;
    const double step_slope = (c * d.slope - d.slope_intercept * d.intercept) / determinant;
    const double step_intercept = (a * d.intercept - d.slope_intercept * d.slope) / determinant;
    double share = 1;
    double next = problem.Objective(slope - step_slope, intercept - step_intercept);
    while (!(next < objective) && share > 0x1p-30) {
      share /= 2;
      next = problem.Objective(slope - share * step_slope, intercept - share * step_intercept);
    }
    if (!(next < objective)) break;  // at the resolution of the sum
    slope -= share * step_slope;
    intercept -= share * step_intercept;
    objective = next;
  }
  return {slope, intercept};
}

double LossOf(const Calibration& calibration, const MarginCells& cells) {
  double sum = 0;
  for (const auto& [place, counts] : cells.cells) {
    const double p = calibration.Probability(int64_t{place} * (int64_t{1} << (kMarginGridBits - kMarginCellBits)));
    sum -= static_cast<double>(counts[1]) * std::log(p) + static_cast<double>(counts[0] - counts[1]) * std::log1p(-p);
  }
  return sum;
}

bool EnoughForSteps(const Totals& totals) {
  return totals.rows >= kIsotonicRowsMin &&
         std::min(totals.churned, totals.rows - totals.churned) >= kIsotonicClassRowsMin;
}

}  // namespace

void MarginCells::Add(int64_t margin, bool churned) {
  constexpr int kShift = kMarginGridBits - kMarginCellBits;
  constexpr int64_t kHalf = int64_t{1} << (kShift - 1);
  // Half a cell up, then down to whole cells: the nearest, halves upwards.
  const int64_t place = std::clamp<int64_t>((std::min(margin, INT64_MAX - kHalf) + kHalf) >> kShift, -kMarginCellMax,
                                            kMarginCellMax);
  std::array<int64_t, 2>& counts = cells[static_cast<int16_t>(place)];
  ++counts[0];
  counts[1] += churned ? 1 : 0;
}

void MarginCells::Merge(const MarginCells& other) {
  for (const auto& [place, counts] : other.cells) {
    std::array<int64_t, 2>& mine = cells[place];
    mine[0] += counts[0];
    mine[1] += counts[1];
  }
}

void MarginCells::Encode(ByteWriter* writer) const {
  writer->U32(static_cast<uint32_t>(cells.size()));
  for (const auto& [place, counts] : cells) {
    writer->I32(place);
    writer->I64(counts[0]);
    writer->I64(counts[1]);
  }
}

MarginCells MarginCells::Decode(ByteReader* reader) {
  MarginCells cells;
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    const auto place = static_cast<int16_t>(reader->I32());
    const int64_t rows = reader->I64();
    cells.cells[place] = {rows, reader->I64()};
  }
  return cells;
}

double Calibration::Probability(int64_t margin) const {
  const double log_odds = FromGrid(margin, kMarginGridBits);
  if (method == CalibrationMethod::kPlatt) return Clamped(Sigmoid(slope * log_odds + intercept));
  if (method == CalibrationMethod::kNone || places.empty()) return Clamped(Sigmoid(log_odds));
  const auto right = std::upper_bound(places.begin(), places.end(), log_odds);
  if (right == places.begin()) return Clamped(probabilities.front());
  if (right == places.end()) return Clamped(probabilities.back());
  const auto i = static_cast<size_t>(right - places.begin());
  const double share = (log_odds - places[i - 1]) / (places[i] - places[i - 1]);
  return Clamped(probabilities[i - 1] + share * (probabilities[i] - probabilities[i - 1]));
}

void Calibration::Encode(ByteWriter* writer) const {
  writer->U8(static_cast<uint8_t>(method));
  writer->F64(slope);
  writer->F64(intercept);
  writer->Array(places);
  writer->Array(probabilities);
  writer->F64(platt_loss);
  writer->F64(isotonic_loss);
  writer->I64(rows);
  writer->I64(churned);
}

Calibration Calibration::Decode(ByteReader* reader) {
  Calibration calibration;
  calibration.method = static_cast<CalibrationMethod>(reader->U8());
  calibration.slope = reader->F64();
  calibration.intercept = reader->F64();
  calibration.places = reader->Array<double>();
  calibration.probabilities = reader->Array<double>();
  calibration.platt_loss = reader->F64();
  calibration.isotonic_loss = reader->F64();
  calibration.rows = reader->I64();
  calibration.churned = reader->I64();
  return calibration.places.size() == calibration.probabilities.size() ? calibration : Calibration();
}

uint32_t CalibrationFoldOf(uint64_t seed, uint64_t hash) {
  const uint64_t draw = KeyedDraw(seed, DrawRound(DrawPurpose::kChurnCalibrationFold), hash);
  return static_cast<uint32_t>((static_cast<UInt128>(draw) * kCalibrationFolds) >> 64);
}

Calibration FitPlatt(const MarginCells& cells) {
  const Totals totals = TotalsOf(cells);
  Calibration calibration;
  if (totals.rows == 0) return calibration;
  calibration.method = CalibrationMethod::kPlatt;
  calibration.rows = totals.rows;
  calibration.churned = totals.churned;
  const auto churned = static_cast<double>(totals.churned);
  const double kept = static_cast<double>(totals.rows) - churned;
  const PlattProblem problem = {cells, (churned + 1) / (churned + 2), 1 / (kept + 2)};
  const double start = std::log((churned + 1) / (kept + 1));
  const auto rows = static_cast<double>(totals.rows);
  const bool both = totals.churned > 0 && totals.churned < totals.rows;
  std::tie(calibration.slope, calibration.intercept) = SolvePlatt(problem, start, rows, both);
  if (!(calibration.slope >= 0)) {
    std::tie(calibration.slope, calibration.intercept) = SolvePlatt(problem, start, rows, false);
  }
  return calibration;
}

Calibration FitIsotonic(const MarginCells& cells) {
  std::vector<Block> blocks;
  Calibration calibration;
  for (const auto& [place, counts] : cells.cells) {
    Block next = {counts[0], counts[1], static_cast<Int128>(place) * counts[0]};
    while (!blocks.empty() && NotBelow(blocks.back(), next)) {
      Block merged = blocks.back();
      merged.Merge(next);
      next = merged;
      blocks.pop_back();
    }
    blocks.push_back(next);
  }
  if (blocks.empty()) return calibration;
  calibration.method = CalibrationMethod::kIsotonic;
  for (size_t i = 0; i < blocks.size(); ++i) {
    const Block& block = blocks[i];
    const auto rows = static_cast<double>(block.rows);
    const auto churned = static_cast<double>(block.churned);
    const bool end = i == 0 || i + 1 == blocks.size();
    calibration.places.push_back(ToDouble(block.places) / rows / kCellsPerLogOdds);
    calibration.probabilities.push_back(end ? (churned + 0.5) / (rows + 1) : churned / rows);
    calibration.rows += block.rows;
    calibration.churned += block.churned;
  }
  // A small end block, drawn towards a half, may have overtaken its neighbour.
  std::vector<double>& p = calibration.probabilities;
  if (p.size() > 1) {
    p.front() = std::min(p.front(), p[1]);
    p.back() = std::max(p.back(), p[p.size() - 2]);
  }
  return calibration;
}

Calibration Calibrate(std::span<const MarginCells> folds) {
  MarginCells all;
  for (const MarginCells& fold : folds) all.Merge(fold);
  const Totals totals = TotalsOf(all);
  Calibration platt = FitPlatt(all);
  if (!EnoughForSteps(totals)) return platt;
  double platt_loss = 0;
  double isotonic_loss = 0;
  for (size_t held = 0; held < folds.size(); ++held) {
    MarginCells others;
    for (size_t fold = 0; fold < folds.size(); ++fold) {
      if (fold != held) others.Merge(folds[fold]);
    }
    platt_loss += LossOf(FitPlatt(others), folds[held]);
    isotonic_loss += LossOf(FitIsotonic(others), folds[held]);
  }
  Calibration chosen = isotonic_loss < platt_loss ? FitIsotonic(all) : std::move(platt);
  chosen.platt_loss = platt_loss / static_cast<double>(totals.rows);
  chosen.isotonic_loss = isotonic_loss / static_cast<double>(totals.rows);
  return chosen;
}

}  // namespace strata

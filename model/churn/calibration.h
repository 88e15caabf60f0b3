// From margins to probabilities. Margins are counted in cells of 1/64 log-odds, so that every calibrator is a function
// of a few thousand integers, and merging is exact.
//   isotonic  pool adjacent violators (Ayer et al. 1955, Annals of Mathematical Statistics 26) on exact counts; a
//             block's probability k/n at its mean place, (k + 1/2)/(n + 1) in the first and the last block; linear
//             between places, constant beyond;
//   Platt     1/(1 + exp(-(slope m + intercept))) with Platt's targets (1999), Newton of Lin, Lin, Weng (2007).
// Pure functions and plain values; thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "base/bytes.h"

namespace strata {

struct MarginCells {
  std::map<int16_t, std::array<int64_t, 2>> cells;  // by place in 1/64 log-odds, clipped to +-16: rows, churned

  // `margin` in units of 2^-40 log-odds.
  void Add(int64_t margin, bool churned);
  void Merge(const MarginCells& other);
  void Encode(ByteWriter* writer) const;
  static MarginCells Decode(ByteReader* reader);
  bool operator==(const MarginCells&) const = default;
};

enum class CalibrationMethod : uint8_t { kNone = 0, kPlatt = 1, kIsotonic = 2 };

struct Calibration {
  CalibrationMethod method = CalibrationMethod::kNone;  // kNone: the margin's own probability
  double slope = 1, intercept = 0;                      // Platt
  std::vector<double> places, probabilities;            // isotonic: ascending places, log-odds
  double platt_loss = 0, isotonic_loss = 0;             // mean log-loss in keyed folds; 0: not tried
  int64_t rows = 0, churned = 0;

  // From 2^-20 to 1 - 2^-20: nothing is sure. `margin` in units of 2^-40 log-odds.
  double Probability(int64_t margin) const;
  void Encode(ByteWriter* writer) const;
  static Calibration Decode(ByteReader* reader);
  bool operator==(const Calibration&) const = default;
};

// Below either, Platt alone is tried: too few rows for steps.
inline constexpr int64_t kIsotonicRowsMin = 1000;
inline constexpr int64_t kIsotonicClassRowsMin = 100;

// A margin's place: cells are 1/64 log-odds wide, the last ones hold all that is beyond +-16.
inline constexpr int kMarginCellBits = 6;
inline constexpr int kMarginCellMax = 16 << kMarginCellBits;
// Probabilities are clamped to it and its complement.
inline constexpr double kCalibratedFloor = 0x1.0p-20;

// Which of the kCalibrationFolds folds a customer's calibration rows are in.
inline constexpr uint32_t kCalibrationFolds = 5;
uint32_t CalibrationFoldOf(uint64_t seed, uint64_t hash);

// Both methods on all of `cells`. Without rows: kNone. Platt with one class only has slope 0; so it has where the
// margin would have to be turned round, as ranks are not to be.
Calibration FitPlatt(const MarginCells& cells);
Calibration FitIsotonic(const MarginCells& cells);

// One set of cells per keyed fold of the calibration rows; the method of the lesser log-loss over folds that it was not
// fitted on (ties: Platt), fitted on all of them.
Calibration Calibrate(std::span<const MarginCells> folds);

}  // namespace strata

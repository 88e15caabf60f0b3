#include "model/clustering/gap.h"

#include <algorithm>
#include <cmath>

#include "model/clustering/logarithm.h"

namespace strata {

std::vector<GapOfK> Gaps(const std::vector<Dispersion>& dispersions) {
  std::vector<GapOfK> gaps;
  for (const Dispersion& dispersion : dispersions) {
    const std::vector<Int128>& references = dispersion.references;
    const bool has_zero = dispersion.within <= 0 ||
                          std::any_of(references.begin(), references.end(), [](Int128 within) { return within <= 0; });
    if (has_zero || references.empty()) break;
    const auto count = static_cast<double>(references.size());
    std::vector<double> logs;
    double sum = 0;
    for (const Int128 within : references) sum += logs.emplace_back(Logarithm(ToDouble(within)));
    const double mean = sum / count;
    double squares = 0;
    for (const double log : logs) squares += (log - mean) * (log - mean);
    gaps.push_back({.k = dispersion.k,
                    .gap = mean - Logarithm(ToDouble(dispersion.within)),
                    .error = std::sqrt(squares / count * (1 + 1 / count))});
  }
  return gaps;
}

int ChooseByGap(const std::vector<GapOfK>& gaps) {
  if (gaps.empty()) return 1;
  const GapOfK* largest = &gaps.front();
  for (const GapOfK& gap : gaps) {
    if (gap.gap > largest->gap) largest = &gap;
  }
  for (const GapOfK& gap : gaps) {
    if (gap.gap >= largest->gap - largest->error) return gap.k;
  }
  return largest->k;
}

}  // namespace strata

#include "model/statistics/exact_moments.h"

#include <cmath>

#include "model/statistics/integer_sums.h"

namespace strata {

void ExactMoments::Merge(const ExactMoments& other) {
  count += other.count;
  sum += other.sum;
  sum_of_squares += other.sum_of_squares;
}

double ExactMoments::Mean() const {
  if (count == 0) return 0;
  // Whole part and rest apart: the quotient of two rounded doubles would lose the low digits of a long sum.
  const int64_t whole = RoundedQuotient(sum, count);
  const Int128 rest = sum - static_cast<Int128>(whole) * count;
  return static_cast<double>(whole) + ToDouble(rest) / static_cast<double>(count);
}

double ExactMoments::Deviation() const {
  if (count == 0) return 0;
  // Squares about the rounded mean are exact integers, so nothing cancels. Unsigned: intermediate terms may wrap, the
  // result fits.
  const int64_t centre = RoundedQuotient(sum, count);
  const auto wide_centre = static_cast<UInt128>(static_cast<Int128>(centre));
  const UInt128 squares = static_cast<UInt128>(sum_of_squares) - 2 * wide_centre * static_cast<UInt128>(sum) +
                          static_cast<UInt128>(static_cast<Int128>(count)) * wide_centre * wide_centre;
  const double rest = ToDouble(sum - static_cast<Int128>(centre) * count);
  const double n = static_cast<double>(count);
  const double variance = (ToDouble(static_cast<Int128>(squares)) - rest * rest / n) / n;
  return variance > 0 ? std::sqrt(variance) : 0;
}

void ExactMoments::Encode(ByteWriter* writer) const {
  writer->I64(count);
  writer->I128(sum);
  writer->I128(sum_of_squares);
}

ExactMoments ExactMoments::Decode(ByteReader* reader) {
  ExactMoments moments;
  moments.count = reader->I64();
  moments.sum = reader->I128();
  moments.sum_of_squares = reader->I128();
  return moments;
}

}  // namespace strata

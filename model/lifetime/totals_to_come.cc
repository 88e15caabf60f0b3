#include "model/lifetime/totals_to_come.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "model/lifetime/spend_distribution.h"

namespace strata {
namespace {

constexpr int64_t kEveryCount = 64;  // has a column of its own
constexpr double kCountRatio = 1.05;
constexpr int64_t kCountLast = 1 << 20;  // of the columns; more purchases count as so many
constexpr double kLeast = 1e-9;          // of a distribution that is followed
constexpr double kLeastSolved = 1e-7;    // of a mixture that is interpolated and not extended
constexpr size_t kPointsMax = 1600;
// Purchases of one customer that differ by less than a fortieth count as equal: totals are whole numbers of them.
constexpr double kEqualPurchases = 2000;  // p

// In units of v + x m.
double Below(const GammaGammaParameters& spend, int64_t x, int64_t n, double total) {
  return ProbabilityOfSpend(spend, x, 1, n, total * (spend.v + static_cast<double>(x)));
}
double Quantile(const GammaGammaParameters& spend, int64_t x, int64_t n, double probability) {
  return SpendQuantile(spend, x, 1, n, probability) / (spend.v + static_cast<double>(x));
}

}  // namespace

struct TotalsToCome::Grid {
  std::vector<double> logs;                  // of the totals, ascending
  std::vector<std::vector<double>> columns;  // P(sum of so many purchases > t_i)
  std::unique_ptr<std::once_flag[]> made;

  size_t points() const { return logs.size(); }
  double Total(size_t point) const { return std::exp(logs[point]); }
};

TotalsToCome::TotalsToCome(const GammaGammaParameters& spend) : spend_(spend) {
  for (int64_t n = 1; n <= kCountLast;) {
    counts_.push_back(n);
    n = n < kEveryCount ? n + 1 : static_cast<int64_t>(static_cast<double>(n) * kCountRatio);
  }
  grids_.resize(static_cast<size_t>(kTabledX) + 1);
  made_ = std::make_unique<std::once_flag[]>(grids_.size());
}

TotalsToCome::~TotalsToCome() = default;

bool TotalsToCome::AreEqual(int64_t x) const { return x > 0 && spend_.p >= kEqualPurchases; }

const TotalsToCome::Grid& TotalsToCome::GridOf(int64_t x) const {
  const auto place = static_cast<size_t>(x);
  std::call_once(made_[place], [&] {
    // From totals that one purchase hardly falls below to such as a purchase a day for a year seldom exceeds: what lies
    // beyond falls as a power. Points close enough for purchases of equal size, whose sums have a width of 1 / sqrt(p).
    // Below the middle of one purchase, where the distribution is close to a power, they grow wider.
    constexpr double kEdge = 1e-4;
    constexpr int64_t kMany = 400;
    constexpr double kWider = 1.08;
    auto grid = std::make_unique<Grid>();
    const double first = std::log(std::fmax(1e-100, Quantile(spend_, x, 1, kEdge)));
    const double middle = std::log(std::fmax(1e-100, Quantile(spend_, x, 1, 0.5)));
    double log_total = std::log(std::fmin(1e100, Quantile(spend_, x, kMany, 1 - kEdge)));
    double step = std::min(0.08, 0.3 / std::sqrt(spend_.p));
    step = std::fmax(step, (log_total - middle) / kPointsMax);
    for (; log_total > first; log_total -= step) {
      grid->logs.push_back(log_total);
      if (log_total < middle) step *= kWider;
    }
    grid->logs.push_back(first);
    std::reverse(grid->logs.begin(), grid->logs.end());
    grid->columns.resize(counts_.size());
    grid->made = std::make_unique<std::once_flag[]>(counts_.size());
    grids_[place] = std::move(grid);
  });
  return *grids_[place];
}

std::span<const double> TotalsToCome::ColumnOf(const Grid& grid, int64_t x, size_t column) const {
  auto& mutable_grid = *grids_[static_cast<size_t>(x)];
  std::call_once(grid.made[column], [&] {
    std::vector<double>& above = mutable_grid.columns[column];
    above.assign(grid.points(), 0);
    // The first point that a sum of so many purchases may fall below.
    size_t begin = 0;
    for (size_t end = grid.points(); begin < end;) {
      const size_t middle = (begin + end) / 2;
      if (Below(spend_, x, counts_[column], grid.Total(middle)) < kLeast) {
        begin = middle + 1;
      } else {
        end = middle;
      }
    }
    std::fill(above.begin(), above.begin() + static_cast<std::ptrdiff_t>(begin), 1);
    for (size_t point = begin; point < grid.points(); ++point) {
      above[point] = 1 - Below(spend_, x, counts_[column], grid.Total(point));
      if (above[point] < kLeast) break;
    }
  });
  return grid.columns[column];
}

void TotalsToCome::AboveOf(int64_t x, std::span<const double> tails, std::vector<double>* above) const {
  if (AreEqual(x)) {
    above->assign(tails.begin(), tails.end());
    return;
  }
  const Grid& grid = GridOf(x);
  above->assign(grid.points(), 0);
  // Shares of the columns; those of counts between two columns go to both.
  double carried = 0;
  size_t column = 0;
  const auto add = [&](size_t place, double share) {
    if (share <= 0) return;
    const std::span<const double> of_column = ColumnOf(grid, x, place);
    for (size_t i = 0; i < of_column.size(); ++i) (*above)[i] += share * of_column[i];
  };
  for (size_t n = 1; n <= tails.size(); ++n) {
    const double share = n < tails.size() ? tails[n - 1] - tails[n] : tails[n - 1];
    const auto count = static_cast<int64_t>(n);
    while (column + 1 < counts_.size() && counts_[column + 1] <= count) {
      add(column++, carried);
      carried = 0;
    }
    if (counts_[column] == count || column + 1 == counts_.size()) {
      carried += share;
      continue;
    }
    const double towards =
        static_cast<double>(count - counts_[column]) / static_cast<double>(counts_[column + 1] - counts_[column]);
    carried += share * (1 - towards);
    add(column + 1, share * towards);
  }
  add(column, carried);
}

double TotalsToCome::TotalExceeded(int64_t x, std::span<const double> above, double some, double wanted) const {
  if (wanted >= some) return 0;
  if (AreEqual(x)) {
    const auto count = std::lower_bound(above.begin(), above.end(), wanted, std::greater<double>()) - above.begin();
    return static_cast<double>(count) * spend_.p / (spend_.p * static_cast<double>(x) + spend_.q - 1);
  }
  const Grid& grid = GridOf(x);
  const auto logit = [some](double left) { return std::log((some - left) / left); };
  // Points [first, end) are inside of the distribution.
  const auto is_before = [some](double left, double share) { return some - left < share * some; };
  const auto first =
      static_cast<size_t>(std::lower_bound(above.begin(), above.end(), kLeastSolved, is_before) - above.begin());
  const auto end = static_cast<size_t>(
      std::lower_bound(above.begin(), above.end(), kLeastSolved * some, std::greater<double>()) - above.begin());
  const auto next =
      static_cast<size_t>(std::lower_bound(above.begin(), above.end(), wanted, std::greater<double>()) - above.begin());
  // Up to four neighbours, two on either side.
  const size_t from = std::min(std::max(first, next < 2 ? 0 : next - 2), end < 2 ? 0 : end - 2);
  const size_t to = std::max(std::min(end, next + 2), from + 2);
  const double at = logit(wanted);
  std::array<double, 4> places{};
  for (size_t i = from; i < to; ++i) places[i - from] = logit(above[i]);
  double log_total = 0;
  const bool is_inside = next > first && next < end;
  const size_t used = is_inside ? to - from : 2;
  const size_t offset = is_inside || next <= first ? 0 : to - from - 2;
  for (size_t i = offset; i < offset + used; ++i) {
    double weight = 1;
    for (size_t j = offset; j < offset + used; ++j) {
      if (j != i) weight *= (at - places[j]) / (places[i] - places[j]);
    }
    log_total += weight * grid.logs[from + i];
  }
  // Where the distribution is steeper than the grid is fine, the neighbours know best.
  if (is_inside) log_total = std::clamp(log_total, grid.logs[next - 1], grid.logs[next]);
  return std::exp(log_total);
}

AmountInterval TotalsToCome::Direct(int64_t x, std::span<const double> tails, double alive, double level) const {
  std::vector<double> counts = {1 - alive * tails[0]};
  for (size_t n = 1; n <= tails.size(); ++n) {
    counts.push_back(alive * (tails[n - 1] - (n < tails.size() ? tails[n] : 0)));
  }
  const double unit = spend_.v + static_cast<double>(x);
  const AmountInterval found = AmountIntervalOf(counts, spend_, x, 1, level);
  return {.low = found.low / unit, .high = found.high / unit};
}

}  // namespace strata

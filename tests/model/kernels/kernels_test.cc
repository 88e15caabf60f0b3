// Every width gives the bits of the plain kernels, whatever the length and the numbers; which width is asked for by
// name.
#include "model/kernels/kernels.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <iostream>
#include <limits>

#include "tests/base/status_matchers.h"
#include "tests/model/kernels/drawn_blocks.h"

namespace strata {
namespace {

constexpr uint64_t kSeeds = 2 * kKernelBlock;  // every length twice

std::vector<uint64_t> Bits(const double* values, size_t count) {
  std::vector<uint64_t> bits;
  for (size_t i = 0; i < count; ++i) bits.push_back(std::bit_cast<uint64_t>(values[i]));
  return bits;
}

// What one width makes of the blocks of a seed, as bits and integers.
class Made {
 public:
  Made(const Kernels& kernels, uint64_t seed) : kernels_(kernels), draws_(seed), n_(draws_.length()) {
    Transform();
    Regress();
  }
  std::vector<uint64_t> all;

 private:
  void Take(const std::vector<double>& values, size_t columns = 1) {
    for (size_t j = 0; j < columns; ++j) {
      const auto bits = Bits(values.data() + j * kKernelBlock, n_);
      all.insert(all.end(), bits.begin(), bits.end());
    }
  }

  void Transform() {
    // Money from nothing to more than there is, days and counts; both signs.
    const auto x = draws_.Columns(1, [this] {
      if (draws_.OneIn(4)) return static_cast<double>(draws_.Whole(-5000, 5000));
      return std::ldexp(draws_.Uniform(-1, 1), static_cast<int>(draws_.Whole(-60, 62)));
    });
    std::vector<double> out(kKernelBlock);
    kernels_.signed_log1p_on_grid(x.data(), n_, out.data());
    Take(out);
    std::vector<double> scaled(kKernelBlock);
    kernels_.standardise_on_grid(out.data(), n_, draws_.Uniform(-3, 3), draws_.Uniform(1e-6, 3), 12, scaled.data());
    Take(scaled);
    std::vector<int32_t> counts(kKernelBlock);  // some lie in the kernel's table only, some do not
    const int64_t greatest = draws_.OneIn(2) ? 4095 : 5000;
    for (int32_t& count : counts) count = static_cast<int32_t>(draws_.Whole(draws_.OneIn(50) ? -9 : 0, greatest));
    kernels_.signed_log1p_of_counts_on_grid(counts.data(), n_, out.data());
    Take(out);
    const std::vector<double> of_counts(counts.begin(), counts.end());
    std::vector<double> expected(kKernelBlock);
    kernels_.signed_log1p_on_grid(of_counts.data(), n_, expected.data());
    EXPECT_EQ(Bits(out.data(), n_), Bits(expected.data(), n_));
    auto positive = x;
    for (double& value : positive) value = std::fabs(value);
    kernels_.log1p(positive.data(), n_, out.data());
    Take(out);
    const auto power = draws_.Columns(1, [this] { return draws_.Uniform(-760, 709); });
    kernels_.exp(power.data(), n_, out.data());
    Take(out);
  }

  void Regress() {
    const size_t features = static_cast<size_t>(draws_.Whole(1, 20));
    std::vector<double> mean, deviation, coefficients;
    for (size_t j = 0; j < features; ++j) {
      mean.push_back(draws_.Uniform(-2, 2));
      deviation.push_back(draws_.Uniform(0.01, 3));
      coefficients.push_back(draws_.Uniform(-4, 4));
    }
    const LogisticView model{mean.data(), deviation.data(), coefficients.data(), draws_.Uniform(-3, 3), features};
    const auto rows = draws_.Columns(features, [this] { return static_cast<double>(draws_.Whole(-9 << 20, 9 << 20)); });
    const auto outcome = draws_.Columns(1, [this] { return draws_.OneIn(3) ? 1.0 : 0.0; });
    std::vector<double> probability(kKernelBlock);
    kernels_.logistic_probability(model, rows.data(), n_, probability.data());
    Take(probability);
    // Nothing may be left of what was there before, not even behind the last row.
    constexpr double kDebris = std::numeric_limits<double>::quiet_NaN();
    std::vector<double> z((features + 1) * kKernelBlock), residual(kKernelBlock, kDebris),
        weight(kKernelBlock, kDebris), loss(kKernelBlock, kDebris);
    const LogisticTerms terms{z.data(), residual.data(), weight.data(), loss.data()};
    kernels_.logistic_terms(model, rows.data(), n_, outcome.data(), terms);
    Take(z, features + 1);
    Take(residual);
    Take(weight);
    Take(loss);
    std::vector<int64_t> gradient(features + 1, 0), hessian((features + 1) * (features + 2) / 2, 0);
    all.push_back(kernels_.logistic_sums(terms, features + 1, n_, gradient.data(), hessian.data()) ? 1 : 0);
    all.insert(all.end(), gradient.begin(), gradient.end());
    all.insert(all.end(), hessian.begin(), hessian.end());
  }

  const Kernels& kernels_;
  BlockDraws draws_;
  size_t n_;
};

TEST(Kernels, EveryWidthGivesTheBitsOfThePlainOnes) {
  const std::vector<const Kernels*> available = AvailableKernels();
  ASSERT_EQ(available.back(), &PlainKernels());
  for (const Kernels* kernels : available) std::cout << "compared: " << kernels->name << "\n";
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    const Made plain(PlainKernels(), seed);
    for (const Kernels* kernels : available) ASSERT_EQ(Made(*kernels, seed).all, plain.all) << kernels->name;
  }
}

TEST(Kernels, AreFoundByName) {
  EXPECT_EQ(*KernelsNamed("auto"), &WidestKernels());
  EXPECT_EQ(*KernelsNamed("plain"), &PlainKernels());
  EXPECT_EQ(&WidestKernels(), AvailableKernels().front());
  for (const Kernels* kernels : AvailableKernels()) EXPECT_EQ(*KernelsNamed(kernels->name), kernels);
}

TEST(Kernels, AnUnknownNameIsAnErrorThatSaysWhatThereIs) {
  const auto unknown = KernelsNamed("sse2");
  EXPECT_EQ(DetailOf(unknown.status())->reason, "KERNELS_UNKNOWN");
  const std::string message(StdView(unknown.status().message()));
  EXPECT_NE(message.find("found 'sse2'"), std::string::npos) << message;
  for (const Kernels* kernels : AvailableKernels()) {
    EXPECT_NE(message.find(kernels->name), std::string::npos) << message;
  }
}

// On a machine without one of the widths its name is no misspelling, and said to be lacking.
TEST(Kernels, AWidthThatTheMachineLacksIsNamed) {
  const std::vector<const Kernels*> available = AvailableKernels();
  for (const std::string_view name : {"avx512", "avx2"}) {
    const auto found = KernelsNamed(name);
    const bool there =
        std::any_of(available.begin(), available.end(), [name](const Kernels* k) { return k->name == name; });
    ASSERT_EQ(found.ok(), there) << name;
    if (there) continue;
    EXPECT_EQ(DetailOf(found.status())->reason, "KERNELS_UNAVAILABLE");
  }
}

}  // namespace
}  // namespace strata

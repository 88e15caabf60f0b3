#include "bench/clustering/machine_peak.h"

#include <immintrin.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <vector>

namespace strata {
namespace {

constexpr int kRuns = 5;
constexpr size_t kChains = 16;  // more than latency times units
constexpr size_t kRounds = 2'000'000;
constexpr size_t kCopyBytes = size_t{128} << 20;  // far beyond every cache

double Best(const std::function<void()>& work) {
  double best = 1e9;
  for (int run = 0; run < kRuns; ++run) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

__attribute__((target("avx512f"))) float FmaLoop512() {
  __m512 chain[kChains];
  for (__m512& value : chain) value = _mm512_set1_ps(1.0F);
  const __m512 factor = _mm512_set1_ps(0.999F);
  for (size_t round = 0; round < kRounds; ++round) {
#pragma GCC unroll 16  // else the chains live in memory
    for (size_t c = 0; c < kChains; ++c) chain[c] = _mm512_fmadd_ps(chain[c], factor, factor);
  }
  float sum = 0;
  for (const __m512& value : chain) sum += _mm512_cvtss_f32(value);
  return sum;
}

float FmaLoop256() {
  constexpr size_t kFew = 12;  // of sixteen registers
  __m256 chain[kFew];
  for (__m256& value : chain) value = _mm256_set1_ps(1.0F);
  const __m256 factor = _mm256_set1_ps(0.999F);
  for (size_t round = 0; round < kRounds; ++round) {
#pragma GCC unroll 12
    for (size_t c = 0; c < kFew; ++c) chain[c] = _mm256_fmadd_ps(chain[c], factor, factor);
  }
  float sum = 0;
  for (const __m256& value : chain) sum += _mm256_cvtss_f32(value);
  return sum * (static_cast<float>(kChains) / kFew);
}

}  // namespace

double FmaPerSecond(int threads) {
  const bool wide = __builtin_cpu_supports("avx512f") != 0;
  std::vector<float> sums(static_cast<size_t>(threads) * 16);
  const double seconds = Best([&] {
    tbb::parallel_for(
        0, threads, [&](int thread) { sums[static_cast<size_t>(thread) * 16] += wide ? FmaLoop512() : FmaLoop256(); });
  });
  const double of_a_thread = static_cast<double>(kRounds) * (wide ? kChains * 16 : 12 * 8);
  return (sums[0] > 0 ? threads : 0) * of_a_thread / seconds;
}

double CopyBytesPerSecond(int threads) {
  std::vector<char> from(kCopyBytes, 1);
  std::vector<char> to(kCopyBytes, 2);
  const size_t part = kCopyBytes / static_cast<size_t>(threads);
  const double seconds = Best([&] {
    tbb::parallel_for(0, threads, [&](int thread) {
      const size_t begin = static_cast<size_t>(thread) * part;
      std::memcpy(to.data() + begin, from.data() + begin, part);
    });
  });
  return 2.0 * static_cast<double>(part) * threads / seconds;
}

}  // namespace strata

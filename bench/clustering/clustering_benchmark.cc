// k-means from given centres on rows of float32, as bench/clustering/measure holds it beside other libraries:
//
//   clustering_benchmark ROWS CENTRES COLUMNS ITERATIONS THREADS [KERNELS]   files of row-major float32
//   clustering_benchmark peak THREADS                                        what the machine can do at most
//
// Prints one JSON object. The seconds are those from the rows in memory to the last labels, with making points of them;
// ITERATIONS updates of the centres and the labels after the last of them, as scikit-learn counts. The inertia is in
// the units of the rows.
#include <fmt/format.h>
#include <tbb/task_arena.h>

#include <chrono>
#include <cmath>
#include <ctime>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "bench/clustering/machine_peak.h"
#include "model/clustering/lloyd_run.h"

namespace strata {
namespace {

struct Task {
  std::vector<float> rows;
  std::vector<float> centres;
  size_t columns = 0;
  int iterations = 0;
  const Kernels* kernels = nullptr;
};

struct Fit {
  double conversion_seconds = 0;
  double seconds = 0;
  double cpu_seconds = 0;  // of all threads
  int iterations = 0;
  double inertia = 0;
  double bytes_a_point = 0;  // that an iteration streams: coordinates and a label
};

std::vector<float> Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::vector<float> values(static_cast<size_t>(file.tellg()) / sizeof(float));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(float)));
  return values;
}

absl::StatusOr<Fit> Run(const Task& task) {
  const auto begin = std::chrono::steady_clock::now();
  const std::clock_t cpu_begin = std::clock();
  const auto since = [begin] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  FloatGrid grid;
  STRATA_ASSIGN_OR_RETURN(const PointBlocks points, PointBlocks::OfFloats(task.rows, task.columns, &grid));
  Fit fit;
  fit.conversion_seconds = since();
  std::vector<Centre> centres;
  for (size_t c = 0; c < task.centres.size(); c += task.columns) {
    centres.push_back(grid.Of(std::span(task.centres).subspan(c, task.columns)));
  }
  const LloydOptions options = {.k = static_cast<int>(centres.size()), .iterations_max = task.iterations + 1};
  LloydRun run(options, CentreSet(std::move(centres)));
  RunCache cache;
  while (!run.done()) {
    STRATA_RETURN_IF_ERROR(run.Absorb(Evaluate(points, run.next(), *task.kernels, &cache)));
  }
  fit.seconds = since();
  fit.cpu_seconds = static_cast<double>(std::clock() - cpu_begin) / CLOCKS_PER_SEC;
  fit.iterations = run.iterations() - 1;
  fit.bytes_a_point = static_cast<double>(points.bytes()) / static_cast<double>(points.size()) + 1;
  fit.inertia = std::ldexp(ToDouble(run.inertia()), -2 * grid.bits);
  return fit;
}

int Main(const std::vector<std::string>& arguments) {
  if (arguments.size() == 2 && arguments[0] == "peak") {
    const int threads = std::stoi(arguments[1]);
    tbb::task_arena arena(threads);
    arena.execute([threads] {
      const double fma = FmaPerSecond(threads);
      std::cout << fmt::format("{{\"fma_per_second\": {:.4g}, \"copy_bytes_per_second\": {:.4g}}}\n", fma,
                               CopyBytesPerSecond(threads));
    });
    return 0;
  }
  if (arguments.size() < 5) {
    std::cerr << "usage: clustering_benchmark ROWS CENTRES COLUMNS ITERATIONS THREADS [KERNELS]\n";
    return 2;
  }
  Task task = {Read(arguments[0]), Read(arguments[1]), std::stoul(arguments[2]), std::stoi(arguments[3])};
  const auto kernels = KernelsNamed(arguments.size() > 5 ? arguments[5] : "auto");
  if (!kernels.ok()) {
    std::cerr << kernels.status() << "\n";
    return 2;
  }
  task.kernels = *kernels;
  tbb::task_arena arena(std::stoi(arguments[4]));
  const absl::StatusOr<Fit> fit = arena.execute([&task] { return Run(task); });
  if (!fit.ok()) {
    std::cerr << fit.status() << "\n";
    return 1;
  }
  const double points = static_cast<double>(task.rows.size()) / static_cast<double>(task.columns);
  std::cout << fmt::format(
      "{{\"kernels\": \"{}\", \"seconds\": {:.5f}, \"conversion_seconds\": {:.5f}, \"cpu_seconds\": {:.5f}, "
      "\"iterations\": {}, \"inertia\": "
      "{:.9g}, \"bytes_a_point\": {:.4g}, \"point_iterations_per_second\": {:.4g}}}\n",
      task.kernels->name, fit->seconds, fit->conversion_seconds, fit->cpu_seconds, fit->iterations, fit->inertia,
      fit->bytes_a_point, points * fit->iterations / fit->seconds);
  return 0;
}

}  // namespace
}  // namespace strata

int main(int argc, char** argv) { return strata::Main(std::vector<std::string>(argv + 1, argv + argc)); }

#include "client/run_options.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "base/byte_size.h"
#include "client/backfill.h"
#include "data/reports/report_plan.h"
#include "model/kernels/kernels.h"
#include "run/job.h"
#include "run/job_file.h"
#include "store/file_system.h"

namespace strata {
namespace {

absl::Status ReadFollows(const std::string& text, std::optional<int64_t>* follows) {
  if (text == "none") {
    *follows = 0;
    return absl::OkStatus();
  }
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1) {
    return FlagInvalid("--follows", text, "a snapshot's number from 1 on, or none");
  }
  *follows = number;
  return absl::OkStatus();
}

absl::Status ReadBackfill(const RunFlagTexts& texts, RunOptions* options) {
  if (!texts.follows.empty()) {
    return FlagInvalid("--follows", texts.follows,
                       "in a backfill each run follows the newest earlier snapshot; leave it out with --as-of A..B");
  }
  STRATA_ASSIGN_OR_RETURN(options->backfill, BackfillDates(texts.as_of, texts.every_days.value_or(1)));
  return absl::OkStatus();
}

absl::Status ReadKernels(const std::string& text, const Kernels** kernels) {
  const auto found = KernelsNamed(text);
  if (!found.ok()) return FlagInvalid("--kernels", text, std::string(StdView(found.status().message())));
  *kernels = *found;
  return absl::OkStatus();
}

absl::Status ReadMemoryLimit(const std::string& text, uint64_t* bytes) {
  const auto limit = ParseByteSize(text);
  if (!limit.ok()) return FlagInvalid("--memory-limit", text, std::string(StdView(limit.status().message())));
  *bytes = *limit;
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadRunFlags(const RunFlagTexts& texts, RunOptions* options) {
  const bool is_range = texts.as_of.find("..") != std::string::npos;
  if (!is_range && texts.every_days.has_value()) {
    return FlagInvalid("--every", std::to_string(*texts.every_days), "is for a range of dates, --as-of A..B");
  }
  if (!is_range && options->skip_published) {
    return FlagInvalid("--skip-published", "without a range", "is for a range of dates, --as-of A..B");
  }
  if (options->skip_published && options->rebuild_ledger) {
    return FlagInvalid("--skip-published", "and --rebuild-ledger",
                       "what is published is of the ledger that would be replaced; give one of them");
  }
  if (is_range) {
    STRATA_RETURN_IF_ERROR(ReadBackfill(texts, options));
  } else if (!texts.as_of.empty()) {
    const auto day = ParseDay(texts.as_of);
    if (!day.ok()) return FlagInvalid("--as-of", texts.as_of, std::string(StdView(day.status().message())));
    options->as_of = *day;
  }
  if (!texts.follows.empty()) STRATA_RETURN_IF_ERROR(ReadFollows(texts.follows, &options->follows));
  if (!texts.kernels.empty()) STRATA_RETURN_IF_ERROR(ReadKernels(texts.kernels, &options->kernels));
  if (!texts.memory_limit.empty()) {
    STRATA_RETURN_IF_ERROR(ReadMemoryLimit(texts.memory_limit, &options->memory_limit_bytes));
  }
  if (texts.activate && texts.no_activate) return FlagInvalid("--activate", "and --no-activate", "give one of them");
  if (texts.activate) options->activation = Activation::kActivate;
  if (texts.no_activate) options->activation = Activation::kNoActivate;
  const StateFlags& state = options->state;
  if (!state.remote()) return absl::OkStatus();
  if (const std::string local = state.local_words(); !local.empty()) {
    return FlagInvalid("--target", state.target, "names a cluster and " + local + "; give one of them");
  }
  if (options->workers.has_value()) {
    return FlagInvalid("--workers", std::to_string(*options->workers),
                       "a cluster has its own workers; leave it out with --target");
  }
  if (options->threads.has_value()) {
    return FlagInvalid("--threads", std::to_string(*options->threads),
                       "a cluster has its own workers; leave it out with --target");
  }
  for (const auto& [flag, text] : {std::pair("--kernels", texts.kernels), {"--memory-limit", texts.memory_limit}}) {
    if (!text.empty()) {
      return FlagInvalid(flag, text, "a cluster's workers have their own; leave it out with --target");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadJobFile(const std::string& path) {
  const auto files = NewPosixFileSystem();
  const auto info = files->Stat(path);
  if (info.status().code() == absl::StatusCode::kNotFound) {
    return MakeError(absl::StatusCode::kNotFound, "JOB_MISSING", fmt::format("there is no job file {}", path),
                     {{"file", path}});
  }
  if (!info.ok()) return WithContext(info.status(), "job file");
  if (info->is_directory || info->size_bytes > kMaxJobFileBytes) {
    return MakeError(absl::StatusCode::kInvalidArgument, "JOB_INVALID",
                     fmt::format("{}: a job is a file of at most {} bytes", path, kMaxJobFileBytes), {{"file", path}});
  }
  STRATA_ASSIGN_OR_RETURN(std::string yaml, files->ReadRange(path, 0, info->size_bytes));
  STRATA_ASSIGN_OR_RETURN(const Job job, ParseJob(yaml, path));
  STRATA_RETURN_IF_ERROR(CheckReportNames(job, path));
  return yaml;
}

std::string RequestIdOf(uint64_t high_bits, uint64_t low_bits) {
  const uint64_t high = (high_bits & ~uint64_t{0xf000}) | 0x4000;                    // version 4
  const uint64_t low = (low_bits & ~(uint64_t{0xc} << 60)) | (uint64_t{0x8} << 60);  // variant of RFC 4122
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xffff, low >> 48,
                     low & 0xffff'ffff'ffff);
}

}  // namespace strata

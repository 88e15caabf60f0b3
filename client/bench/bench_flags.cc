#include "client/bench/bench_flags.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "client/text/flag_words.h"

namespace strata {
namespace {

constexpr double kMsMax = 86'400'000;  // a day: whoever allows more wants no threshold

absl::StatusOr<double> ReadNumber(const char* flag, const std::string& text, double min, double max,
                                  const char* allowed) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size() && value >= min && value <= max) return value;
  return FlagInvalid(flag, text, fmt::format("allowed is {}", allowed));
}

absl::StatusOr<std::vector<std::string>> ReadTargets(const std::string& text) {
  std::vector<std::string> targets;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string target = text.substr(begin, end - begin);
    if (target.find(':') == std::string::npos) {
      return FlagInvalid("--target", text, "an address is HOST:PORT, several have commas between them");
    }
    targets.push_back(target);
    begin = end + 1;
  }
  return targets;
}

absl::Status ReadLoop(const BenchFlags& flags, LoadPlan* plan) {
  plan->closed = flags.closed;
  if (flags.closed) {
    if (!flags.rate.empty()) {
      return FlagInvalid("--rate", flags.rate, "a closed loop (--closed) has no rate of its own; give one of the two");
    }
    if (flags.arrivals.has_value()) {
      return FlagInvalid("--arrivals", *flags.arrivals, "is for an open loop (--rate), not for --closed");
    }
    if (!flags.min_rate_ratio.empty()) {
      return FlagInvalid("--min-rate-ratio", flags.min_rate_ratio, "is for an open loop (--rate), not for --closed");
    }
    return absl::OkStatus();
  }
  if (flags.rate.empty()) {
    return MakeError(absl::StatusCode::kInvalidArgument, "FLAG_INVALID",
                     "how to ask is missing: give --rate R (open loop, R requests a second) or --closed",
                     {{"flag", "--rate"}});
  }
  constexpr double kMin = static_cast<double>(kMilliRateMin) / 1000, kMax = static_cast<double>(kMilliRateMax) / 1000;
  STRATA_ASSIGN_OR_RETURN(const double rate,
                          ReadNumber("--rate", flags.rate, kMin, kMax, "0.001 to 10000000 requests a second"));
  plan->milli_rate = std::llround(rate * 1000);
  const std::string arrivals = flags.arrivals.value_or(Name(ArrivalShape::kConstant));
  for (const ArrivalShape shape : {ArrivalShape::kConstant, ArrivalShape::kPoisson}) {
    if (arrivals != Name(shape)) continue;
    plan->arrivals = shape;
    return absl::OkStatus();
  }
  return FlagInvalid("--arrivals", arrivals, "allowed is constant or poisson");
}

absl::Status ReadMethod(const BenchFlags& flags, LoadPlan* plan) {
  if (flags.method == Name(LoadMethod::kGet)) {
    if (!flags.batch.has_value()) return absl::OkStatus();
    return FlagInvalid("--batch", std::to_string(*flags.batch), "is for --method lookup; GetScore asks for one id");
  }
  if (flags.method != Name(LoadMethod::kLookup)) {
    return FlagInvalid("--method", flags.method, "allowed is get or lookup");
  }
  plan->method = LoadMethod::kLookup;
  plan->batch = static_cast<int>(flags.batch.value_or(kDefaultBatch));
  return absl::OkStatus();
}

absl::Status ReadConnections(const BenchFlags& flags, LoadPlan* plan) {
  plan->connections = static_cast<int>(flags.connections);
  plan->in_flight = static_cast<int>(flags.in_flight);
  plan->threads = static_cast<int>(flags.threads);
  const std::string found = std::to_string(flags.connections);
  if (static_cast<int>(plan->targets.size()) > plan->connections) {
    return FlagInvalid("--connections", found, fmt::format("{} targets want one each", plan->targets.size()));
  }
  if (plan->threads > plan->connections) {
    return FlagInvalid("--connections", found, fmt::format("{} threads want one each", plan->threads));
  }
  return absl::OkStatus();
}

absl::Status ReadKeys(const BenchFlags& flags, LoadPlan* plan) {
  STRATA_RETURN_IF_ERROR(ReadKeyLaw(flags.keys, &plan->keys));
  if (plan->keys.law == KeyLaw::kInOrder && flags.ids.empty()) {
    return FlagInvalid("--keys", flags.keys, "the file is missing: give --ids FILE as well");
  }
  STRATA_ASSIGN_OR_RETURN(plan->keys.unknown_ratio, ReadNumber("--unknown-ratio", flags.unknown_ratio, 0, 1, "0 to 1"));
  plan->keys.seed = flags.seed;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LoadPlan> ReadBenchPlan(const BenchFlags& flags) {
  LoadPlan plan;
  STRATA_ASSIGN_OR_RETURN(plan.targets, ReadTargets(flags.target));
  plan.snapshot = {.job = flags.job, .number = flags.snapshot.value_or(0)};
  STRATA_RETURN_IF_ERROR(ReadLoop(flags, &plan));
  STRATA_RETURN_IF_ERROR(ReadMethod(flags, &plan));
  STRATA_RETURN_IF_ERROR(ReadConnections(flags, &plan));
  STRATA_RETURN_IF_ERROR(ReadKeys(flags, &plan));
  plan.warmup_ms = flags.warmup_s * 1000;
  plan.duration_ms = flags.duration_s * 1000;
  plan.deadline_ms = flags.deadline_ms;
  plan.verify = !flags.no_verify;
  if (flags.no_verify && !flags.expect.empty()) {
    return FlagInvalid("--expect", flags.expect, "does not go with --no-verify");
  }
  return plan;
}

absl::StatusOr<BenchThresholds> ReadBenchThresholds(const BenchFlags& flags) {
  BenchThresholds thresholds;
  const auto read = [](const char* flag, const std::string& text, double max, const char* allowed,
                       std::optional<double>* value) -> absl::Status {
    if (text.empty()) return absl::OkStatus();
    STRATA_ASSIGN_OR_RETURN(*value, ReadNumber(flag, text, 0, max, allowed));
    return absl::OkStatus();
  };
  constexpr const char* kMs = "0 to 86400000 milliseconds";
  STRATA_RETURN_IF_ERROR(read("--max-p50-ms", flags.max_p50_ms, kMsMax, kMs, &thresholds.max_p50_ms));
  STRATA_RETURN_IF_ERROR(read("--max-p90-ms", flags.max_p90_ms, kMsMax, kMs, &thresholds.max_p90_ms));
  STRATA_RETURN_IF_ERROR(read("--max-p99-ms", flags.max_p99_ms, kMsMax, kMs, &thresholds.max_p99_ms));
  STRATA_RETURN_IF_ERROR(read("--max-p999-ms", flags.max_p999_ms, kMsMax, kMs, &thresholds.max_p999_ms));
  STRATA_RETURN_IF_ERROR(read("--max-error-ratio", flags.max_error_ratio, 1, "0 to 1", &thresholds.max_error_ratio));
  STRATA_RETURN_IF_ERROR(read("--min-rate-ratio", flags.min_rate_ratio, 1, "0 to 1", &thresholds.min_rate_ratio));
  STRATA_RETURN_IF_ERROR(
      read("--max-client-cpu-ratio", flags.max_client_cpu_ratio, 1, "0 to 1", &thresholds.max_client_cpu_ratio));
  return thresholds;
}

}  // namespace strata

#include "model/lifetime/bootstrap_fitter.h"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <utility>

#include "model/lifetime/likelihood.h"

namespace strata {

static_assert(Fitter<BootstrapFitter>);

namespace {

// Those that the fit of all customers estimated: at a boundary a replicate stays where that one is.
std::array<bool, 4> FreeIn(const LifetimeFit& fit) {
  std::array<bool, 4> free{};
  for (size_t i = 0; i < 4; ++i) free[i] = fit.covariance[i][i] > 0;
  return free;
}

std::optional<LifetimeParameters> Refitted(const BootstrapFitter::Settings& settings, const HistoryTable& replicate) {
  if (replicate.rows.empty()) return std::nullopt;
  const auto likelihood = MakeLikelihood(settings.fit.parameters.kind, replicate);
  const SearchProblem problem{.likelihood = likelihood.get(),
                              .customers = replicate.customers(),
                              .free = FreeIn(settings.fit),
                              .prior = settings.prior};
  const Climb climb = ClimbFrom(problem, settings.fit.parameters);
  return climb.converged() ? std::optional(climb.at) : std::nullopt;
}

}  // namespace

void BootstrapFitter::Parameters::Encode(ByteWriter* writer) const {
  writer->U8(static_cast<uint8_t>(histories));
  writer->U64(seed);
  writer->U32(first);
}

BootstrapFitter::Parameters BootstrapFitter::Parameters::Decode(ByteReader* reader) {
  Parameters decoded;
  decoded.histories = static_cast<BootstrapTable::Histories>(reader->U8());
  decoded.seed = reader->U64();
  decoded.first = reader->U32();
  return decoded;
}

BootstrapFitter::BootstrapFitter(Settings settings) : settings_(std::move(settings)) {
  const LifetimeFit& fit = settings_.fit;
  const std::array<bool, 4> free = FreeIn(fit);
  const bool has_rounds = fit.fitted && fit.parameters.kind != LifetimeKind::kSbg &&
                          std::any_of(free.begin(), free.end(), [](bool is_free) { return is_free; });
  if (!has_rounds) settings_.replicates = 0;
}

std::optional<BootstrapFitter::Parameters> BootstrapFitter::Next() const {
  if (taken_ >= settings_.replicates) return std::nullopt;
  const bool discrete = settings_.fit.parameters.kind == LifetimeKind::kBgBb;
  return Parameters{
      .histories = discrete ? BootstrapTable::Histories::kOpportunities : BootstrapTable::Histories::kPurchases,
      .seed = settings_.seed,
      .first = static_cast<uint32_t>(taken_)};
}

BootstrapFitter::Partial BootstrapFitter::Accumulate(const Parameters& parameters, const ShardFeatures& shard,
                                                     const Kernels&) {
  return BootstrapTable::Of(parameters.histories, parameters.seed, parameters.first, shard);
}

absl::Status BootstrapFitter::Absorb(const Partial& merged) {
  if (taken_ >= settings_.replicates) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "FIT_DONE", "the bootstrap has no further round");
  }
  const bool discrete = settings_.fit.parameters.kind == LifetimeKind::kBgBb;
  const int count = std::min(kReplicatesAtOnce, settings_.replicates - taken_);
  std::vector<absl::StatusOr<HistoryTable>> bases(static_cast<size_t>(count), HistoryTable());
  std::vector<std::optional<LifetimeParameters>> found(bases.size());
  tbb::parallel_for(size_t{0}, bases.size(), [&](size_t i) {
    bases[i] = merged.Replicate(static_cast<int>(i), discrete ? 1 : settings_.time_unit_days);
    if (bases[i].ok()) found[i] = Refitted(settings_, *bases[i]);
  });
  for (size_t i = 0; i < bases.size(); ++i) {
    STRATA_RETURN_IF_ERROR(bases[i].status());
    if (found[i]) result_.push_back(*found[i]);
  }
  taken_ += count;
  return absl::OkStatus();
}

std::string BootstrapFitter::warning() const {
  const int lost = taken_ - static_cast<int>(result_.size());
  if (lost == 0) return "";
  return fmt::format("{} of {} replicates of the bootstrap have no maximum and are left out", lost, taken_);
}

}  // namespace strata

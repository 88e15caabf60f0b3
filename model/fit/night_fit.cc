#include "model/fit/night_fit.h"

#include <fmt/format.h>
#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_reduce.h>

#include <functional>
#include <map>

#include "base/bytes.h"
#include "model/churn/churn_fitter.h"
#include "model/clustering/clustering_fitter.h"
#include "model/fitter.h"
#include "model/lifetime/night_lifetime.h"

namespace strata {
namespace {

// Numbers name models in requests and partials.
enum class Kind : uint8_t { kRfm = 1, kClustering = 2, kLifetime = 3, kChurn = 5, kSchemes = 6, kPercentiles = 7 };

template <Fitter F>
void EncodeNext(Kind kind, const std::optional<F>& fitter, uint32_t* count, ByteWriter* writer) {
  if (!fitter.has_value()) return;
  const auto parameters = fitter->Next();
  if (!parameters.has_value()) return;
  ByteWriter body;
  parameters->Encode(&body);
  writer->U8(static_cast<uint8_t>(kind));
  writer->Text(body.bytes());
  ++*count;
}

template <Fitter F>
absl::Status AbsorbModel(const std::vector<std::string_view>& encoded, std::optional<F>* fitter) {
  if (!fitter->has_value()) return absl::OkStatus();
  typename F::Partial merged;
  for (const std::string_view bytes : encoded) {
    ByteReader reader(bytes);
    merged.Merge(F::Partial::Decode(&reader));
    STRATA_RETURN_IF_ERROR(reader.Finish("partial of a round"));
  }
  return (*fitter)->Absorb(merged);
}

absl::Status AbsorbPercentiles(const std::vector<std::string_view>& encoded, std::optional<ColumnQuantiles>* fitter) {
  if (!fitter->has_value()) return absl::OkStatus();
  GroupedPartial merged;
  for (const std::string_view bytes : encoded) {
    ByteReader reader(bytes);
    merged.Merge(GroupedPartial::Decode(&reader));
    STRATA_RETURN_IF_ERROR(reader.Finish("partial of a round"));
  }
  return (*fitter)->Absorb(merged);
}

// (kind, bytes) pairs as EncodeNext and AccumulateRound write them.
absl::Status ForEachModel(std::string_view bytes, const std::function<absl::Status(Kind, std::string_view)>& visit) {
  ByteReader reader(bytes);
  const uint32_t count = reader.U32();
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    const Kind kind = static_cast<Kind>(reader.U8());
    const std::string_view body = reader.Text();
    if (reader.ok()) STRATA_RETURN_IF_ERROR(visit(kind, body));
  }
  return reader.Finish("round");
}

}  // namespace

struct NightFit::Fitters {
  std::optional<RfmFitter> rfm;
  std::optional<ClusteringFitter> clustering;
  std::optional<NightLifetime> lifetime;
  std::optional<ChurnFitter> churn;
  std::optional<SchemeFitter> schemes;
  std::optional<ColumnQuantiles> percentiles;
};

NightFit::NightFit(const NightFitSettings& settings) : settings_(settings), fitters_(std::make_unique<Fitters>()) {
  if (settings.rfm.has_value()) fitters_->rfm.emplace(*settings.rfm);
  if (settings.schemes.has_value()) fitters_->schemes.emplace(*settings.schemes);
  if (!settings.percentiles.empty()) fitters_->percentiles.emplace(settings.percentiles);
  if (settings.clustering.has_value()) fitters_->clustering.emplace(*settings.clustering);
  if (settings.lifetime.has_value()) fitters_->lifetime.emplace(*settings.lifetime, settings.spend, *settings.kernels);
  if (settings.churn.has_value()) fitters_->churn.emplace(*settings.churn);
}

NightFit::~NightFit() = default;

FittedModels NightFit::Result() const {
  FittedModels models;
  if (fitters_->rfm.has_value()) models.rfm = fitters_->rfm->result();
  if (fitters_->clustering.has_value()) models.clustering = fitters_->clustering->result();
  if (fitters_->lifetime.has_value()) {
    models.lifetime = fitters_->lifetime->lifetime();
    models.spend = fitters_->lifetime->spend();
  }
  if (fitters_->churn.has_value()) models.churn = fitters_->churn->result();
  if (fitters_->schemes.has_value()) models.schemes = fitters_->schemes->result();
  models.lifetime_horizon_days = settings_.lifetime_horizon_days;
  models.discount_rate_annual = settings_.discount_rate_annual;
  return models;
}

std::map<ColumnQuantiles::Target, std::optional<int64_t>> NightFit::Percentiles() const {
  if (!fitters_->percentiles.has_value()) return {};
  return fitters_->percentiles->Result();
}

std::optional<std::string> NightFit::Next() const {
  ByteWriter body;
  uint32_t count = 0;
  EncodeNext(Kind::kRfm, fitters_->rfm, &count, &body);
  EncodeNext(Kind::kClustering, fitters_->clustering, &count, &body);
  EncodeNext(Kind::kLifetime, fitters_->lifetime, &count, &body);
  EncodeNext(Kind::kChurn, fitters_->churn, &count, &body);
  EncodeNext(Kind::kSchemes, fitters_->schemes, &count, &body);
  const auto percentiles = fitters_->percentiles.has_value() ? fitters_->percentiles->Next() : std::nullopt;
  if (count == 0 && percentiles.has_value()) {  // of columns that need what was fitted before
    PercentileParameters parameters{.models = {}, .request = *percentiles};
    if (settings_.encode_models) parameters.models = settings_.encode_models(Result());
    ByteWriter encoded;
    parameters.Encode(&encoded);
    body.U8(static_cast<uint8_t>(Kind::kPercentiles));
    body.Text(encoded.bytes());
    ++count;
  }
  if (count == 0) return std::nullopt;
  ByteWriter writer;
  writer.U32(count);
  return writer.Take() + body.bytes();
}

uint32_t NightFit::models_left() const {
  const auto left = [](const auto& fitter) -> uint32_t { return fitter.has_value() && fitter->Next().has_value(); };
  return left(fitters_->rfm) + left(fitters_->clustering) + left(fitters_->lifetime) + left(fitters_->churn) +
         left(fitters_->schemes) + left(fitters_->percentiles);
}

absl::Status NightFit::Absorb(const std::vector<std::string>& partials) {
  std::map<Kind, std::vector<std::string_view>> by_kind;
  for (const std::string& partial : partials) {
    STRATA_RETURN_IF_ERROR(ForEachModel(partial, [&by_kind](Kind kind, std::string_view body) {
      by_kind[kind].push_back(body);
      return absl::OkStatus();
    }));
  }
  for (const auto& [kind, bodies] : by_kind) {
    absl::Status status;
    switch (kind) {
      case Kind::kRfm:
        status = AbsorbModel(bodies, &fitters_->rfm);
        break;
      case Kind::kClustering:
        status = AbsorbModel(bodies, &fitters_->clustering);
        break;
      case Kind::kLifetime:
        status = AbsorbModel(bodies, &fitters_->lifetime);
        break;
      case Kind::kChurn:
        status = AbsorbModel(bodies, &fitters_->churn);
        break;
      case Kind::kSchemes:
        status = AbsorbModel(bodies, &fitters_->schemes);
        break;
      case Kind::kPercentiles:
        status = AbsorbPercentiles(bodies, &fitters_->percentiles);
        break;
    }
    STRATA_RETURN_IF_ERROR(status);
  }
  return absl::OkStatus();
}

class RoundSum::Model {
 public:
  explicit Model(Kind kind) : kind_(kind) {}
  virtual ~Model() = default;
  virtual void Add(const std::vector<const ShardFeatures*>& shards) = 0;
  virtual absl::Status status() const { return absl::OkStatus(); }
  virtual void Encode(ByteWriter* writer) const = 0;
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

template <typename F>
class RoundSum::ModelOf final : public Model {
 public:
  static absl::StatusOr<std::unique_ptr<Model>> Of(Kind kind, std::string_view encoded, const Kernels& kernels) {
    ByteReader reader(encoded);
    auto parameters = F::Parameters::Decode(&reader);
    STRATA_RETURN_IF_ERROR(reader.Finish("parameters of a round"));
    return std::unique_ptr<Model>(new ModelOf(kind, std::move(parameters), kernels));
  }

  void Add(const std::vector<const ShardFeatures*>& shards) override {
    // Merging is exact, associative and commutative: however TBB splits the shards, the bits are the same.
    sum_.Merge(tbb::parallel_reduce(
        tbb::blocked_range<size_t>(0, shards.size()), Partial{},
        [&](const tbb::blocked_range<size_t>& range, Partial partial) {
          for (size_t i = range.begin(); i < range.end(); ++i) {
            partial.Merge(F::Accumulate(parameters_, *shards[i], kernels_));
          }
          return partial;
        },
        [](Partial left, const Partial& right) {
          left.Merge(right);
          return left;
        }));
  }
  void Encode(ByteWriter* writer) const override { sum_.Encode(writer); }

 private:
  using Partial = typename F::Partial;
  ModelOf(Kind kind, typename F::Parameters parameters, const Kernels& kernels)
      : Model(kind), parameters_(std::move(parameters)), kernels_(kernels) {}

  typename F::Parameters parameters_;
  const Kernels& kernels_;
  Partial sum_;
};

class RoundSum::PercentileModel final : public Model {
 public:
  PercentileModel(ColumnQuantilesRequest request, ColumnsOfShard columns)
      : Model(Kind::kPercentiles), request_(std::move(request)), columns_(std::move(columns)) {}

  void Add(const std::vector<const ShardFeatures*>& shards) override {
    std::vector<absl::StatusOr<GroupedPartial>> partials(shards.size(), GroupedPartial());
    tbb::parallel_for(size_t{0}, shards.size(), [&](size_t i) { partials[i] = Count(*shards[i]); });
    for (const absl::StatusOr<GroupedPartial>& partial : partials) {
      if (status_.ok()) status_ = partial.status();
      if (partial.ok()) sum_.Merge(*partial);
    }
  }
  void Encode(ByteWriter* writer) const override { sum_.Encode(writer); }
  absl::Status status() const override { return status_; }

 private:
  absl::StatusOr<GroupedPartial> Count(const ShardFeatures& shard) const {
    STRATA_ASSIGN_OR_RETURN(const std::shared_ptr<const ColumnSet> columns, columns_(shard));
    return CountColumns(request_, *columns);
  }

  ColumnQuantilesRequest request_;
  ColumnsOfShard columns_;
  GroupedPartial sum_;
  absl::Status status_;
};

RoundSum::RoundSum() = default;
RoundSum::RoundSum(RoundSum&&) noexcept = default;
RoundSum& RoundSum::operator=(RoundSum&&) noexcept = default;
RoundSum::~RoundSum() = default;

absl::StatusOr<RoundSum> RoundSum::ForRequest(std::string_view request, const Kernels& kernels,
                                              const ColumnsByModels& columns) {
  RoundSum sum;
  const auto percentiles = [&columns](std::string_view encoded) -> absl::StatusOr<std::unique_ptr<Model>> {
    ByteReader reader(encoded);
    PercentileParameters parameters = PercentileParameters::Decode(&reader);
    STRATA_RETURN_IF_ERROR(reader.Finish("parameters of a round"));
    if (!columns) return absl::InternalError("a round asks for percentiles of columns that nobody makes");
    STRATA_ASSIGN_OR_RETURN(ColumnsOfShard of_shard, columns(parameters.models));
    return std::unique_ptr<Model>(new PercentileModel(std::move(parameters.request), std::move(of_shard)));
  };
  const auto make = [&](Kind kind, std::string_view parameters) -> absl::StatusOr<std::unique_ptr<Model>> {
    switch (kind) {
      case Kind::kRfm:
        return ModelOf<RfmFitter>::Of(kind, parameters, kernels);
      case Kind::kClustering:
        return ModelOf<ClusteringFitter>::Of(kind, parameters, kernels);
      case Kind::kLifetime:
        return ModelOf<NightLifetime>::Of(kind, parameters, kernels);
      case Kind::kChurn:
        return ModelOf<ChurnFitter>::Of(kind, parameters, kernels);
      case Kind::kSchemes:
        return ModelOf<SchemeFitter>::Of(kind, parameters, kernels);
      case Kind::kPercentiles:
        return percentiles(parameters);
    }
    return MakeError(absl::StatusCode::kDataLoss, "ROUND_MALFORMED",
                     fmt::format("a round asks for model {}, which does not exist", static_cast<int>(kind)));
  };
  STRATA_RETURN_IF_ERROR(ForEachModel(request, [&](Kind kind, std::string_view parameters) -> absl::Status {
    STRATA_ASSIGN_OR_RETURN(auto model, make(kind, parameters));
    sum.models_.push_back(std::move(model));
    return absl::OkStatus();
  }));
  return sum;
}

void RoundSum::Add(const std::vector<const ShardFeatures*>& shards) {
  for (const auto& model : models_) model->Add(shards);
}

absl::StatusOr<std::string> RoundSum::Take() const {
  ByteWriter writer;
  writer.U32(static_cast<uint32_t>(models_.size()));
  for (const auto& model : models_) {
    STRATA_RETURN_IF_ERROR(model->status());
    ByteWriter partial;
    model->Encode(&partial);
    writer.U8(static_cast<uint8_t>(model->kind()));
    writer.Text(partial.bytes());
  }
  return writer.Take();
}

absl::StatusOr<std::string> AccumulateRound(std::string_view request, const std::vector<const ShardFeatures*>& shards,
                                            const Kernels& kernels) {
  STRATA_ASSIGN_OR_RETURN(RoundSum sum, RoundSum::ForRequest(request, kernels));
  sum.Add(shards);
  return sum.Take();
}

}  // namespace strata

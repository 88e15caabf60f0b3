#include "model/score.h"

#include <memory>
#include <optional>

#include "model/classes/scheme_columns.h"
#include "model/cluster_scores.h"
#include "model/lifetime/value.h"
#include "model/rfm/rfm_grids.h"
#include "model/rfm/rfm_score.h"

namespace strata {
namespace {

// The values that a model scores: of the features, or of the profile's window.
class RfmScorer {
 public:
  RfmScorer(const RfmModel& model, const CustomerColumns& today, const ColumnSet& profile)
      : model_(model),
        today_(today),
        recency_(profile, "rfm_recency"),
        frequency_(profile, "rfm_frequency"),
        monetary_(profile, "rfm_monetary") {}

  void Score(size_t row, CustomerScore* score) const {
    if (model_.windowed && recency_[row] == kNoWhole) return;
    const RfmScores scores = model_.windowed ? strata::Score(model_, recency_[row], frequency_[row], monetary_[row])
                                             : strata::Score(model_, int64_t{today_.as_of} - today_.last_day[row],
                                                             today_.purchase_days[row], today_.net_micros[row]);
    score->recency_score = scores.recency;
    score->frequency_score = scores.frequency;
    score->monetary_score = scores.monetary;
    if (model_.grid == kGridEleven) score->segment = static_cast<RfmSegment>(ClassOfEleven(model_, scores));
  }

 private:
  const RfmModel& model_;
  const CustomerColumns& today_;
  const WholeColumn recency_, frequency_, monetary_;
};

void TakeClasses(const ClassCodes& classes, std::vector<CustomerScore>* scores) {
  for (size_t scheme = 0; scheme < kSchemes; ++scheme) {
    const std::vector<uint8_t>& codes = classes.codes[scheme];
    for (size_t row = 0; row < codes.size(); ++row) (*scores)[row].classes[scheme] = codes[row];
  }
}

void Take(const LifetimeColumns& lifetime, size_t row, CustomerScore* score) {
  score->p_alive = lifetime.p_alive[row];
  score->expected_purchases = lifetime.expected_purchases[row];
  score->p_no_purchase = lifetime.p_no_purchase[row];
  score->expected_spend = lifetime.expected_spend[row];
  score->lifetime_value = lifetime.lifetime_value[row];
  score->flags |= lifetime.flags[row];
}

}  // namespace

ReadyScorers ReadyScorers::Of(const FittedModels& models) {
  ReadyScorers ready;
  if (models.lifetime.has_value()) {
    ready.lifetime = std::make_unique<const LifetimeScorer>(
        *models.lifetime, models.spend.has_value() ? &*models.spend : nullptr, RulesOf(models));
  }
  if (models.churn.has_value()) ready.churn = std::make_unique<const NightChurn>(models);
  return ready;
}

absl::StatusOr<ClassCodes> ScoreCustomers(const FittedModels& models, const CustomerColumns& today,
                                          const ColumnSet* profile, std::vector<CustomerScore>* out,
                                          const Kernels& kernels, ClusterColumns* clusters, const ReadyScorers* ready) {
  out->assign(today.size(), CustomerScore());
  if (models.clustering.has_value()) {
    const ShardFeatures shard{.today = today, .churn_test = {}, .churn_train = {}, .profile = profile};
    STRATA_RETURN_IF_ERROR(ScoreClusters(*models.clustering, shard, kernels, out, clusters));
  }
  const ColumnSet none;
  std::optional<RfmScorer> rfm;
  if (models.rfm.has_value()) rfm.emplace(*models.rfm, today, profile == nullptr ? none : *profile);
  ReadyScorers made;
  if (ready == nullptr) ready = &(made = ReadyScorers::Of(models));
  const LifetimeScorer* const lifetime = ready->lifetime.get();
  LifetimeColumns lifetimes;
  std::vector<CustomerOutlook> outlooks;
  if (lifetime != nullptr) {
    STRATA_RETURN_IF_ERROR(lifetime->Score(today, profile, &lifetimes));
    STRATA_RETURN_IF_ERROR(lifetime->Outlook(today, profile, &outlooks));
  }
  for (size_t row = 0; row < today.size(); ++row) {
    CustomerScore& score = (*out)[row];
    score.purchase_days = today.purchase_days[row];
    score.rows = today.rows[row];
    score.return_rows = today.return_rows[row];
    score.net_micros = today.net_micros[row];
    if (score.purchase_days <= 0) {
      score.flags = kFlagNoPurchase;
      continue;
    }
    score.first_day = today.first_day[row];
    score.last_day = today.last_day[row];
    if (rfm.has_value()) rfm->Score(row, &score);
    if (lifetime != nullptr) {
      Take(lifetimes, row, &score);
      score.outlook = outlooks[row];
    }
  }
  if (ready->churn != nullptr) STRATA_RETURN_IF_ERROR(ready->churn->Score(today, profile, kernels, out));
  ClassCodes classes;
  if (profile != nullptr) classes = ClassifyCustomers(models, today, *profile);
  TakeClasses(classes, out);
  return classes;
}

}  // namespace strata

#include "model/score.h"

#include <optional>

#include "model/churn/churn_fitter.h"
#include "model/clustering/clustering_fitter.h"
#include "model/lifetime/value.h"
#include "model/rfm/rfm_score.h"

namespace strata {
namespace {

void ScoreRfm(const RfmModel& model, const CustomerColumns& today, size_t row, CustomerScore* score) {
  const RfmScores scores =
      Score(model, int64_t{today.as_of} - today.last_day[row], today.purchase_days[row], today.net_micros[row]);
  score->recency_score = scores.recency;
  score->frequency_score = scores.frequency;
  score->monetary_score = scores.monetary;
  score->segment = SegmentOf(scores.recency, scores.frequency, model.scores);
}

void Take(const LifetimeScore& lifetime, CustomerScore* score) {
  score->p_alive = lifetime.p_alive;
  score->expected_purchases = lifetime.expected_purchases;
  score->p_no_purchase = lifetime.p_no_purchase;
  score->expected_spend = lifetime.expected_spend;
  score->lifetime_value = lifetime.lifetime_value;
  if (lifetime.spend_from_population) score->flags |= kFlagSpendFromPopulation;
  if (lifetime.spend_not_positive) score->flags |= kFlagSpendNotPositive;
}

}  // namespace

void ScoreCustomers(const FittedModels& models, const CustomerColumns& today, std::vector<CustomerScore>* out,
                    const Kernels& kernels) {
  out->assign(today.size(), CustomerScore());
  std::vector<int> clusters(today.size(), -1);
  if (models.clustering.has_value()) clusters = Predict(*models.clustering, today, kernels);
  std::optional<LifetimeScorer> lifetime;
  if (models.lifetime.has_value()) {
    lifetime.emplace(*models.lifetime, models.spend.has_value() ? &*models.spend : nullptr,
                     models.lifetime_horizon_days, models.discount_rate_annual);
  }
  std::vector<double> churn;
  if (models.churn.has_value()) churn = ChurnProbabilities(*models.churn, today, kernels);

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
    if (models.rfm.has_value()) ScoreRfm(*models.rfm, today, row, &score);
    score.cluster = static_cast<int16_t>(clusters[row]);
    if (lifetime.has_value()) {
      Take(lifetime->Score(score.purchase_days, score.first_day, score.last_day, today.as_of,
                           today.repeat_net_micros[row]),
           &score);
    }
    if (models.churn.has_value()) {
      score.churn_probability = churn[row];
      if (!EligibleForChurn(today, row, models.churn->eligible_days)) score.flags |= kFlagChurnInactive;
    }
  }
}

}  // namespace strata

#include <fmt/format.h>

#include "run/job_file.h"
#include "run/transaction_fields.h"

namespace strata {

std::vector<std::pair<std::string, std::string>> LedgerFingerprint(const Job& job) {
  const TransactionSource& source = job.transactions;
  std::vector<std::pair<std::string, std::string>> pairs;
  pairs.emplace_back("shards", fmt::format("{}", job.shards));
  pairs.emplace_back("time_zone", job.time_zone);
  pairs.emplace_back("currency", job.currency);
  for (const TransactionFieldInfo& info : kTransactionFields) {
    pairs.emplace_back(fmt::format("sources.transactions.columns.{}", info.name), source.columns.*(info.column));
  }
  pairs.emplace_back("sources.transactions.time_format", source.time_format);
  pairs.emplace_back("sources.transactions.delimiter", std::string(1, source.delimiter));
  pairs.emplace_back("sources.transactions.on_missing_customer",
                     source.on_missing_customer == OnMissingCustomer::kSkip ? "skip" : "reject");
  pairs.emplace_back("return_rule", source.columns.is_return.empty() ? "negative" : "is_return");
  return pairs;
}

std::string ModelFingerprint(const Job& job) {
  std::string text = fmt::format("seed={}\n", job.seed);
  if (job.rfm.has_value()) text += fmt::format("rfm.scores={}\n", job.rfm->scores);
  if (job.clustering.has_value()) {
    text += fmt::format("clustering.k={}\nclustering.iterations_max={}\n",
                        job.clustering->k.has_value() ? fmt::format("{}", *job.clustering->k)
                                                      : fmt::format("auto:{}", job.clustering->k_max),
                        job.clustering->iterations_max);
  }
  if (job.lifetime.has_value()) {
    text += fmt::format(
        "lifetime.model=bg_nbd\nlifetime.spend={}\nlifetime.time_unit={}\nlifetime.horizon_days={}\n"
        "lifetime.discount_rate_annual={}\n",
        job.lifetime->spend ? "gamma_gamma" : "none", job.lifetime->time_unit, job.lifetime->horizon_days,
        job.lifetime->discount_rate_annual);
  }
  if (job.churn.has_value()) {
    text += fmt::format("churn.algorithm=logistic\nchurn.horizon_days={}\nchurn.eligible_days={}\n",
                        job.churn->horizon_days, job.churn->eligible_days);
  }
  return text;
}

}  // namespace strata

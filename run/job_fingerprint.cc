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

}  // namespace strata

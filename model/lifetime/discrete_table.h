// What the discrete models are fitted on, exactly: histories over opportunities for BG/BB (model/lifetime/bg_bb.h), and
// contracts by the periods they lasted for sBG (model/lifetime/sbg.h). Both come from columns of the profile, which
// data/profile makes by the job's rules, for customers with a purchase day, or with a contract:
//
//   opportunities_n     opportunities after the one in which the customer first bought that ended by the date
//   opportunities_x     of these, how many had a purchase day
//   opportunities_last  the number of the last one that had, from 1; 0: none
//   contract_periods    of a contract that ended: in which period, from 1 (it began in the first); of one that lasts:
//                       how often it was renewed by the date, that is how many periods are over
//   contract_lost       1: it ended by the date; 0: it lasts
//
// An opportunity is a calendar unit or so many days from an epoch, the same for all customers; the periods of a
// contract count from its own start. Null in all columns of a kind: the customer is not in that fit.
//
// Plain values; equal tables have equal bytes however they were put together. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "model/columns.h"
#include "model/customer_columns.h"
#include "model/lifetime/history_table.h"
#include "model/lifetime/sbg.h"

namespace strata {

inline constexpr char kOpportunitiesX[] = "opportunities_x";
inline constexpr char kOpportunitiesLast[] = "opportunities_last";
inline constexpr char kOpportunitiesN[] = "opportunities_n";
inline constexpr char kContractPeriods[] = "contract_periods";
inline constexpr char kContractLost[] = "contract_lost";

// Histories in opportunities: PurchaseHistory's x, t_x and T in whole numbers.
struct OpportunityRow {
  int32_t x = 0, last = 0, n = 0;
  int64_t customers = 0;
};

class OpportunityTable {
 public:
  // Of a shard with so many customers; a shard without any may have no columns.
  static OpportunityTable Of(const ColumnSet* profile, size_t customers);

  // Adds the counts of `other`; associative and commutative.
  void Merge(const OpportunityTable& other);

  // INTERNAL (OPPORTUNITIES_MISSING, OPPORTUNITIES_IMPOSSIBLE): a shard's profile lacks the columns, or holds histories
  // that no count of opportunities gives; DATA_LOSS for decoded rows out of order.
  absl::StatusOr<HistoryTable> Histories() const;

  void Encode(ByteWriter* writer) const;
  static OpportunityTable Decode(ByteReader* reader);

 private:
  std::vector<OpportunityRow> rows_;  // ascending by (x, last, n), each once
  int64_t impossible_ = 0;
  bool missing_ = false;
};

class ContractCounts {
 public:
  static ContractCounts Of(const ColumnSet* profile, size_t customers);

  void Merge(const ContractCounts& other);

  // Errors as above: CONTRACTS_MISSING, CONTRACTS_IMPOSSIBLE.
  absl::StatusOr<ContractTable> Contracts() const;

  void Encode(ByteWriter* writer) const;
  static ContractCounts Decode(ByteReader* reader);

 private:
  std::vector<int64_t> lost_;   // [t]: contracts that ended in period t + 1
  std::vector<int64_t> still_;  // [n]: contracts that last and were renewed n times
  int64_t impossible_ = 0;
  bool missing_ = false;
};

}  // namespace strata

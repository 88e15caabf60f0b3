// What a profile has from the days of customers alone: gaps, rhythm, RFM of a window, and gross and returns where a job
// keeps no details of transactions. A purchase day has a row that is no return, as in model/customer_columns.h. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "data/ledger/features.h"
#include "data/profile/history_facts.h"
#include "data/profile/profile_rules.h"
#include "model/classes/life_cycle.h"

namespace strata {

class DayFacts final : public DayVisitor {
 public:
  // `history` gets every customer's days as well; null: nobody wants them. Both outlive this.
  DayFacts(Day as_of, const ProfileRules& rules, HistoryFacts* history = nullptr)
      : as_of_(as_of), rules_(rules), history_(history) {}

  void Visit(size_t row, const DaySpans& days) override;

  // By customer; kNoWhole: absent.
  std::vector<int64_t> last_gap_days;  // between the last two purchase days
  std::vector<int64_t> last_row_day;   // returns included
  std::vector<int64_t>
      active_quarters;  // of the four blocks of 91 days that end with the date, those with a purchase day
  std::vector<int64_t> rfm_recency, rfm_frequency, rfm_monetary;  // empty where the rules have no days for them
  std::vector<int64_t> opportunities_x, opportunities_last, opportunities_n;  // likewise
  std::vector<int64_t> churn_tenure, churn_lost;                              // likewise (data/profile/churn_columns.h)
  // In the window of the rules.
  std::vector<int64_t> has_rows;  // 1: there is a row
  std::vector<int64_t> orders;    // purchase days
  std::vector<int64_t> gross;     // net of the purchase days
  std::vector<int64_t> returns;   // what the net of the other days takes away
  GapStatistics gaps;             // of all customers

 private:
  void AddRhythm();
  void AddWindow();
  void AddRfm();
  void AddOpportunities(const LifetimePeriod& period);
  void AddTenure(int horizon_days);

  const Day as_of_;
  const ProfileRules& rules_;
  HistoryFacts* const history_;
  std::vector<CustomerDay> days_;  // of the customer at hand
  std::vector<Day> purchase_days_;
};

}  // namespace strata

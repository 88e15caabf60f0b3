// The RFM values and scores of a shard's customers, as the model scores them. Views the shard; not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "data/reports/report.h"
#include "model/classes/scheme_columns.h"
#include "model/rfm/rfm_score.h"

namespace strata {

class RfmRows {
 public:
  // Precondition: the shard's models have RFM.
  explicit RfmRows(const ReportShard& shard)
      : model_(*shard.models->rfm),
        today_(*shard.today),
        recency_(*shard.columns, "rfm_recency"),
        frequency_(*shard.columns, "rfm_frequency"),
        monetary_(*shard.columns, "rfm_monetary") {}

  // Days, purchase days, micros; nullopt: no purchase (in the window of the model).
  std::optional<std::array<int64_t, 3>> Values(size_t row) const {
    if (model_.windowed) {
      if (recency_[row] == kNoWhole) return std::nullopt;
      return std::array<int64_t, 3>{recency_[row], frequency_[row], monetary_[row]};
    }
    if (today_.purchase_days[row] <= 0) return std::nullopt;
    return std::array<int64_t, 3>{int64_t{today_.as_of} - today_.last_day[row], today_.purchase_days[row],
                                  today_.net_micros[row]};
  }
  RfmScores Scores(const std::array<int64_t, 3>& values) const {
    return Score(model_, values[0], values[1], values[2]);
  }

 private:
  const RfmModel& model_;
  const CustomerColumns& today_;
  WholeColumn recency_, frequency_, monetary_;
};

}  // namespace strata

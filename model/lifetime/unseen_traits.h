// What a kept fit of covariates meets in later nights and never saw: new levels of a category that has no `other`,
// missing values of a column that had none missing. They count as the reference or, of a number, as the mean
// (covariate_model.h), which nobody should have to guess: a run tells how many customers it is.
//
// A partial over shards: Merge adds, in any order. Not synchronised.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "model/columns.h"
#include "model/customer_columns.h"
#include "model/lifetime/covariate_model.h"

namespace strata {

class UnseenTraits {
 public:
  // Of the customers with a purchase day, in the columns that traits in use read. A column that is not there, or of
  // another type, is not looked at: scores fail for it.
  static UnseenTraits Of(const CovariateModel& model, const CustomerColumns& customers, const ColumnSet* profile);

  void Merge(const UnseenTraits& other);
  // Canonical; "" of nothing.
  std::string Encode() const;
  static absl::StatusOr<UnseenTraits> Decode(std::string_view bytes);

  // One for each column, in the order of their names. `model` is that of Of.
  std::vector<std::string> Warnings(const CovariateModel& model) const;

 private:
  struct Counts {
    int64_t levels = 0;  // customers with a level that the fit has no trait for
    int64_t missing = 0;
  };

  std::map<std::string, Counts> columns_;  // with a count above 0
};

}  // namespace strata

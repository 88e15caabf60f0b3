// Which columns of the customers table churn may look at. A column that says only what is true today would tell of the
// day after a cutoff, so a feature is a column whose rows say since when they hold (valid_from, or dates of files), or
// one that the job declares static, or that cannot change. Ids, consent flags and the end of a contract are none.
// Pure functions; thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/column_type.h"
#include "run/job.h"
#include "run/table_schema.h"

namespace strata {

struct ChurnAttribute {
  std::string name;  // "customers.age", as profiles name it
  ColumnType type = ColumnType::kInteger;
  ValueType stored = ValueType::kInteger;  // as its table has it
  // The version that applies at the run's date counts at every cutoff; else at each cutoff the one that applies there.
  bool fixed = false;

  bool operator==(const ChurnAttribute&) const = default;
};

struct ChurnAttributes {
  std::vector<ChurnAttribute> offered;          // in the order of the table, then columns of the job's own
  std::map<std::string, std::string> left_out;  // name → why, for people
};

ChurnAttributes ChurnAttributesOf(const Job& job, const ChurnSettings& settings);

}  // namespace strata

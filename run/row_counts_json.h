// Row counts as JSON, with the field names that every command shows. Pure function.
#pragma once

#include <nlohmann/json.hpp>

#include "run/row_counts.h"

namespace strata {

inline nlohmann::ordered_json RowCountsToJson(const RowCounts& rows) {
  return {{"read", rows.read},
          {"accepted", rows.accepted},
          {"rejected", rows.rejected},
          {"duplicates", rows.duplicates},
          {"blank", rows.blank},
          {"skipped",
           {{"total", rows.skipped()},
            {"no_customer", rows.skipped_no_customer},
            {"after_as_of", rows.skipped_after_as_of},
            {"known_file", rows.skipped_known_file}}}};
}

}  // namespace strata

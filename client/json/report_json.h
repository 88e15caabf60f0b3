// The objects that `strata report --json` prints, under the API's names. Pure functions; thread-safe.
#pragma once

#include <string>

#include "client/answers.h"

namespace strata {

// {…, "reports": [{name, title, sources, tables, method, columns, rows, skipped}]}; skipped is null where it ran.
std::string ReportsJson(const ReportsAnswer& answer);

// {…, "report": {…}, "rows": [{column: value}]}: an amount is a whole number of millionths under <column>_micros, a day
// is "YYYY-MM-DD", what has no value is null.
std::string ReportJson(const ReportAnswer& answer);

}  // namespace strata

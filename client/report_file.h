// A report as a file: Parquet, byte for byte as the snapshot has it, or CSV. Written beside its name and renamed, so
// that a file of that name is always complete.
#pragma once

#include <string>

#include "base/status.h"
#include "client/answers.h"

namespace strata {

// RFC 4180 with a head: amounts as exact decimals, days as YYYY-MM-DD, flags as true and false, numbers in the shortest
// form that reads back to the same bits; what has no value is empty, and empty text is "". Pure; thread-safe.
std::string ReportCsv(const ReportAnswer& answer);

// By the ending of `path`: .csv or .parquet. INVALID_ARGUMENT (FLAG_INVALID) for another ending or a missing folder,
// INTERNAL (EXPORT_UNWRITTEN) names the file and the cause.
absl::Status WriteReportFile(const ReportAnswer& answer, const std::string& path);

}  // namespace strata

// Rejected rows of a file as people get to see them: at most kQuarantineRowsPerReason per reason, those with the
// smallest positions, whatever the splits. Pure functions and plain values; not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/source/ingest.h"

namespace strata {

// Leaves the first kQuarantineRowsPerReason rows of each reason, in their order.
void CapPerReason(std::vector<QuarantineRow>* rows);

struct FileQuarantine {
  std::vector<QuarantineRow> rows;                    // ascending by line
  std::map<std::string, int64_t> rejected_by_reason;  // never capped
  int64_t rejected = 0;                               // their sum
  int64_t cut = 0;                                    // rejected rows that `rows` leaves out
};

// Collects what the splits of one file rejected.
class QuarantineMerger {
 public:
  // In any order. A row's position is its line, so no line may be in two splits.
  void Add(std::vector<QuarantineRow> rows, const std::vector<std::pair<std::string, int64_t>>& rejected_by_reason);
  // The result; this merger is used up.
  FileQuarantine Finish();

 private:
  FileQuarantine merged_;
};

// The first line of a quarantine file.
inline constexpr char kQuarantineHeader[] = "file,line,column,value,reason,message\n";

// The rows as CSV (RFC 4180, every text quoted where it must be, line feeds at the ends), without the header.
std::string QuarantineCsv(const std::vector<QuarantineRow>& rows);

}  // namespace strata

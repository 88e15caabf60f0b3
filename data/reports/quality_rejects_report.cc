// Why rows were rejected, by table (A52).
#include <string>

#include "data/reports/keyed_sums.h"
#include "data/reports/reports.h"
#include "data/reports/table_books.h"

namespace strata {
namespace {

struct QualityRejects {
  static ReportInfo Info() {
    return {.name = "quality_rejects",
            .title = "Rejected rows by reason",
            .sources = {"A52"},
            .needs = {},
            .columns = {{"table", ReportType::kText, "", "The table."},
                        {"reason", ReportType::kText, "", "Why, as the quarantine has it."},
                        {"rows", ReportType::kInteger, "rows", "Rows rejected for it."},
                        {"share", ReportType::kShare, "1", "Of all records read of the table."}},
            .method =
                "Sums over the files of the ledger version; a row is rejected for the first wrong value in the order "
                "of the table's columns."};
  }

  using Partial = NoPartial;  // all that is needed is in the books

  static absl::Status Accumulate(const ReportShard&, Partial*) { return absl::OkStatus(); }

  static absl::StatusOr<ReportTable> Finish(const Partial&, const ReportFacts& facts) {
    ReportRows rows("quality_rejects", Info().columns);
    for (const TableBooks& books : BooksOf(*facts.registry, facts.as_of)) {
      for (const auto& [reason, count] : books.rejected_by_reason) {
        rows.Add({std::string(SchemaOf(books.table).name), reason, count, ReportRows::Ratio(count, books.rows.read)});
      }
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport QualityRejectsReport() { return Registered<QualityRejects>(); }

}  // namespace strata

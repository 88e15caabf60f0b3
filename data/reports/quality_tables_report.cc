// The books of every table: what was read and what became of it, how fresh it is, whom its rows name (A52).
#include <map>
#include <string>

#include "data/reports/customer_orphans.h"
#include "data/reports/reports.h"
#include "data/reports/table_books.h"

namespace strata {
namespace {

struct QualityTables {
  static ReportInfo Info() {
    const auto rows = [](const char* name, const char* meaning) {
      return ReportColumn{name, ReportType::kInteger, "rows", meaning};
    };
    return {.name = "quality_tables",
            .title = "Data quality by table",
            .sources = {"A52"},
            .needs = {.reference_rows = false},
            .columns = {{"table", ReportType::kText, "", "The table."},
                        {"files", ReportType::kInteger, "files", "Files of the ledger."},
                        rows("read", "Records that were read."),
                        rows("accepted", "Rows that count as of the date."),
                        rows("rejected", "Rows with a wrong value."),
                        rows("duplicates", "Rows that repeat another one's key."),
                        rows("blank", "Blank lines."),
                        rows("skipped", "Rows without a customer, and rows of files that are there twice."),
                        rows("after_as_of", "Rows of days after the date."),
                        {"conflicts", ReportType::kInteger, "keys", "Keys whose rows differ in content."},
                        rows("orphan_customers", "Rows whose customer nobody knows."),
                        {"first_day", ReportType::kDay, "", "The earliest day of a row up to the date."},
                        {"newest_day", ReportType::kDay, "", "The latest."},
                        {"days_behind", ReportType::kInteger, "days", "From that to the date."}},
            .method =
                "The books of the ledger version: read = accepted + rejected + duplicates + blank + skipped + "
                "after_as_of. An orphan is an accepted row whose customer has no row in the customers table; in a job "
                "without that table, who has no transaction. Days of versions are those from which they hold; rows "
                "that always hold have none."};
  }

  struct Partial {
    std::map<uint8_t, int64_t> orphans;  // by table, of those where that was asked

    void Merge(const Partial& other) {
      for (const auto& [table, rows] : other.orphans) orphans[table] += rows;
    }
    void Encode(ByteWriter* writer) const {
      writer->U32(static_cast<uint32_t>(orphans.size()));
      for (const auto& [table, rows] : orphans) {
        writer->U8(table);
        writer->I64(rows);
      }
    }
    static Partial Decode(ByteReader* reader) {
      Partial partial;
      const uint32_t size = reader->U32();
      for (uint32_t i = 0; i < size && reader->ok(); ++i) {
        const uint8_t table = reader->U8();
        partial.orphans[table] = reader->I64();
      }
      return partial;
    }
  };

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    for (const TableSchema& schema : AllTables()) {
      if (schema.placing == Placing::kReference) continue;
      const std::optional<int64_t> orphans = CountOrphans(shard, schema.id);
      if (orphans.has_value()) partial->orphans[static_cast<uint8_t>(schema.id)] += *orphans;
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    ReportRows rows("quality_tables", Info().columns);
    const auto day = [](const std::optional<Day>& value) {
      return value.has_value() ? ReportCell(int64_t{*value}) : ReportCell();
    };
    for (const TableBooks& books : BooksOf(*facts.registry, facts.as_of)) {
      const auto orphans = merged.orphans.find(static_cast<uint8_t>(books.table));
      const RowCounts& counts = books.rows;
      rows.Add({std::string(SchemaOf(books.table).name), books.files, counts.read, counts.accepted, counts.rejected,
                counts.duplicates, counts.blank, counts.skipped_no_customer + counts.skipped_known_file,
                counts.skipped_after_as_of, books.conflicts,
                orphans == merged.orphans.end() ? ReportCell() : ReportCell(orphans->second), day(books.first_day),
                day(books.newest_day),
                books.newest_day.has_value() ? ReportCell(int64_t{facts.as_of} - *books.newest_day) : ReportCell()});
    }
    return rows.Take();
  }
};

}  // namespace

RegisteredReport QualityTablesReport() { return Registered<QualityTables>(); }

}  // namespace strata

#include "data/reports/table_books.h"

#include <utility>

namespace strata {
namespace {

void TakeDays(const std::map<Day, int64_t>& rows_by_day, Day as_of, TableBooks* books) {
  int64_t later = 0;
  for (const auto& [day, rows] : rows_by_day) {
    if (day > as_of) {
      later += rows;
    } else if (day != kTimelessDay) {
      if (!books->first_day.has_value()) books->first_day = day;
      books->newest_day = day;
    }
  }
  books->rows.accepted -= later;
  books->rows.skipped_after_as_of += later;
}

}  // namespace

std::vector<TableBooks> BooksOf(const LedgerRegistry& registry, Day as_of) {
  std::map<TableId, TableBooks> by_table;
  for (const RegisteredFile& file : registry.files) {
    TableBooks& books = by_table[file.table];
    ++books.files;
    books.rows.Add(file.counts);
    for (const auto& [reason, rows] : file.rejected_by_reason) books.rejected_by_reason[reason] += rows;
  }
  std::vector<TableBooks> all;
  for (auto& [table, books] : by_table) {
    books.table = table;
    const RegisteredTable* rows = registry.Find(table);
    // Details of transactions, where they are kept, are the same rows once more.
    if (table == TableId::kTransactions) {
      books.conflicts = registry.conflicts;
      TakeDays(registry.rows_by_day, as_of, &books);
    } else if (rows != nullptr) {
      books.conflicts = rows->conflicts;
      TakeDays(rows->rows_by_day, as_of, &books);
    }
    all.push_back(std::move(books));
  }
  return all;
}

}  // namespace strata

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
  by_table[TableId::kTransactions];
  for (const RegisteredFile& file : registry.files) {
    TableBooks& books = by_table[TableId::kTransactions];
    ++books.files;
    books.rows.Add(file.counts);
  }
  by_table[TableId::kTransactions].conflicts = registry.conflicts;
  TakeDays(registry.rows_by_day, as_of, &by_table[TableId::kTransactions]);
  std::vector<TableBooks> all;
  for (auto& [table, books] : by_table) {
    books.table = table;
    all.push_back(std::move(books));
  }
  return all;
}

}  // namespace strata

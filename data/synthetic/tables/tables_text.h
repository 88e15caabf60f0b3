// The texts of a base with all tables: what its job says beside transactions, and truth_tables.json. Pure functions;
// thread-safe.
#pragma once

#include <span>
#include <string>

#include "data/synthetic/base_words.h"
#include "data/synthetic/tables/faults.h"
#include "data/synthetic/tables/made_table.h"
#include "data/synthetic/world.h"

namespace strata {

// Without rows: the columns that files of the table have. One of kCustomerTables (table_maker.h).
MadeTable EmptyTable(TableId table, BaseShape shape);

// Of the job's `sources`, below transactions. `counts` by kCustomerTables.
std::string TableSourcesText(BaseShape shape, std::span<const TableCounts> counts, SyntheticFormat format);
// The models that only such a base has, then reports and segments.
std::string TableModelsText();

// truth_tables.json: what was planted and what came out, by table, column and kind of fault.
std::string TablesTruthText(const World& world, std::span<const TableCounts> counts);

}  // namespace strata

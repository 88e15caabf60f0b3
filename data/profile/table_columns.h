// Columns of a table of versions as columns of customers. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/profile/owned_columns.h"
#include "data/profile/profile_rules.h"
#include "data/rows/table_shard.h"

namespace strata {

// As a column of customers has it.
ColumnType ColumnTypeOf(ValueType type);

// Adds what the version that applies says of each customer: the last of a customer's rows. `present`, where it is not
// null, counts by customer what is there. Preconditions: the table is aligned to the customers of `columns` and has the
// attribute's column.
void AddTableColumn(const TableShard& table, std::string name, const ProfileAttribute& attribute, OwnedColumns* columns,
                    std::vector<int64_t>* present);

}  // namespace strata

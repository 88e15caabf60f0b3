// Values of a dictionary-encoded Parquet column as cells of one field.
#pragma once

#include <memory>

#include "data/source/parquet_cells.h"

namespace strata {

// `values` reads the dictionary. `lasting`: its texts live as long as the dictionary, and not just until the next Fill.
std::unique_ptr<ParquetCells> MakeDictionaryCells(std::unique_ptr<ParquetCells> values, bool lasting);

}  // namespace strata

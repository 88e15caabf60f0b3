#include "data/rows/segment_schema.h"

#include <fmt/format.h>

namespace strata {

std::shared_ptr<arrow::Schema> TableRowsSchema(const arrow::FieldVector& fields) {
  const auto item = arrow::field("item", arrow::struct_(fields), /*nullable=*/false);
  return arrow::schema({arrow::field("hash", arrow::uint64(), false), arrow::field("id", arrow::utf8(), false),
                        arrow::field("rows", arrow::list(item), false)},
                       FormatMetadata(kTableRowsFormat));
}

std::string ShapeOf(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::INT8:
    case arrow::Type::INT16:
    case arrow::Type::INT32:
    case arrow::Type::INT64:
      return "integer";
    case arrow::Type::DICTIONARY: {
      const auto& dictionary = static_cast<const arrow::DictionaryType&>(type);
      const bool as_written =
          dictionary.value_type()->id() == arrow::Type::STRING && ShapeOf(*dictionary.index_type()) == "integer";
      return as_written ? "word" : type.ToString();
    }
    case arrow::Type::STRUCT: {
      std::string shape;
      for (const auto& field : type.fields()) {
        shape += fmt::format("{}{} {}", shape.empty() ? "" : ", ", field->name(), ShapeOf(*field->type()));
      }
      return fmt::format("{{{}}}", shape);
    }
    default:
      return type.ToString();
  }
}

std::string ShapeOf(const TableLayout& layout) {
  std::string shape = "{day integer, minute integer, file integer";
  if (layout.has_key) {
    shape += ", key_high uint64, key_low uint64, version integer, row_hash uint64, differs integer";
  }
  shape += ", values {";
  for (size_t i = 0; i < layout.names.size(); ++i) {
    shape += fmt::format("{}{} {}", i == 0 ? "" : ", ", layout.names[i], IsCoded(layout.types[i]) ? "word" : "integer");
  }
  return shape + "}}";
}

}  // namespace strata

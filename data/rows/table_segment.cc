#include "data/rows/table_segment.h"

#include <fmt/format.h>

#include <utility>

#include "data/ledger/batch_check.h"
#include "data/rows/segment_schema.h"

namespace strata {

struct TableSegment::Arrays {
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;  // keep what was copied for alignment alive
  RowSpans rows;
};

namespace {

constexpr int kMinutesPerDay = 24 * 60;
constexpr size_t kIdentityFields = 5;  // after day, minute and file, where the table has a key

absl::Status Corrupt(const std::string& message) {
  return MakeError(absl::StatusCode::kDataLoss, kTableRowsFormat.reason,
                   fmt::format("{}: {}", kTableRowsFormat.name, message));
}

absl::Status CheckSchema(const TableLayout& layout, const arrow::Schema& schema) {
  const bool as_written = schema.num_fields() == 3 && schema.field(0)->type()->id() == arrow::Type::UINT64 &&
                          schema.field(1)->type()->id() == arrow::Type::STRING &&
                          schema.field(2)->type()->id() == arrow::Type::LIST;
  if (!as_written) return Corrupt(fmt::format("unexpected columns {}", schema.ToString()));
  const std::string found = ShapeOf(*schema.field(2)->type()->field(0)->type());
  const std::string expected = ShapeOf(layout);
  if (found == expected) return absl::OkStatus();
  return MakeError(absl::StatusCode::kFailedPrecondition, "LEDGER_MISMATCH",
                   fmt::format("the ledger's rows of a table have the columns {}, the job's have {}", found, expected));
}

int WidthOf(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::INT8:
      return 1;
    case arrow::Type::INT16:
      return 2;
    case arrow::Type::INT32:
      return 4;
    default:
      return 8;
  }
}

PackedSpan PackedOf(const arrow::ArrayData& data, const arrow::DataType& type) {
  return {data.GetValues<char>(1, 0), static_cast<size_t>(data.length), WidthOf(type)};
}

PackedSpan PackedOf(const arrow::ArrayData& data) { return PackedOf(data, *data.type); }

ColumnSpan ColumnOf(const arrow::ArrayData& data) {
  if (data.type->id() != arrow::Type::DICTIONARY) return {.values = PackedOf(data), .first_code = 0, .words = {}};
  const auto& type = static_cast<const arrow::DictionaryType&>(*data.type);
  const std::span<const int32_t> offsets = OffsetsOf(*data.dictionary);
  // The word that stands for a missing one is left out.
  return {.values = PackedOf(data, *type.index_type()),
          .first_code = 1,
          .words = TextSpan(offsets.subspan(1), data.dictionary->GetValues<char>(2, 0))};
}

RowSpans SpansOf(const TableLayout& layout, const arrow::RecordBatch& batch) {
  const arrow::ArrayDataVector& columns = batch.column_data();
  const arrow::ArrayDataVector& rows = columns[2]->child_data[0]->child_data;
  RowSpans spans;
  spans.hash = ValuesOf<uint64_t>(*columns[0]);
  spans.id = TextSpan(OffsetsOf(*columns[1]), columns[1]->GetValues<char>(2, 0));
  spans.row_offsets = OffsetsOf(*columns[2]);
  spans.day = PackedOf(*rows[0]);
  spans.minute = PackedOf(*rows[1]);
  spans.file = PackedOf(*rows[2]);
  size_t next = 3;
  if (layout.has_key) {
    spans.key_high = ValuesOf<uint64_t>(*rows[3]);
    spans.key_low = ValuesOf<uint64_t>(*rows[4]);
    spans.version = PackedOf(*rows[5]);
    spans.row_hash = ValuesOf<uint64_t>(*rows[6]);
    spans.differs = PackedOf(*rows[7]);
    next += kIdentityFields;
  }
  for (const auto& values : rows[next]->child_data) spans.columns.push_back(ColumnOf(*values));
  return spans;
}

// Every dictionary begins with the word for a missing one and ascends from there.
absl::Status CheckWords(const arrow::RecordBatch& batch) {
  const arrow::ArrayData& values = *batch.column_data()[2]->child_data[0]->child_data.back();
  for (const auto& column : values.child_data) {
    if (column->type->id() != arrow::Type::DICTIONARY) continue;
    if (column->dictionary == nullptr || column->dictionary->length == 0) return Corrupt("a column has no dictionary");
    const TextSpan words(OffsetsOf(*column->dictionary), column->dictionary->GetValues<char>(2, 0));
    if (!words[0].empty()) return Corrupt("a dictionary does not begin with the missing word");
    for (size_t i = 1; i < words.size(); ++i) {
      if (words[i - 1] >= words[i]) return Corrupt(fmt::format("word {} of a dictionary is out of order", i));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCustomer(const RowSpans& rows, size_t customer) {
  if (customer > 0 &&
      (rows.hash[customer - 1] > rows.hash[customer] ||
       (rows.hash[customer - 1] == rows.hash[customer] && rows.id[customer - 1] >= rows.id[customer]))) {
    return Corrupt(fmt::format("customer {} is out of order", customer));
  }
  const size_t begin = rows.begin(customer), end = rows.end(customer);
  if (begin == end) return Corrupt(fmt::format("customer {} has no rows", customer));
  for (size_t row = begin; row < end; ++row) {
    const int64_t day = rows.day[row];
    const bool possible_day = day == kTimelessDay || (day >= kFirstDay && day <= kLastDay);
    const bool ascends = row == begin || rows.day[row - 1] < day ||
                         (rows.day[row - 1] == day && rows.minute[row - 1] <= rows.minute[row]);
    if (!possible_day || !ascends || rows.minute[row] < 0 || rows.minute[row] >= kMinutesPerDay || rows.file[row] < 0) {
      return Corrupt(fmt::format("row {} of customer {} is impossible", row - begin, customer));
    }
  }
  return absl::OkStatus();
}

// What Arrow cannot know: order, signs and that the parts agree.
absl::Status CheckRows(const RowSpans& rows) {
  if (rows.row_offsets.front() != 0 || !std::cmp_equal(rows.row_offsets.back(), rows.rows())) {
    return Corrupt("lists do not cover their rows");
  }
  for (size_t customer = 0; customer < rows.owners(); ++customer) {
    STRATA_RETURN_IF_ERROR(CheckCustomer(rows, customer));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TableSegment> TableSegment::Open(const TableLayout& layout, std::string_view bytes) {
  STRATA_ASSIGN_OR_RETURN(ArrowFile file, ReadArrowFile(kTableRowsFormat, bytes));
  STRATA_RETURN_IF_ERROR(CheckSchema(layout, *file.schema));
  if (file.batches.size() != 1) return Corrupt(fmt::format("{} record batches, expected is 1", file.batches.size()));
  STRATA_RETURN_IF_ERROR(CheckWords(*file.batches[0]));
  auto arrays = std::make_shared<Arrays>();
  arrays->rows = SpansOf(layout, *file.batches[0]);
  arrays->batches = std::move(file.batches);
  STRATA_RETURN_IF_ERROR(CheckRows(arrays->rows));
  TableSegment segment;
  segment.arrays_ = std::move(arrays);
  return segment;
}

const RowSpans& TableSegment::rows() const { return arrays_->rows; }

}  // namespace strata

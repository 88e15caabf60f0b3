#include <fmt/format.h>

#include "data/ledger/arrow_bytes.h"
#include "data/ledger/batch_check.h"
#include "data/ledger/ledger.h"
#include "data/ledger/segment_columns.h"

namespace strata {

struct LedgerSegment::Arrays {
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;  // keep what was copied for alignment alive
  SegmentSpans columns;
};

namespace {

constexpr ArrowFormat kFormat{"strata ledger segment", kLedgerFormatVersion, "LEDGER_CORRUPT"};

std::shared_ptr<arrow::Field> Required(const char* name, std::shared_ptr<arrow::DataType> type) {
  return arrow::field(name, std::move(type), /*nullable=*/false);
}

std::shared_ptr<arrow::DataType> DayType() {
  return arrow::struct_({Required("day", arrow::int32()), Required("file", arrow::int32()),
                         Required("net_micros", arrow::int64()), Required("rows", arrow::int32()),
                         Required("return_rows", arrow::int32())});
}

std::shared_ptr<arrow::DataType> LineType() {
  return arrow::struct_({Required("transaction_high", arrow::uint64()), Required("transaction_low", arrow::uint64()),
                         Required("day", arrow::int32()), Required("minute", arrow::int16()),
                         Required("net_micros", arrow::int64()), Required("is_return", arrow::uint8()),
                         Required("file", arrow::int32()), Required("updated_at_us", arrow::int64()),
                         Required("row_hash", arrow::uint64()), Required("differs", arrow::uint8())});
}

std::shared_ptr<arrow::DataType> ListOf(std::shared_ptr<arrow::DataType> item) {
  return arrow::list(Required("item", std::move(item)));
}

std::shared_ptr<arrow::Schema> SegmentSchema(bool has_lines) {
  arrow::FieldVector fields = {Required("hash", arrow::uint64()), Required("id", arrow::utf8()),
                               Required("days", ListOf(DayType()))};
  if (has_lines) fields.push_back(Required("lines", ListOf(LineType())));
  return arrow::schema(std::move(fields), FormatMetadata(kFormat));
}

std::shared_ptr<arrow::ArrayData> StructsOver(std::shared_ptr<arrow::DataType> type, size_t length,
                                              std::vector<std::shared_ptr<arrow::ArrayData>> children) {
  return arrow::ArrayData::Make(std::move(type), static_cast<int64_t>(length), {nullptr}, std::move(children), 0);
}

absl::Status TooLarge(const char* what, size_t found, int64_t allowed) {
  return MakeError(absl::StatusCode::kOutOfRange, "SEGMENT_TOO_LARGE",
                   fmt::format("a ledger segment would hold {} {}, allowed are {}: the job needs more shards", found,
                               what, allowed));
}

absl::Status Corrupt(const std::string& message) {
  return MakeError(absl::StatusCode::kDataLoss, kFormat.reason, fmt::format("{}: {}", kFormat.name, message));
}

absl::Status CheckCustomer(const SegmentSpans& segment, size_t customer) {
  if (customer > 0 &&
      (segment.hash[customer - 1] > segment.hash[customer] ||
       (segment.hash[customer - 1] == segment.hash[customer] && segment.id(customer - 1) >= segment.id(customer)))) {
    return Corrupt(fmt::format("customer {} is out of order", customer));
  }
  const DaySpans days = segment.DaysOf(customer);
  if (days.size() == 0) return Corrupt(fmt::format("customer {} has no days", customer));
  int64_t all_rows = 0;
  for (size_t i = 0; i < days.size(); ++i) {
    const bool ascends =
        i == 0 || days.day[i - 1] < days.day[i] || (days.day[i - 1] == days.day[i] && days.file[i - 1] < days.file[i]);
    if (!ascends || days.day[i] < kFirstDay || days.day[i] > kLastDay || days.file[i] < 0 || days.rows[i] < 1 ||
        days.return_rows[i] < 0 || days.return_rows[i] > days.rows[i]) {
      return Corrupt(fmt::format("day {} of customer {} is impossible", i, customer));
    }
    all_rows += days.rows[i];
  }
  if (segment.has_lines() && std::cmp_greater(all_rows, segment.LinesEnd(customer) - segment.LinesBegin(customer))) {
    return Corrupt(fmt::format("days and lines of customer {} disagree", customer));
  }
  return absl::OkStatus();
}

// What Arrow cannot know: order, signs and that the parts agree.
absl::Status CheckSegment(const SegmentSpans& segment) {
  const auto covers = [](std::span<const int32_t> offsets, size_t items) {
    return offsets.front() == 0 && std::cmp_equal(offsets.back(), items);
  };
  if (!covers(segment.day_offsets, segment.days.size()) ||
      (segment.has_lines() && !covers(segment.line_offsets, segment.lines.day.size()))) {
    return Corrupt("lists do not cover their items");
  }
  for (size_t customer = 0; customer < segment.customers(); ++customer) {
    STRATA_RETURN_IF_ERROR(CheckCustomer(segment, customer));
  }
  return absl::OkStatus();
}

}  // namespace

void SegmentColumns::Reserve(size_t customers, size_t days, size_t lines) {
  hash.reserve(customers);
  id_offsets.reserve(customers + 1);
  day_offsets.reserve(customers + 1);
  line_offsets.reserve(customers + 1);
  day.reserve(days);
  file.reserve(days);
  net_micros.reserve(days);
  rows.reserve(days);
  return_rows.reserve(days);
  transaction_high.reserve(lines);
  transaction_low.reserve(lines);
  line_day.reserve(lines);
  line_minute.reserve(lines);
  line_net_micros.reserve(lines);
  line_is_return.reserve(lines);
  line_file.reserve(lines);
  line_updated_at_us.reserve(lines);
  line_row_hash.reserve(lines);
  line_differs.reserve(lines);
}

void SegmentColumns::AddDays(const DaySpans& days) {
  day.insert(day.end(), days.day.begin(), days.day.end());
  file.insert(file.end(), days.file.begin(), days.file.end());
  net_micros.insert(net_micros.end(), days.net_micros.begin(), days.net_micros.end());
  rows.insert(rows.end(), days.rows.begin(), days.rows.end());
  return_rows.insert(return_rows.end(), days.return_rows.begin(), days.return_rows.end());
}

void SegmentColumns::AddLine(const LedgerLine& line) {
  transaction_high.push_back(line.transaction.high);
  transaction_low.push_back(line.transaction.low);
  line_day.push_back(line.day);
  line_minute.push_back(line.minute);
  line_net_micros.push_back(line.net_micros);
  line_is_return.push_back(line.is_return);
  line_file.push_back(line.file);
  line_updated_at_us.push_back(line.updated_at_us);
  line_row_hash.push_back(line.row_hash);
  line_differs.push_back(line.differs);
}

absl::Status SegmentColumns::EndCustomer(uint64_t customer_hash, std::string_view id) {
  hash.push_back(customer_hash);
  ids.append(id);
  if (std::cmp_greater(ids.size(), kMaxSegmentIdBytes)) {
    return TooLarge("bytes of customer ids", ids.size(), kMaxSegmentIdBytes);
  }
  if (std::cmp_greater(day.size(), kMaxSegmentItems)) {
    return TooLarge("days", day.size(), kMaxSegmentItems);
  }
  if (std::cmp_greater(line_day.size(), kMaxSegmentItems)) {
    return TooLarge("lines", line_day.size(), kMaxSegmentItems);
  }
  id_offsets.push_back(static_cast<int32_t>(ids.size()));
  day_offsets.push_back(static_cast<int32_t>(day.size()));
  line_offsets.push_back(static_cast<int32_t>(line_day.size()));
  return absl::OkStatus();
}

SegmentSpans SegmentColumns::Spans(bool has_lines) const {
  SegmentSpans spans{.hash = hash,
                     .id_offsets = id_offsets,
                     .ids = ids.data(),
                     .day_offsets = day_offsets,
                     .line_offsets = {},
                     .days = {day, file, net_micros, rows, return_rows},
                     .lines = {transaction_high, transaction_low, line_day, line_minute, line_net_micros,
                               line_is_return, line_file, line_updated_at_us, line_row_hash, line_differs}};
  if (has_lines) spans.line_offsets = line_offsets;
  return spans;
}

absl::StatusOr<std::string> EncodeSegment(const SegmentColumns& columns, bool has_lines) {
  const auto schema = SegmentSchema(has_lines);
  std::vector<std::shared_ptr<arrow::ArrayData>> arrays = {
      ArrayOver(columns.hash), TextsOver(columns.id_offsets, columns.ids),
      ListsOver(schema->field(2)->type(), columns.day_offsets,
                StructsOver(DayType(), columns.day.size(),
                            {ArrayOver(columns.day), ArrayOver(columns.file), ArrayOver(columns.net_micros),
                             ArrayOver(columns.rows), ArrayOver(columns.return_rows)}))};
  if (has_lines) {
    arrays.push_back(ListsOver(schema->field(3)->type(), columns.line_offsets,
                               StructsOver(LineType(), columns.line_day.size(),
                                           {ArrayOver(columns.transaction_high), ArrayOver(columns.transaction_low),
                                            ArrayOver(columns.line_day), ArrayOver(columns.line_minute),
                                            ArrayOver(columns.line_net_micros), ArrayOver(columns.line_is_return),
                                            ArrayOver(columns.line_file), ArrayOver(columns.line_updated_at_us),
                                            ArrayOver(columns.line_row_hash), ArrayOver(columns.line_differs)})));
  }
  return WriteArrowFile(
      kFormat, schema,
      {arrow::RecordBatch::Make(schema, static_cast<int64_t>(columns.hash.size()), std::move(arrays))});
}

absl::StatusOr<LedgerSegment> LedgerSegment::Open(std::string_view bytes) {
  STRATA_ASSIGN_OR_RETURN(ArrowFile file, ReadArrowFile(kFormat, bytes));
  const bool has_lines = file.schema->num_fields() == 4;
  if (!file.schema->Equals(*SegmentSchema(has_lines), /*check_metadata=*/false)) {
    return Corrupt(fmt::format("unexpected columns {}", file.schema->ToString()));
  }
  if (file.batches.size() != 1) return Corrupt(fmt::format("{} record batches, expected is 1", file.batches.size()));
  const arrow::ArrayDataVector& columns = file.batches[0]->column_data();
  const arrow::ArrayDataVector& days = columns[2]->child_data[0]->child_data;
  auto arrays = std::make_shared<Arrays>();
  arrays->columns = {.hash = ValuesOf<uint64_t>(*columns[0]),
                     .id_offsets = OffsetsOf(*columns[1]),
                     .ids = columns[1]->GetValues<char>(2, 0),
                     .day_offsets = OffsetsOf(*columns[2]),
                     .line_offsets = {},
                     .days = {ValuesOf<Day>(*days[0]), ValuesOf<int32_t>(*days[1]), ValuesOf<int64_t>(*days[2]),
                              ValuesOf<int32_t>(*days[3]), ValuesOf<int32_t>(*days[4])},
                     .lines = {}};
  if (has_lines) {
    arrays->columns.line_offsets = OffsetsOf(*columns[3]);
    const arrow::ArrayDataVector& lines = columns[3]->child_data[0]->child_data;
    arrays->columns.lines = {ValuesOf<uint64_t>(*lines[0]), ValuesOf<uint64_t>(*lines[1]),
                             ValuesOf<Day>(*lines[2]),      ValuesOf<int16_t>(*lines[3]),
                             ValuesOf<int64_t>(*lines[4]),  ValuesOf<uint8_t>(*lines[5]),
                             ValuesOf<int32_t>(*lines[6]),  ValuesOf<int64_t>(*lines[7]),
                             ValuesOf<uint64_t>(*lines[8]), ValuesOf<uint8_t>(*lines[9])};
  }
  arrays->batches = std::move(file.batches);
  STRATA_RETURN_IF_ERROR(CheckSegment(arrays->columns));
  LedgerSegment segment;
  segment.arrays_ = std::move(arrays);
  return segment;
}

size_t LedgerSegment::customers() const { return columns().customers(); }
uint64_t LedgerSegment::hash(size_t customer) const { return columns().hash[customer]; }
std::string_view LedgerSegment::id(size_t customer) const { return columns().id(customer); }
bool LedgerSegment::has_lines() const { return columns().has_lines(); }
const SegmentSpans& LedgerSegment::columns() const { return arrays_->columns; }

std::vector<LedgerDay> LedgerSegment::days(size_t customer) const {
  std::vector<LedgerDay> result;
  const DaySpans days = columns().DaysOf(customer);
  for (size_t i = 0; i < days.size(); ++i) {
    result.push_back({days.day[i], days.file[i], days.net_micros[i], days.rows[i], days.return_rows[i]});
  }
  return result;
}

std::vector<LedgerLine> LedgerSegment::lines(size_t customer) const {
  std::vector<LedgerLine> result;
  for (size_t i = columns().LinesBegin(customer); i < columns().LinesEnd(customer); ++i) {
    result.push_back(columns().lines.At(i));
  }
  return result;
}

}  // namespace strata

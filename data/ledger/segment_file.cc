#include <fmt/format.h>

#include "data/ledger/arrow_bytes.h"
#include "data/ledger/batch_check.h"
#include "data/ledger/ledger.h"
#include "data/ledger/segment_columns.h"

namespace strata {

// Where the columns of a file lie.
struct LedgerSegment::Arrays {
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;  // keep what was copied for alignment alive
  bool has_lines = false;

  std::span<const uint64_t> hash;
  std::span<const int32_t> id_offsets;
  const char* ids = nullptr;
  std::span<const int32_t> day_offsets;
  std::span<const int32_t> line_offsets;

  std::span<const Day> day;
  std::span<const int32_t> file;
  std::span<const int64_t> net_micros;
  std::span<const int32_t> rows;
  std::span<const int32_t> return_rows;

  std::span<const uint64_t> transaction_high;
  std::span<const uint64_t> transaction_low;
  std::span<const Day> line_day;
  std::span<const int16_t> line_minute;
  std::span<const int64_t> line_net_micros;
  std::span<const uint8_t> line_is_return;
  std::span<const int32_t> line_file;
  std::span<const int64_t> line_updated_at_us;
  std::span<const uint64_t> line_row_hash;

  // What Arrow cannot know: order, signs and that the parts agree.
  absl::Status Check() const;
  absl::Status CheckCustomer(size_t customer) const;

  std::string_view id(size_t customer) const {
    const int32_t begin = id_offsets[customer];
    return {ids + begin, static_cast<size_t>(id_offsets[customer + 1] - begin)};
  }
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
                         Required("row_hash", arrow::uint64())});
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

}  // namespace

void SegmentColumns::AddDay(const LedgerDay& value) {
  day.push_back(value.day);
  file.push_back(value.file);
  net_micros.push_back(value.net_micros);
  rows.push_back(value.rows);
  return_rows.push_back(value.return_rows);
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

absl::StatusOr<std::string> EncodeSegment(const SegmentColumns& columns, bool has_lines) {
  const auto schema = SegmentSchema(has_lines);
  std::vector<std::shared_ptr<arrow::ArrayData>> arrays = {
      ArrayOver(columns.hash), TextsOver(columns.id_offsets, columns.ids),
      ListsOver(schema->field(2)->type(), columns.day_offsets,
                StructsOver(DayType(), columns.day.size(),
                            {ArrayOver(columns.day), ArrayOver(columns.file), ArrayOver(columns.net_micros),
                             ArrayOver(columns.rows), ArrayOver(columns.return_rows)}))};
  if (has_lines) {
    arrays.push_back(ListsOver(
        schema->field(3)->type(), columns.line_offsets,
        StructsOver(
            LineType(), columns.line_day.size(),
            {ArrayOver(columns.transaction_high), ArrayOver(columns.transaction_low), ArrayOver(columns.line_day),
             ArrayOver(columns.line_minute), ArrayOver(columns.line_net_micros), ArrayOver(columns.line_is_return),
             ArrayOver(columns.line_file), ArrayOver(columns.line_updated_at_us), ArrayOver(columns.line_row_hash)})));
  }
  return WriteArrowFile(
      kFormat, schema,
      {arrow::RecordBatch::Make(schema, static_cast<int64_t>(columns.hash.size()), std::move(arrays))});
}

absl::StatusOr<LedgerSegment> LedgerSegment::Open(std::string_view bytes) {
  STRATA_ASSIGN_OR_RETURN(ArrowFile file, ReadArrowFile(kFormat, bytes));
  auto arrays = std::make_shared<Arrays>();
  arrays->has_lines = file.schema->num_fields() == 4;
  if (!file.schema->Equals(*SegmentSchema(arrays->has_lines), /*check_metadata=*/false)) {
    return Corrupt(fmt::format("unexpected columns {}", file.schema->ToString()));
  }
  if (file.batches.size() != 1) return Corrupt(fmt::format("{} record batches, expected is 1", file.batches.size()));
  const arrow::ArrayDataVector& columns = file.batches[0]->column_data();
  arrays->hash = ValuesOf<uint64_t>(*columns[0]);
  arrays->id_offsets = OffsetsOf(*columns[1]);
  arrays->ids = columns[1]->GetValues<char>(2, 0);
  arrays->day_offsets = OffsetsOf(*columns[2]);
  const arrow::ArrayDataVector& days = columns[2]->child_data[0]->child_data;
  arrays->day = ValuesOf<Day>(*days[0]);
  arrays->file = ValuesOf<int32_t>(*days[1]);
  arrays->net_micros = ValuesOf<int64_t>(*days[2]);
  arrays->rows = ValuesOf<int32_t>(*days[3]);
  arrays->return_rows = ValuesOf<int32_t>(*days[4]);
  if (arrays->has_lines) {
    arrays->line_offsets = OffsetsOf(*columns[3]);
    const arrow::ArrayDataVector& lines = columns[3]->child_data[0]->child_data;
    arrays->transaction_high = ValuesOf<uint64_t>(*lines[0]);
    arrays->transaction_low = ValuesOf<uint64_t>(*lines[1]);
    arrays->line_day = ValuesOf<Day>(*lines[2]);
    arrays->line_minute = ValuesOf<int16_t>(*lines[3]);
    arrays->line_net_micros = ValuesOf<int64_t>(*lines[4]);
    arrays->line_is_return = ValuesOf<uint8_t>(*lines[5]);
    arrays->line_file = ValuesOf<int32_t>(*lines[6]);
    arrays->line_updated_at_us = ValuesOf<int64_t>(*lines[7]);
    arrays->line_row_hash = ValuesOf<uint64_t>(*lines[8]);
  }
  arrays->batches = std::move(file.batches);
  STRATA_RETURN_IF_ERROR(arrays->Check());
  LedgerSegment segment;
  segment.arrays_ = std::move(arrays);
  return segment;
}

absl::Status LedgerSegment::Arrays::Check() const {
  const auto covers = [](std::span<const int32_t> offsets, size_t items) {
    return offsets.front() == 0 && std::cmp_equal(offsets.back(), items);
  };
  if (!covers(day_offsets, day.size()) || (has_lines && !covers(line_offsets, line_day.size()))) {
    return Corrupt("lists do not cover their items");
  }
  for (size_t customer = 0; customer < hash.size(); ++customer) STRATA_RETURN_IF_ERROR(CheckCustomer(customer));
  return absl::OkStatus();
}

absl::Status LedgerSegment::Arrays::CheckCustomer(size_t customer) const {
  if (customer > 0 && std::pair(hash[customer - 1], id(customer - 1)) >= std::pair(hash[customer], id(customer))) {
    return Corrupt(fmt::format("customer {} is out of order", customer));
  }
  const auto begin = static_cast<size_t>(day_offsets[customer]);
  const auto end = static_cast<size_t>(day_offsets[customer + 1]);
  if (begin == end) return Corrupt(fmt::format("customer {} has no days", customer));
  int64_t all_rows = 0;
  for (size_t i = begin; i < end; ++i) {
    const bool ascends = i == begin || std::pair(day[i - 1], file[i - 1]) < std::pair(day[i], file[i]);
    if (!ascends || day[i] < kFirstDay || day[i] > kLastDay || file[i] < 0 || rows[i] < 1 || return_rows[i] < 0 ||
        return_rows[i] > rows[i]) {
      return Corrupt(fmt::format("day {} of customer {} is impossible", i - begin, customer));
    }
    all_rows += rows[i];
  }
  if (has_lines && all_rows != line_offsets[customer + 1] - line_offsets[customer]) {
    return Corrupt(fmt::format("days and lines of customer {} disagree", customer));
  }
  return absl::OkStatus();
}

size_t LedgerSegment::customers() const { return arrays_->hash.size(); }
uint64_t LedgerSegment::hash(size_t customer) const { return arrays_->hash[customer]; }
std::string_view LedgerSegment::id(size_t customer) const { return arrays_->id(customer); }
bool LedgerSegment::has_lines() const { return arrays_->has_lines; }
std::span<const int32_t> LedgerSegment::day_offsets() const { return arrays_->day_offsets; }
std::span<const Day> LedgerSegment::day() const { return arrays_->day; }
std::span<const int32_t> LedgerSegment::file() const { return arrays_->file; }
std::span<const int64_t> LedgerSegment::net_micros() const { return arrays_->net_micros; }
std::span<const int32_t> LedgerSegment::rows() const { return arrays_->rows; }
std::span<const int32_t> LedgerSegment::return_rows() const { return arrays_->return_rows; }

std::vector<LedgerDay> LedgerSegment::days(size_t customer) const {
  std::vector<LedgerDay> days;
  AppendDays(customer, &days);
  return days;
}

void LedgerSegment::AppendDays(size_t customer, std::vector<LedgerDay>* days) const {
  const Arrays& a = *arrays_;
  for (auto i = static_cast<size_t>(a.day_offsets[customer]); std::cmp_less(i, a.day_offsets[customer + 1]); ++i) {
    days->push_back({a.day[i], a.file[i], a.net_micros[i], a.rows[i], a.return_rows[i]});
  }
}

void LedgerSegment::AppendLines(size_t customer, std::vector<LedgerLine>* lines) const {
  const Arrays& a = *arrays_;
  for (auto i = static_cast<size_t>(a.line_offsets[customer]); std::cmp_less(i, a.line_offsets[customer + 1]); ++i) {
    lines->push_back({.transaction = {a.transaction_high[i], a.transaction_low[i]},
                      .day = a.line_day[i],
                      .minute = a.line_minute[i],
                      .is_return = a.line_is_return[i],
                      .file = a.line_file[i],
                      .net_micros = a.line_net_micros[i],
                      .updated_at_us = a.line_updated_at_us[i],
                      .row_hash = a.line_row_hash[i]});
  }
}

}  // namespace strata

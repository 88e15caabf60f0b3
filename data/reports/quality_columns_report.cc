// What is missing, wrong or odd in each column of each table (A36, A52).
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "data/reports/column_quality.h"
#include "data/reports/customer_orphans.h"
#include "data/reports/reports.h"
#include "data/reports/table_books.h"
#include "run/source_fields.h"

namespace strata {
namespace {

using ColumnKey = std::pair<uint8_t, std::string>;  // table, column

ColumnKey KeyOf(TableId table, std::string_view column) { return {static_cast<uint8_t>(table), std::string(column)}; }

bool Marked(TableId table, std::string_view column, ColumnMark mark) {
  const ColumnSchema* schema = FindColumn(table, column);
  return schema != nullptr && schema->Is(mark);
}

// A table in a shard, or its rows without customers.
struct Rows {
  TableId table = TableId::kTransactions;
  const TableShard* shard = nullptr;
  const TableShard* products = nullptr;  // null: the job has none
  Day as_of = 0;
};

void ScanWhole(const Rows& rows, ValueType type, int column, ColumnQuality* quality) {
  const std::span<const int64_t> values = rows.shard->whole(column);
  const bool measured = IsMeasured(type);
  const bool dated = type == ValueType::kDay || type == ValueType::kTime;
  for (const int64_t value : values) {
    if (value == kNoWhole) continue;
    ++quality->present;
    if (measured) {
      quality->values.Add(value);
    } else if (dated && DayOf(type, value) > rows.as_of) {
      ++quality->future;
    }
  }
}

// Rows by word.
std::vector<int64_t> CountWords(const TableShard& shard, int column) {
  std::vector<int64_t> counts(shard.words(column));
  for (const int32_t code : shard.code(column)) {
    if (code >= 0) ++counts[static_cast<size_t>(code)];
  }
  return counts;
}

std::set<std::string_view> ProductsOf(const TableShard& products) {
  std::set<std::string_view> known;
  const int column = products.Column("product_id");
  if (column < 0) return known;
  const std::vector<int64_t> counts = CountWords(products, column);
  for (size_t code = 0; code < counts.size(); ++code) {
    if (counts[code] > 0) known.insert(products.word(column, static_cast<int32_t>(code)));
  }
  return known;
}

void ScanWords(const Rows& rows, std::string_view name, int column, ColumnQuality* quality) {
  const std::vector<int64_t> counts = CountWords(*rows.shard, column);
  const bool names_product = rows.products != nullptr && Marked(rows.table, name, kOfProducts);
  const std::set<std::string_view> products = names_product ? ProductsOf(*rows.products) : std::set<std::string_view>();
  quality->has_orphans = quality->has_orphans || names_product;
  for (size_t code = 0; code < counts.size(); ++code) {
    if (counts[code] == 0) continue;
    const std::string_view word = rows.shard->word(column, static_cast<int32_t>(code));
    quality->present += counts[code];
    quality->words.Add(word);
    if (names_product && !products.contains(word)) quality->orphans += counts[code];
  }
}

bool IsMapped(const Job& job, TableId table, std::string_view column) {
  return table == TableId::kTransactions || job.Find(table)->Maps(column);  // of transactions both are required
}

// Columns that a row keeps as its customer and its day.
void ScanPlacing(const Rows& rows, const Job& job, std::map<ColumnKey, ColumnQuality>* columns) {
  const TableSchema& schema = SchemaOf(rows.table);
  const auto count = static_cast<int64_t>(rows.shard->rows());
  if (const ColumnSchema* customer = schema.Marked(kCustomer);
      customer != nullptr && IsMapped(job, rows.table, customer->name)) {
    ColumnQuality& quality = (*columns)[KeyOf(rows.table, customer->name)];
    quality.rows += count;
    for (const TableShard::Owner& owner : rows.shard->owners()) {
      if (!owner.id.empty()) quality.present += static_cast<int64_t>(owner.end - owner.begin);
    }
  }
  const ColumnSchema* day = schema.Marked(schema.effect == Effect::kVersion ? kValidFrom : kRowTime);
  if (day == nullptr || !IsMapped(job, rows.table, day->name)) return;
  ColumnQuality& quality = (*columns)[KeyOf(rows.table, day->name)];
  quality.rows += count;
  quality.future += rows.shard->after_as_of();
  for (const Day value : rows.shard->day()) quality.present += value != kTimelessDay ? 1 : 0;
}

TableLayout LayoutIn(const Job& job, TableId table) {
  return table == TableId::kTransactions ? LineLayoutOf(job.transactions) : LayoutOf(*job.Find(table));
}

void ScanTable(const Rows& rows, const Job& job, std::map<ColumnKey, ColumnQuality>* columns) {
  const TableLayout layout = LayoutIn(job, rows.table);
  ScanPlacing(rows, job, columns);
  for (size_t i = 0; i < layout.names.size(); ++i) {
    const int column = rows.shard->Column(layout.names[i]);
    if (column < 0) continue;
    ColumnQuality& quality = (*columns)[KeyOf(rows.table, layout.names[i])];
    quality.rows += static_cast<int64_t>(rows.shard->rows());
    if (IsCoded(layout.types[i])) {
      ScanWords(rows, layout.names[i], column, &quality);
    } else {
      ScanWhole(rows, layout.types[i], column, &quality);
    }
  }
}

void TakeOrphans(std::optional<int64_t> orphans, const ColumnKey& key, std::map<ColumnKey, ColumnQuality>* columns) {
  if (!orphans.has_value()) return;
  ColumnQuality& quality = (*columns)[key];
  quality.orphans += *orphans;
  quality.has_orphans = true;
}

std::vector<std::string> FieldsOfTable(const Job& job, TableId table) {
  std::vector<std::string> names;
  const SourceFields fields = table == TableId::kTransactions ? FieldsOf(job.transactions) : FieldsOf(*job.Find(table));
  for (const SourceField& field : fields.fields) {
    if (field.is_mapped()) names.push_back(field.name);
  }
  return names;
}

ValueType TypeIn(const Job& job, TableId table, std::string_view column) {
  if (const ColumnSchema* schema = FindColumn(table, column); schema != nullptr) return schema->type;
  if (table == TableId::kTransactions) return column == "net" ? ValueType::kMoney : ValueType::kFlag;
  for (const ExtraColumn& extra : job.Find(table)->extra) {
    if (extra.name == column) return extra.type;
  }
  return ValueType::kCategory;
}

struct Rejected {
  std::array<int64_t, 3> rows = {};  // by RejectKind
};

std::vector<ReportCell> LineOf(TableId table, std::string_view column, ValueType type, const ColumnQuality* quality,
                               const Rejected& rejected) {
  const auto count = [](bool asked, int64_t value) { return asked ? ReportCell(value) : ReportCell(); };
  const ColumnQuality none;
  const bool stored = quality != nullptr;
  if (!stored) quality = &none;
  const bool measured = stored && IsMeasured(type);
  const bool dated = stored && (type == ValueType::kDay || type == ValueType::kTime);
  const OutlierFences fences = quality->values.Fences();
  const auto fence = [&](const std::optional<int64_t>& value) {
    return measured && quality->values.count() > 0 && value.has_value() ? ReportRows::Ratio(*value, ScaleOf(type))
                                                                        : ReportCell();
  };
  const std::optional<int64_t> words = quality->words.count();
  return {std::string(SchemaOf(table).name),
          std::string(column),
          std::string(Name(type)),
          count(stored, quality->rows),
          count(stored, quality->present),
          count(stored, quality->rows - quality->present),
          ReportRows::Ratio(quality->present, quality->rows),
          count(dated, quality->future),
          count(stored && quality->has_orphans, quality->orphans),
          count(measured, fences.outliers),
          fence(fences.low),
          fence(fences.high),
          stored && IsCoded(type) && words.has_value() ? ReportCell(*words) : ReportCell(),
          rejected.rows[0],
          rejected.rows[1],
          rejected.rows[2]};
}

struct QualityColumns {
  static ReportInfo Info();
  struct Partial {
    std::map<ColumnKey, ColumnQuality> columns;

    void Merge(const Partial& other) {
      for (const auto& [key, quality] : other.columns) columns[key].Merge(quality);
    }
    void Encode(ByteWriter* writer) const {
      writer->U32(static_cast<uint32_t>(columns.size()));
      for (const auto& [key, quality] : columns) {
        writer->U8(key.first);
        writer->Text(key.second);
        quality.Encode(writer);
      }
    }
    static Partial Decode(ByteReader* reader) {
      Partial partial;
      const uint32_t size = reader->U32();
      for (uint32_t i = 0; i < size && reader->ok(); ++i) {
        const uint8_t table = reader->U8();
        ColumnKey key(table, reader->Text());
        partial.columns[std::move(key)] = ColumnQuality::Decode(reader);
      }
      return partial;
    }
  };
  static absl::Status Accumulate(const ReportShard& shard, Partial* partial);
  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts);
};

ReportInfo QualityColumns::Info() {
  const auto rows = [](const char* name, const char* meaning) {
    return ReportColumn{name, ReportType::kInteger, "rows", meaning};
  };
  return {.name = "quality_columns",
          .title = "Data quality by column",
          .sources = {"A36", "A52"},
          .needs = {.reference_rows = true},
          .columns = {{"table", ReportType::kText, "", "The table."},
                      {"column", ReportType::kText, "", "The column, by its name in the job."},
                      {"type", ReportType::kText, "", "What it holds."},
                      rows("rows", "Rows that count as of the date."),
                      rows("present", "Those with a value."),
                      rows("missing", "Those without."),
                      {"share_present", ReportType::kShare, "1", "Rows with a value, of all."},
                      rows("future", "Days and times after the date."),
                      rows("orphans", "Values that name a customer or product whom nobody knows."),
                      rows("outliers", "Numbers outside the fences."),
                      {"low_fence", ReportType::kNumber, "as the column", "The least number that is no outlier."},
                      {"high_fence", ReportType::kNumber, "as the column", "The greatest."},
                      {"distinct", ReportType::kInteger, "words", "Different words; none where there are too many."},
                      rows("rejected_missing", "Rows rejected because the column, which is required, had no value."),
                      rows("rejected_malformed", "Rows rejected because it could not be read."),
                      rows("rejected_out_of_range", "Rows rejected because its value is not allowed.")},
          .method = fmt::format(
              "One pass over the rows that count as of the date, of versions those that apply. Columns that the ledger "
              "does not keep row by row have rejected rows alone; a reason that names no column is in quality_rejects. "
              "Outliers by Tukey's far fences over the numbers other than 0, on a scale of sixteenths of an octave: "
              "bin(v) = sign(v) (1 + 16 floor(log2 |v|) + the next four bits of |v|), v in millionths, of integers in "
              "units; outside [Q1 - 3 (Q3 - Q1), Q3 + 3 (Q3 - Q1)] with the bins of rank ceil(n/4) and ceil(3n/4). "
              "Words are counted up to {}.",
              kMaxCountedWords)};
}

absl::Status QualityColumns::Accumulate(const ReportShard& shard, Partial* partial) {
  if (shard.tables == nullptr) return absl::OkStatus();
  const auto& reference = shard.tables->reference;
  const auto& tables = shard.today == nullptr ? reference : shard.tables->tables;
  for (const TableSchema& schema : AllTables()) {
    const TableShard* table = tables.at(static_cast<size_t>(schema.id));
    if (table == nullptr) continue;
    ScanTable({schema.id, table, reference.at(static_cast<size_t>(TableId::kProducts)), shard.as_of}, *shard.job,
              &partial->columns);
    const ColumnSchema* customer = schema.Marked(kCustomer);
    if (customer != nullptr && IsMapped(*shard.job, schema.id, customer->name)) {
      TakeOrphans(CountOrphans(shard, schema.id), KeyOf(schema.id, customer->name), &partial->columns);
    }
  }
  if (shard.today == nullptr) return absl::OkStatus();
  for (const auto& [column, link] : {std::pair("referrer_id", "referrer"), std::pair("parent_id", "parent")}) {
    const TableSource* customers = shard.job->Find(TableId::kCustomers);
    if (customers == nullptr || !customers->Maps(column)) continue;
    TakeOrphans(CountOrphans(shard, TableId::kLinks, link), KeyOf(TableId::kCustomers, column), &partial->columns);
  }
  return absl::OkStatus();
}

absl::StatusOr<ReportTable> QualityColumns::Finish(const Partial& merged, const ReportFacts& facts) {
  ReportRows rows("quality_columns", Info().columns);
  for (const TableBooks& books : BooksOf(*facts.registry, facts.as_of)) {
    if (books.table != TableId::kTransactions && facts.job->Find(books.table) == nullptr) continue;
    std::vector<std::string> columns = FieldsOfTable(*facts.job, books.table);
    std::map<std::string, Rejected> rejected;
    for (const auto& [reason, count] : books.rejected_by_reason) {
      const std::optional<RejectedColumn> of = ColumnOfReason(reason, columns);
      if (of.has_value()) rejected[of->column].rows.at(static_cast<size_t>(of->kind)) += count;
    }
    for (const auto& [key, quality] : merged.columns) {
      const bool is_listed = std::find(columns.begin(), columns.end(), key.second) != columns.end();
      if (key.first == static_cast<uint8_t>(books.table) && !is_listed) columns.push_back(key.second);
    }
    for (const std::string& column : columns) {
      const auto quality = merged.columns.find(KeyOf(books.table, column));
      rows.Add(LineOf(books.table, column, TypeIn(*facts.job, books.table, column),
                      quality == merged.columns.end() ? nullptr : &quality->second, rejected[column]));
    }
  }
  return rows.Take();
}

}  // namespace

RegisteredReport QualityColumnsReport() { return Registered<QualityColumns>(); }

}  // namespace strata

#include "data/profile/column_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <limits>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "data/ledger/arrow_bytes.h"

namespace strata {

struct ColumnFile::Arrays {
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;  // keep what was copied for alignment alive
  std::deque<std::vector<std::string>> words;
  ColumnSet columns;
};

namespace {

constexpr ArrowFormat kFormat{"strata columns", kColumnsFormatVersion, "COLUMNS_CORRUPT"};
constexpr char kTypeKey[] = "strata.type";
constexpr char kUnitKey[] = "strata.unit";
constexpr char kWordsOf[] = " words";  // behind a column's name; names have no blanks

constexpr std::array<std::pair<ColumnType, const char*>, 7> kTypes = {{{ColumnType::kInteger, "integer"},
                                                                       {ColumnType::kMoney, "money"},
                                                                       {ColumnType::kShare, "share"},
                                                                       {ColumnType::kNumber, "number"},
                                                                       {ColumnType::kDay, "day"},
                                                                       {ColumnType::kFlag, "flag"},
                                                                       {ColumnType::kText, "text"}}};

const char* NameOf(ColumnType type) {
  return std::find_if(kTypes.begin(), kTypes.end(), [type](const auto& known) { return known.first == type; })->second;
}

absl::Status Corrupt(const std::string& message) {
  return MakeError(absl::StatusCode::kDataLoss, kFormat.reason, fmt::format("{}: {}", kFormat.name, message));
}

// The lists of a file while it is made, and the memory that they view.
class ListsWriter {
 public:
  absl::Status Add(const Column& column) {
    const auto metadata = arrow::key_value_metadata({kTypeKey, kUnitKey}, {NameOf(column.type), column.unit});
    if (column.type == ColumnType::kNumber) return AddList(column.name, ArrayOver(column.number), metadata);
    if (column.type != ColumnType::kText) return AddList(column.name, ArrayOver(column.whole), metadata);
    STRATA_RETURN_IF_ERROR(AddList(column.name, ArrayOver(column.code), metadata));
    Texts& texts = texts_.emplace_back();
    for (const std::string& word : column.words) {
      texts.bytes += word;
      STRATA_RETURN_IF_ERROR(CheckSize(column.name, static_cast<int64_t>(texts.bytes.size())));
      texts.offsets.push_back(static_cast<int32_t>(texts.bytes.size()));
    }
    return AddList(column.name + kWordsOf, TextsOver(texts.offsets, texts.bytes), nullptr);
  }

  absl::StatusOr<std::string> Write() {
    const auto schema = arrow::schema(std::move(fields_), FormatMetadata(kFormat));
    return WriteArrowFile(kFormat, schema, {arrow::RecordBatch::Make(schema, 1, std::move(lists_))});
  }

 private:
  struct Texts {
    std::string bytes;
    std::vector<int32_t> offsets = {0};
  };

  static absl::Status CheckSize(const std::string& name, int64_t size) {
    if (size <= std::numeric_limits<int32_t>::max()) return absl::OkStatus();
    return MakeError(absl::StatusCode::kOutOfRange, "COLUMNS_TOO_LARGE",
                     fmt::format("column {} of a shard has a size of {}, allowed are {}: the job needs more shards",
                                 name, size, std::numeric_limits<int32_t>::max()));
  }

  absl::Status AddList(const std::string& name, std::shared_ptr<arrow::ArrayData> items,
                       std::shared_ptr<const arrow::KeyValueMetadata> metadata) {
    STRATA_RETURN_IF_ERROR(CheckSize(name, items->length));
    const std::array<int32_t, 2>& offsets = offsets_.emplace_back(std::array{0, static_cast<int32_t>(items->length)});
    auto type = arrow::list(arrow::field("item", items->type, false));
    lists_.push_back(ListsOver(type, offsets, std::move(items)));
    fields_.push_back(arrow::field(name, std::move(type), false, std::move(metadata)));
    return absl::OkStatus();
  }

  std::deque<std::array<int32_t, 2>> offsets_;
  std::deque<Texts> texts_;
  arrow::FieldVector fields_;
  std::vector<std::shared_ptr<arrow::ArrayData>> lists_;
};

// Reads lists one after another.
class ListsReader {
 public:
  ListsReader(const arrow::RecordBatch& batch, std::deque<std::vector<std::string>>* words)
      : batch_(batch), words_(words) {}

  absl::StatusOr<ColumnSet> Read() {
    ColumnSet columns;
    std::set<std::string> names;
    while (next_ < batch_.num_columns()) {
      STRATA_ASSIGN_OR_RETURN(Column column, ReadColumn());
      if (!names.insert(column.name).second) return Corrupt(fmt::format("column {} is there twice", column.name));
      const size_t rows = columns.rows();
      const bool is_first = columns.columns().empty();
      columns.Add(std::move(column));
      if (!is_first && columns.rows() != rows) {
        return Corrupt(fmt::format("column {} has {} rows, those before have {}", columns.columns().back().name,
                                   columns.rows(), rows));
      }
    }
    return columns;
  }

 private:
  // The items of the next list. Null where they are not of this type.
  const arrow::ArrayData* Items(arrow::Type::type type) {
    const arrow::ArrayData& list = *batch_.column_data(next_++);
    if (list.type->id() != arrow::Type::LIST) return nullptr;
    const arrow::ArrayData& items = *list.child_data[0];
    // One list of all items, so that they can be viewed as they lie.
    const std::span<const int32_t> offsets = OffsetsOf(list);
    const bool is_all = offsets[0] == 0 && offsets[1] == items.length;
    return items.type->id() == type && is_all ? &items : nullptr;
  }

  absl::StatusOr<Column> ReadColumn() {
    const arrow::Field& field = *batch_.schema()->field(next_);
    Column column;
    column.name = field.name();
    const std::string type = Metadata(field, kTypeKey);
    const auto known = std::find_if(kTypes.begin(), kTypes.end(), [&type](const auto& k) { return type == k.second; });
    if (known == kTypes.end()) return Corrupt(fmt::format("column {} is of type '{}'", column.name, type));
    column.type = known->first;
    column.unit = Metadata(field, kUnitKey);
    const arrow::ArrayData* items = Items(column.type == ColumnType::kNumber ? arrow::Type::DOUBLE
                                          : column.type == ColumnType::kText ? arrow::Type::INT32
                                                                             : arrow::Type::INT64);
    if (items == nullptr) return Corrupt(fmt::format("column {} is stored as {}", column.name, field.ToString()));
    if (column.type == ColumnType::kNumber) {
      column.number = ValuesOf<double>(*items);
    } else if (column.type != ColumnType::kText) {
      column.whole = ValuesOf<int64_t>(*items);
    } else {
      column.code = ValuesOf<int32_t>(*items);
      STRATA_RETURN_IF_ERROR(ReadWords(&column));
    }
    return column;
  }

  absl::Status ReadWords(Column* column) {
    const bool has_words =
        next_ < batch_.num_columns() && batch_.schema()->field(next_)->name() == column->name + kWordsOf;
    const arrow::ArrayData* items = has_words ? Items(arrow::Type::STRING) : nullptr;
    if (items == nullptr) return Corrupt(fmt::format("column {} has no words", column->name));
    std::vector<std::string>& words = words_->emplace_back();
    const std::span<const int32_t> offsets = OffsetsOf(*items);
    for (int64_t i = 0; i < items->length; ++i) {
      const auto at = static_cast<size_t>(i);
      words.emplace_back(items->GetValues<char>(2, 0) + offsets[at],
                         static_cast<size_t>(offsets[at + 1] - offsets[at]));
      if (i > 0 && words[at - 1] >= words[at]) return Corrupt(fmt::format("words of {} do not ascend", column->name));
    }
    for (const int32_t code : column->code) {
      if (code < -1 || std::cmp_greater_equal(code, words.size())) {
        return Corrupt(fmt::format("column {} has code {} and {} words", column->name, code, words.size()));
      }
    }
    column->words = words;
    return absl::OkStatus();
  }

  static std::string Metadata(const arrow::Field& field, const char* key) {
    return field.metadata() == nullptr ? "" : field.metadata()->Get(key).ValueOr("");
  }

  const arrow::RecordBatch& batch_;
  std::deque<std::vector<std::string>>* words_;
  int next_ = 0;
};

}  // namespace

absl::StatusOr<std::string> EncodeColumns(const ColumnSet& columns) {
  ListsWriter writer;
  for (const Column& column : columns.columns()) STRATA_RETURN_IF_ERROR(writer.Add(column));
  return writer.Write();
}

absl::StatusOr<ColumnFile> ColumnFile::Open(std::string_view bytes) {
  STRATA_ASSIGN_OR_RETURN(ArrowFile file, ReadArrowFile(kFormat, bytes));
  if (file.batches.size() != 1 || file.batches[0]->num_rows() != 1) {
    return Corrupt(fmt::format("{} record batches, expected is one with one row", file.batches.size()));
  }
  auto arrays = std::make_shared<Arrays>();
  arrays->batches = std::move(file.batches);
  STRATA_ASSIGN_OR_RETURN(arrays->columns, ListsReader(*arrays->batches[0], &arrays->words).Read());
  ColumnFile result;
  result.arrays_ = std::move(arrays);
  return result;
}

const ColumnSet& ColumnFile::columns() const { return arrays_->columns; }

}  // namespace strata

#include <fmt/format.h>

#include <list>
#include <utility>

#include "data/ledger/ledger.h"
#include "data/rows/merged_words.h"
#include "data/rows/segment_schema.h"
#include "data/rows/table_segment.h"

namespace strata {
namespace {

constexpr int32_t kCodeOfFirstWord = 1;  // 0 stands for a missing one

absl::Status CheckLimit(std::string_view what, size_t found, int64_t allowed) {
  if (std::cmp_less_equal(found, allowed)) return absl::OkStatus();
  return MakeError(absl::StatusCode::kOutOfRange, "SEGMENT_TOO_LARGE",
                   fmt::format("a segment of table rows would hold {} {}, allowed are {}: the job needs more shards",
                               found, what, allowed));
}

std::shared_ptr<arrow::DataType> IntegerOf(int width) {
  if (width == 1) return arrow::int8();
  if (width == 2) return arrow::int16();
  return width == 4 ? arrow::int32() : arrow::int64();
}

// Texts one after another, as Arrow wants them.
struct Texts {
  std::string bytes;
  std::vector<int32_t> offsets = {0};

  absl::Status Add(std::string_view text, std::string_view what) {
    bytes.append(text);
    STRATA_RETURN_IF_ERROR(CheckLimit(what, bytes.size(), kMaxSegmentIdBytes));
    offsets.push_back(static_cast<int32_t>(bytes.size()));
    return absl::OkStatus();
  }
};

// Columns as Arrow arrays, and the memory that these view.
class SegmentWriter {
 public:
  SegmentWriter(const TableLayout& layout, std::span<const RowSpans> sources, const StoredRows& stored)
      : layout_(layout), sources_(sources), stored_(stored) {}

  absl::StatusOr<std::string> Write() {
    STRATA_RETURN_IF_ERROR(CheckLimit("rows", stored_.rows.size(), kMaxSegmentItems));
    STRATA_RETURN_IF_ERROR(AddCustomers());
    Children rows;
    AddIdentity(&rows);
    Children values;
    for (size_t i = 0; i < layout_.types.size(); ++i) {
      if (IsCoded(layout_.types[i])) {
        STRATA_RETURN_IF_ERROR(AddWords(i, &values));
      } else {
        AddWhole(layout_.names[i], &values,
                 [i](const RowSpans& from, const RowAt& at) { return from.columns[i].Whole(at.row); });
      }
    }
    rows.Add("values", StructOf(values));
    const auto schema = TableRowsSchema(rows.fields);
    const auto batch = arrow::RecordBatch::Make(schema, static_cast<int64_t>(hash_.size()),
                                                std::vector<std::shared_ptr<arrow::ArrayData>>{
                                                    ArrayOver(hash_), TextsOver(ids_.offsets, ids_.bytes),
                                                    ListsOver(schema->field(2)->type(), row_offsets_, StructOf(rows))});
    return WriteArrowFile(kTableRowsFormat, schema, {batch});
  }

 private:
  struct Children {
    arrow::FieldVector fields;
    std::vector<std::shared_ptr<arrow::ArrayData>> arrays;

    void Add(const std::string& name, std::shared_ptr<arrow::ArrayData> array) {
      fields.push_back(arrow::field(name, array->type, /*nullable=*/false));
      arrays.push_back(std::move(array));
    }
  };

  std::shared_ptr<arrow::ArrayData> StructOf(const Children& children) const {
    return arrow::ArrayData::Make(arrow::struct_(children.fields), static_cast<int64_t>(stored_.rows.size()), {nullptr},
                                  children.arrays, 0);
  }

  absl::Status AddCustomers() {
    size_t begin = 0;
    for (const size_t end : stored_.ends) {
      const RowAt& first = stored_.rows[begin];
      hash_.push_back(first.hash);
      STRATA_RETURN_IF_ERROR(ids_.Add(sources_[first.source].id[first.owner], "bytes of customer ids"));
      row_offsets_.push_back(static_cast<int32_t>(end));
      begin = end;
    }
    return absl::OkStatus();
  }

  void AddIdentity(Children* to) {
    AddWhole("day", to, [](const RowSpans&, const RowAt& at) { return int64_t{at.day}; });
    AddWhole("minute", to, [](const RowSpans& from, const RowAt& at) { return from.minute[at.row]; });
    AddWhole("file", to, [](const RowSpans& from, const RowAt& at) { return from.file[at.row]; });
    if (!layout_.has_key) return;
    AddHash("key_high", to, [](const RowSpans& from, const RowAt& at) { return from.Key(at.row).high; });
    AddHash("key_low", to, [](const RowSpans& from, const RowAt& at) { return from.Key(at.row).low; });
    AddWhole("version", to, [](const RowSpans& from, const RowAt& at) { return from.version[at.row]; });
    AddHash("row_hash", to, [](const RowSpans& from, const RowAt& at) { return from.row_hash[at.row]; });
    AddWhole("differs", to, [](const RowSpans&, const RowAt& at) { return int64_t{at.differs}; });
  }

  std::shared_ptr<arrow::ArrayData> PackedArray(const std::vector<int64_t>& values) {
    const Packed& packed = packed_.emplace_back(Pack(values));
    return arrow::ArrayData::Make(IntegerOf(packed.width), static_cast<int64_t>(values.size()),
                                  {nullptr, arrow::Buffer::Wrap(packed.bytes.data(), packed.bytes.size())}, 0);
  }

  template <typename ValueOf>
  void AddWhole(const std::string& name, Children* to, const ValueOf& value_of) {
    scratch_.clear();
    for (const RowAt& at : stored_.rows) scratch_.push_back(value_of(sources_[at.source], at));
    to->Add(name, PackedArray(scratch_));
  }

  template <typename ValueOf>
  void AddHash(const std::string& name, Children* to, const ValueOf& value_of) {
    std::vector<uint64_t>& values = hashes_.emplace_back();
    values.reserve(stored_.rows.size());
    for (const RowAt& at : stored_.rows) values.push_back(value_of(sources_[at.source], at));
    to->Add(name, ArrayOver(values));
  }

  absl::Status AddWords(size_t column, Children* to) {
    std::vector<std::vector<bool>> used;
    for (const RowSpans& source : sources_) used.emplace_back(source.columns[column].words.size());
    for (const RowAt& at : stored_.rows) {
      const int32_t code = sources_[at.source].columns[column].Code(at.row);
      if (code >= 0) used[at.source][static_cast<size_t>(code)] = true;
    }
    const MergedWords merged = MergeWords(sources_, column, used);
    Texts& words = words_.emplace_back();
    STRATA_RETURN_IF_ERROR(words.Add("", ""));
    for (const std::string_view word : merged.words) STRATA_RETURN_IF_ERROR(words.Add(word, "bytes of words"));
    scratch_.clear();
    for (const RowAt& at : stored_.rows) {
      const int32_t code = sources_[at.source].columns[column].Code(at.row);
      scratch_.push_back(int64_t{merged.Code(at.source, code)} + kCodeOfFirstWord);
    }
    std::shared_ptr<arrow::ArrayData> codes = PackedArray(scratch_);
    codes->type = arrow::dictionary(codes->type, arrow::utf8());
    codes->dictionary = TextsOver(words.offsets, words.bytes);
    to->Add(layout_.names[column], std::move(codes));
    return absl::OkStatus();
  }

  const TableLayout& layout_;
  std::span<const RowSpans> sources_;
  const StoredRows& stored_;
  std::vector<int64_t> scratch_;
  // What the arrays view.
  std::vector<uint64_t> hash_;
  Texts ids_;
  std::vector<int32_t> row_offsets_ = {0};
  std::list<Packed> packed_;
  std::list<std::vector<uint64_t>> hashes_;
  std::list<Texts> words_;
};

}  // namespace

absl::StatusOr<std::string> EncodeTableSegment(const TableLayout& layout, std::span<const RowSpans> sources,
                                               const StoredRows& stored) {
  if (stored.rows.empty()) return std::string();
  return SegmentWriter(layout, sources, stored).Write();
}

}  // namespace strata

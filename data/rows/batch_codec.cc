// A block: {rows, has key, has row hashes, has differs}, then the columns. Whole numbers are packed: {width, bytes}.
#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "base/bytes.h"
#include "data/rows/block_object.h"
#include "data/rows/packed.h"
#include "data/rows/table_batch.h"

namespace strata {
namespace {

constexpr BlockFormat kFormat{.name = "table rows of a split",
                              .magic = 0x53574f5242544d53,  // "SMTBROWS"
                              .version = 1,
                              .reason = "TABLE_ROWS_CORRUPT"};

absl::Status Corrupt(const std::string& message) {
  return MakeError(absl::StatusCode::kDataLoss, kFormat.reason, fmt::format("{}: {}", kFormat.name, message));
}

class BlockWriter {
 public:
  explicit BlockWriter(std::string* bytes) : bytes_(bytes) {}

  template <typename T>
  void Number(T value) {
    Raw(&value, sizeof(value));
  }
  // As they are: hashes have no width to save.
  template <typename T>
  void Array(const std::vector<T>& values) {
    static_assert(std::has_unique_object_representations_v<T>, "padding would make equal rows differ");
    Raw(values.data(), values.size() * sizeof(T));
  }
  template <typename T>
  void PackedArray(const std::vector<T>& values) {
    const Packed packed = Pack(std::vector<int64_t>(values.begin(), values.end()));
    Number(static_cast<uint8_t>(packed.width));
    Raw(packed.bytes.data(), packed.bytes.size());
  }
  void Texts(const TextColumn& texts) {
    std::vector<uint64_t> sizes(texts.size());
    for (size_t i = 0; i < sizes.size(); ++i) sizes[i] = texts[i].size();
    PackedArray(sizes);
    Raw(texts.bytes().data(), texts.bytes().size());
  }

 private:
  void Raw(const void* data, size_t size) {
    if (size > 0) bytes_->append(static_cast<const char*>(data), size);
  }

  std::string* bytes_;
};

// Reading past the end yields zeros and turns ok() false for good.
class BlockReader {
 public:
  explicit BlockReader(std::string_view rest) : rest_(rest) {}

  template <typename T>
  T Number() {
    T value{};
    const std::string_view raw = Take(sizeof(T));
    if (ok_) std::memcpy(&value, raw.data(), sizeof(T));
    return value;
  }
  template <typename T>
  std::vector<T> Array(uint64_t count) {
    const std::string_view raw = TakeMany(count, sizeof(T));
    std::vector<T> values(raw.size() / sizeof(T));
    if (!raw.empty()) std::memcpy(values.data(), raw.data(), raw.size());
    return values;
  }
  template <typename T>
  std::vector<T> PackedArray(uint64_t count) {
    const auto width = Number<uint8_t>();
    if (width != 1 && width != 2 && width != 4 && width != 8) ok_ = false;
    const std::string_view raw = TakeMany(count, width);
    std::vector<T> values;
    if (!ok_) return values;
    values.reserve(count);
    const PackedSpan packed(raw.data(), count, width);
    for (size_t i = 0; i < count; ++i) {
      const int64_t value = packed[i];
      ok_ &= std::is_same_v<T, int64_t> || static_cast<int64_t>(static_cast<T>(value)) == value;
      values.push_back(static_cast<T>(value));
    }
    return values;
  }
  TextColumn Texts(uint64_t count) {
    std::vector<uint64_t> ends = PackedArray<uint64_t>(count);
    uint64_t end = 0;
    for (uint64_t& size : ends) {
      if (size > rest_.size() - end) ok_ = false;
      if (!ok_) return {};
      size = end += size;
    }
    return TextColumn::FromParts(std::string(Take(end)), std::move(ends));
  }
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view TakeMany(uint64_t count, uint64_t each) {
    if (each != 0 && count > rest_.size() / each) ok_ = false;
    return Take(ok_ ? count * each : 0);
  }
  std::string_view Take(uint64_t size) {
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view raw = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return raw;
  }

  std::string_view rest_;
  bool ok_ = true;
};

// The file of all rows, as nearly always; -1 when there are several.
int32_t OneFile(const TableBatch& batch) {
  const int32_t file = batch.file.front();
  return std::all_of(batch.file.begin(), batch.file.end(), [file](int32_t f) { return f == file; }) ? file : -1;
}

void AppendBlock(const TableBatch& batch, std::string* bytes) {
  BlockWriter writer(bytes);
  const int32_t file = OneFile(batch);
  writer.Number(static_cast<uint64_t>(batch.size()));
  writer.Number(file);
  writer.Number(static_cast<uint8_t>(batch.key.empty() ? 0 : 1));
  writer.Number(static_cast<uint8_t>(batch.row_hash.empty() ? 0 : 1));
  writer.Number(static_cast<uint8_t>(batch.differs.empty() ? 0 : 1));
  writer.Array(batch.hash);
  writer.Texts(batch.id);
  writer.PackedArray(batch.day);
  writer.PackedArray(batch.minute);
  if (file < 0) writer.PackedArray(batch.file);
  if (!batch.key.empty()) {
    writer.Array(batch.key);
    writer.PackedArray(batch.version);
  }
  writer.Array(batch.row_hash);
  writer.Array(batch.differs);
  for (const TableColumn& column : batch.columns) {
    if (!IsCoded(column.type)) {
      writer.PackedArray(column.whole);
      continue;
    }
    writer.Number(static_cast<uint64_t>(column.words.size()));
    writer.Texts(column.words);
    writer.PackedArray(column.code);
  }
}

absl::StatusOr<TableBatch> DecodeBlock(std::string_view block, const TableLayout& layout) {
  TableBatch batch;
  if (block.empty()) return batch;
  BlockReader reader(block);
  const auto rows = reader.Number<uint64_t>();
  const auto file = reader.Number<int32_t>();
  const bool has_key = reader.Number<uint8_t>() != 0;
  const bool has_row_hash = reader.Number<uint8_t>() != 0;
  const bool has_differs = reader.Number<uint8_t>() != 0;
  if (!reader.ok() || rows == 0) return Corrupt("a block without rows");
  batch.hash = reader.Array<uint64_t>(rows);
  batch.id = reader.Texts(rows);
  batch.day = reader.PackedArray<Day>(rows);
  batch.minute = reader.PackedArray<int16_t>(rows);
  if (!reader.ok()) return Corrupt("a block ends before its rows do");
  batch.file = file >= 0 ? std::vector<int32_t>(rows, file) : reader.PackedArray<int32_t>(rows);
  if (has_key) {
    batch.key = reader.Array<Hash128>(rows);
    batch.version = reader.PackedArray<int64_t>(rows);
  }
  if (has_row_hash) batch.row_hash = reader.Array<uint64_t>(rows);
  if (has_differs) batch.differs = reader.Array<uint8_t>(rows);
  for (const ValueType type : layout.types) {
    TableColumn column{.type = type, .whole = {}, .code = {}, .words = {}};
    if (IsCoded(type)) {
      column.words = reader.Texts(reader.Number<uint64_t>());
      column.code = reader.PackedArray<int32_t>(rows);
    } else {
      column.whole = reader.PackedArray<int64_t>(rows);
    }
    batch.columns.push_back(std::move(column));
  }
  if (!reader.ok() || !reader.at_end()) return Corrupt("a block does not have the columns of the table");
  STRATA_RETURN_IF_ERROR(CheckTableBatch(batch, layout));
  return batch;
}

// The reference shard has no customers, every other one has nothing else.
absl::Status CheckOwners(const TableBatch& batch, bool is_reference) {
  for (size_t row = 0; row < batch.size(); ++row) {
    if (batch.id[row].empty() != is_reference) {
      return Corrupt(
          fmt::format("row {} {}", row,
                      is_reference ? "of the reference shard has a customer" : "of a shard of customers has none"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string EncodeTableBatches(const std::vector<TableBatch>& shards) {
  return EncodeBlocks(kFormat, static_cast<uint32_t>(shards.size()), [&shards](uint32_t shard, std::string* object) {
    if (shards[shard].size() > 0) AppendBlock(shards[shard], object);
  });
}

absl::StatusOr<TableBatch> DecodeTableBatch(std::string_view object, uint32_t shard, const TableLayout& layout) {
  STRATA_ASSIGN_OR_RETURN(const Block block, FindBlock(kFormat, object, shard));
  const std::string context = fmt::format("shard {}", shard);
  absl::StatusOr<TableBatch> batch = DecodeBlock(block.bytes, layout);
  if (!batch.ok()) return WithContext(batch.status(), context);
  if (absl::Status status = CheckOwners(*batch, shard + 1 == block.shards); !status.ok()) {
    return WithContext(status, context);
  }
  return batch;
}

absl::Status AddTableBatchSizes(std::string_view object, std::vector<uint64_t>* bytes_by_shard) {
  return AddBlockSizes(kFormat, object, bytes_by_shard);
}

}  // namespace strata

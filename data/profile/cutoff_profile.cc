#include "data/profile/cutoff_profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "data/ledger/features.h"
#include "data/profile/column_file.h"
#include "data/profile/table_columns.h"

namespace strata {
namespace {

constexpr uint64_t kMagic = 0x31'46'4F'54'55'43'54'53;  // "STCUTOF1"
constexpr size_t kAlignment = 64;

absl::Status Corrupt(const std::string& what) {
  return MakeError(absl::StatusCode::kDataLoss, "COLUMNS_CORRUPT", fmt::format("profiles of cutoffs: {}", what));
}

size_t Aligned(size_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

// "customers.age" → age.
std::string ColumnOf(const ChurnAttribute& attribute) { return attribute.name.substr(attribute.name.find('.') + 1); }

void AddAttribute(const TableShard& customers, const ChurnAttribute& attribute, OwnedColumns* columns) {
  const std::string column = ColumnOf(attribute);
  AddTableColumn(customers, attribute.name, {.name = column, .type = attribute.stored}, columns, nullptr);
}

void AddFixed(const Column& today, std::span<const uint32_t> row_of_today, OwnedColumns* columns) {
  const auto take = [row_of_today](const auto& values) {
    std::vector<std::remove_cvref_t<decltype(values[0])>> taken;
    taken.reserve(row_of_today.size());
    for (const uint32_t row : row_of_today) taken.push_back(values[row]);
    return taken;
  };
  if (today.type != ColumnType::kText) {
    columns->AddWhole(today.name, today.type, today.unit, take(today.whole));
    return;
  }
  const std::vector<std::string_view> words(today.words.begin(), today.words.end());
  columns->AddText(today.name, take(today.code), words);
}

}  // namespace

OwnedColumns BuildCutoffColumns(const TableShard& customers, size_t rows, std::span<const ChurnAttribute> attributes) {
  OwnedColumns columns(rows);
  for (const ChurnAttribute& attribute : attributes) AddAttribute(customers, attribute, &columns);
  return columns;
}

OwnedColumns BuildCutoffColumns(const TableShard& customers, std::span<const ChurnAttribute> attributes,
                                const ColumnSet& today, std::span<const uint32_t> row_of_today) {
  OwnedColumns columns(row_of_today.size());
  for (const ChurnAttribute& attribute : attributes) {
    if (attribute.fixed) {
      AddFixed(*today.Find(attribute.name), row_of_today, &columns);
    } else {
      AddAttribute(customers, attribute, &columns);
    }
  }
  return columns;
}

std::string JoinCutoffProfiles(std::span<const std::string> files) {
  ByteWriter head;
  head.U64(kMagic);
  head.U64(files.size());
  size_t end = Aligned(8 * (2 + files.size()));
  for (const std::string& file : files) head.U64(end = Aligned(end) + file.size());
  std::string joined = head.Take();
  for (const std::string& file : files) {
    joined.resize(Aligned(joined.size()));
    joined += file;
  }
  return joined;
}

struct CutoffProfiles::Files {
  std::vector<ColumnFile> files;
  std::vector<const ColumnSet*> columns;
};

absl::StatusOr<CutoffProfiles> CutoffProfiles::Open(std::string_view bytes) {
  ByteReader reader(bytes);
  const uint64_t magic = reader.U64(), count = reader.U64();
  if (magic != kMagic || count > 1 + kMaxChurnViews) return Corrupt("bytes that are none");
  auto opened = std::make_shared<Files>();
  size_t begin = Aligned(8 * (2 + count));
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t end = reader.U64();
    if (!reader.ok() || begin > end || end > bytes.size()) {
      return Corrupt(fmt::format("view {} of {} ends at {} of {} bytes", i, count, end, bytes.size()));
    }
    STRATA_ASSIGN_OR_RETURN(ColumnFile file, ColumnFile::Open(bytes.substr(begin, end - begin)));
    opened->files.push_back(std::move(file));
    begin = Aligned(end);
  }
  for (const ColumnFile& file : opened->files) opened->columns.push_back(&file.columns());
  CutoffProfiles profiles;
  profiles.files_ = std::move(opened);
  return profiles;
}

std::span<const ColumnSet* const> CutoffProfiles::columns() const { return files_->columns; }

}  // namespace strata

#include "data/snapshot/members_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "data/ledger/arrow_bytes.h"

namespace strata {
namespace {

constexpr ArrowFormat kFormat = {
    .name = "strata members", .version = kMembersFormatVersion, .reason = "SNAPSHOT_CORRUPT"};
constexpr char kDefinitionKey[] = "strata.definition";
constexpr size_t kWordBits = 64;

absl::Status Corrupt(std::string_view message) {
  return MakeError(absl::StatusCode::kDataLoss, kFormat.reason, fmt::format("{}: {}", kFormat.name, message));
}

}  // namespace

struct MembersFile::Columns {
  ArrowFile file;  // keeps the buffers
  size_t customers = 0;
  std::vector<std::string> names, definitions;
  std::vector<const uint8_t*> bits;  // by name
};

absl::StatusOr<std::string> EncodeMembers(const MemberBits& members, size_t customers) {
  arrow::FieldVector fields;
  std::vector<std::shared_ptr<arrow::ArrayData>> columns;
  const auto rows = static_cast<int64_t>(customers);
  for (size_t i = 0; i < members.names.size(); ++i) {
    const std::vector<uint64_t>& bits = members.bits[i];
    fields.push_back(arrow::field(members.names[i], arrow::boolean(), false,
                                  arrow::key_value_metadata({kDefinitionKey}, {members.definitions[i]})));
    columns.push_back(
        arrow::ArrayData::Make(arrow::boolean(), rows, {nullptr, arrow::Buffer::Wrap(bits.data(), bits.size())}, 0));
  }
  const auto schema = arrow::schema(std::move(fields), FormatMetadata(kFormat));
  return WriteArrowFile(kFormat, schema, {arrow::RecordBatch::Make(schema, rows, std::move(columns))});
}

absl::StatusOr<MembersFile> MembersFile::Open(std::string_view bytes) {
  auto columns = std::make_shared<Columns>();
  STRATA_ASSIGN_OR_RETURN(columns->file, ReadArrowFile(kFormat, bytes));
  if (columns->file.batches.size() != 1) return Corrupt("more than one batch, or none");
  const arrow::RecordBatch& batch = *columns->file.batches[0];
  columns->customers = static_cast<size_t>(batch.num_rows());
  for (int i = 0; i < batch.num_columns(); ++i) {
    const arrow::Field& field = *batch.schema()->field(i);
    const arrow::ArrayData& data = *batch.column_data(i);
    if (field.type()->id() != arrow::Type::BOOL || data.offset != 0) {
      return Corrupt(fmt::format("column {} is no column of members", field.name()));
    }
    if (!columns->names.empty() && columns->names.back() >= field.name()) return Corrupt("names do not ascend");
    const auto& metadata = field.metadata();
    columns->definitions.push_back(metadata == nullptr ? "" : metadata->Get(kDefinitionKey).ValueOr(""));
    columns->names.push_back(field.name());
    columns->bits.push_back(data.buffers[1] == nullptr ? nullptr : data.buffers[1]->data());
  }
  return MembersFile(std::move(columns));
}

size_t MembersFile::customers() const { return columns_->customers; }
const std::vector<std::string>& MembersFile::names() const { return columns_->names; }
const std::vector<std::string>& MembersFile::definitions() const { return columns_->definitions; }

bool MembersFile::Has(size_t segment, size_t customer) const {
  return (columns_->bits[segment][customer / 8] >> customer % 8 & 1) != 0;
}

MemberBits MembersFile::Bits() const {
  MemberBits members{columns_->names, columns_->definitions, {}};
  const size_t customers = columns_->customers;
  for (const uint8_t* bits : columns_->bits) {
    std::vector<uint64_t>& words = members.bits.emplace_back((customers + kWordBits - 1) / kWordBits);
    if (customers == 0) continue;
    std::memcpy(words.data(), bits, (customers + 7) / 8);
    if (customers % kWordBits != 0) words.back() &= (uint64_t{1} << customers % kWordBits) - 1;
  }
  return members;
}

}  // namespace strata

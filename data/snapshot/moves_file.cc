#include "data/snapshot/moves_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "data/ledger/arrow_bytes.h"
#include "data/snapshot/parquet_bytes.h"

namespace strata {
namespace {

constexpr char kWhat[] = "moves of members";
constexpr std::string_view kEntered = "entered";
constexpr std::string_view kLeft = "left";

absl::Status Corrupt(std::string_view message) {
  return MakeError(absl::StatusCode::kDataLoss, "SNAPSHOT_CORRUPT", fmt::format("{}: {}", kWhat, message));
}

// All cells of a column of texts.
absl::StatusOr<std::vector<std::string>> Texts(const arrow::Table& table, const char* name) {
  const auto column = table.GetColumnByName(name);
  if (column == nullptr || column->type()->id() != arrow::Type::STRING || column->null_count() > 0) {
    return Corrupt(fmt::format("no column {} of texts", name));
  }
  std::vector<std::string> texts;
  texts.reserve(static_cast<size_t>(column->length()));
  for (const auto& chunk : column->chunks()) {
    const auto& array = static_cast<const arrow::StringArray&>(*chunk);
    for (int64_t row = 0; row < array.length(); ++row) texts.push_back(array.GetString(row));
  }
  return texts;
}

}  // namespace

absl::StatusOr<std::string> EncodeMoves(std::vector<MemberMove> moves) {
  std::sort(moves.begin(), moves.end(), [](const MemberMove& a, const MemberMove& b) {
    return std::tie(a.segment, b.entered, a.customer_id) < std::tie(b.segment, a.entered, b.customer_id);
  });
  TableColumns columns(moves.size());
  const auto add = [&](const char* name, const auto& text_of) {
    columns.Add<arrow::StringBuilder>(name, arrow::utf8(),
                                      [&](size_t i) { return std::optional<std::string_view>(text_of(moves[i])); });
  };
  add("segment", [](const MemberMove& move) { return std::string_view(move.segment); });
  add("customer_id", [](const MemberMove& move) { return std::string_view(move.customer_id); });
  add("change", [](const MemberMove& move) { return move.entered ? kEntered : kLeft; });
  auto table = columns.Finish();
  if (!table.ok()) return FromArrow(table.status(), "SNAPSHOT_CORRUPT", kWhat);
  return WriteParquet(**table, {"segment", "change"});
}

absl::StatusOr<std::vector<MemberMove>> DecodeMoves(std::string_view bytes) {
  STRATA_ASSIGN_OR_RETURN(const auto table, ReadParquet(bytes, kWhat));
  STRATA_ASSIGN_OR_RETURN(std::vector<std::string> segments, Texts(*table, "segment"));
  STRATA_ASSIGN_OR_RETURN(std::vector<std::string> ids, Texts(*table, "customer_id"));
  STRATA_ASSIGN_OR_RETURN(const std::vector<std::string> changes, Texts(*table, "change"));
  std::vector<MemberMove> moves;
  moves.reserve(segments.size());
  for (size_t i = 0; i < segments.size(); ++i) {
    if (changes[i] != kEntered && changes[i] != kLeft) return Corrupt(fmt::format("'{}' is no change", changes[i]));
    moves.push_back({std::move(segments[i]), changes[i] == kEntered, std::move(ids[i])});
  }
  return moves;
}

}  // namespace strata

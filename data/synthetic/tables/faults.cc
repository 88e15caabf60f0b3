#include "data/synthetic/tables/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/local_minutes.h"
#include "data/source/fault.h"
#include "run/source_fields.h"

namespace strata {
namespace {

constexpr std::array<std::string_view, kTableFaults> kNames = {
    "missing", "unknown_choice", "out_of_range", "duplicate", "future", "orphan_customer", "orphan_product", "outlier"};

const MadeColumn* ColumnOf(const MadeTable& made, std::string_view name) {
  const auto found = std::find_if(made.columns().begin(), made.columns().end(),
                                  [name](const MadeColumn& column) { return column.name == name; });
  return found == made.columns().end() ? nullptr : &*found;
}

void CountRow(const MadeTable& made, TableCounts* counts) {
  ++counts->holding;
  counts->missing.resize(made.columns().size());
  for (size_t i = 0; i < made.columns().size(); ++i) {
    if (made.columns()[i].IsMissing(made.rows() - 1)) ++counts->missing[i];
  }
}

void AddEach(const std::vector<int64_t>& from, std::vector<int64_t>* to) {
  to->resize(std::max(to->size(), from.size()));
  for (size_t i = 0; i < from.size(); ++i) (*to)[i] += from[i];
}

}  // namespace

std::string_view Name(TableFault fault) { return kNames[static_cast<size_t>(fault)]; }

std::vector<FaultPlace> FaultsOf(TableId table, const MadeTable& made) {
  const TableSchema& schema = SchemaOf(table);
  std::map<TableFault, FaultPlace> first;  // of each kind
  const auto add = [&](TableFault fault, const ColumnSchema& column, std::optional<FaultKind> kind = {}) {
    const SourceField field = FieldNamed(column.name, column.name, "", FieldRead::kText);
    first.try_emplace(fault, FaultPlace{.fault = fault,
                                        .column = std::string(column.name),
                                        .reason = kind.has_value() ? ReasonOf(*kind, field) : ""});
  };
  const bool has_key = schema.FirstKey() != nullptr && ColumnOf(made, schema.FirstKey()->name) != nullptr;
  if (has_key) add(TableFault::kDuplicate, *schema.FirstKey());
  for (const ColumnSchema& column : schema.columns) {
    if (ColumnOf(made, column.name) == nullptr) continue;
    if (column.Is(kRequired) && !column.Is(kRowTime)) add(TableFault::kMissing, column, FaultKind::kMissing);
    if (column.type == ValueType::kChoice) add(TableFault::kUnknownChoice, column, FaultKind::kUnknownChoice);
    if (column.min.has_value()) add(TableFault::kOutOfRange, column, FaultKind::kOutOfRange);
    if (has_key || schema.effect == Effect::kVersion) continue;
    if (column.Is(kRowTime)) add(TableFault::kFuture, column);
    if (column.Is(kCustomer)) add(TableFault::kOrphanCustomer, column);
    if (column.Is(kOfProducts)) add(TableFault::kOrphanProduct, column);
    if (column.unit == "seconds") add(TableFault::kOutlier, column);
  }
  std::vector<FaultPlace> places;
  for (auto& [fault, place] : first) places.push_back(std::move(place));
  return places;
}

void TableCounts::Add(const TableCounts& other) {
  rows += other.rows;
  holding += other.holding;
  orphan_referrers += other.orphan_referrers;
  AddEach(other.missing, &missing);
  AddEach(other.faults, &faults);
}

FaultPlanter::FaultPlanter(TableId table, const MadeTable& made, double share, Day last_day)
    : schema_(&SchemaOf(table)), places_(FaultsOf(table, made)), share_(share), last_day_(last_day) {}

void FaultPlanter::Count(const MadeTable& made, TableCounts* counts) const {
  counts->faults.resize(places_.size());
  ++counts->rows;
  CountRow(made, counts);
}

void FaultPlanter::Plant(uint32_t customer, DrawStream* draws, MadeTable* made, TableCounts* counts) const {
  Count(*made, counts);
  if (draws->Unit() >= share_) return;
  const size_t place = draws->Below(static_cast<uint32_t>(places_.size()));
  made->Repeat();
  if (Spoil(places_[place], customer, made)) CountRow(*made, counts);
  ++counts->rows;
  ++counts->faults[place];
}

// Whether the row still counts on the last day.
bool FaultPlanter::Spoil(const FaultPlace& place, uint32_t customer, MadeTable* made) const {
  const auto schema = std::find_if(schema_->columns.begin(), schema_->columns.end(),
                                   [&place](const ColumnSchema& column) { return column.name == place.column; });
  const MadeColumn& column = *ColumnOf(*made, place.column);
  switch (place.fault) {
    case TableFault::kMissing:
      IsText(column.type) ? made->Text(place.column, "") : made->Whole(place.column, kNoWhole);
      return false;
    case TableFault::kUnknownChoice:
      made->Text(place.column, kUnknownWord);
      return false;
    case TableFault::kOutOfRange:
      made->Whole(place.column, schema->max.has_value() ? *schema->max + 1 : *schema->min - 1);
      return false;
    case TableFault::kDuplicate:
      return false;
    case TableFault::kFuture: {
      const int64_t day = last_day_ + kFutureDays;
      made->Whole(place.column, column.type == ValueType::kTime ? day * kMinutesPerDay : day);
      return false;
    }
    case TableFault::kOrphanCustomer:
      made->Text(place.column, fmt::format("X{:09}", customer));
      return true;
    case TableFault::kOrphanProduct:
      made->Text(place.column, kUnknownProduct);
      return true;
    case TableFault::kOutlier:
      made->Whole(place.column, column.whole.back() * kOutlierFactor);
      return true;
  }
  return false;
}

}  // namespace strata

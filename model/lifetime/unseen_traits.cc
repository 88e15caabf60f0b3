#include "model/lifetime/unseen_traits.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"

namespace strata {
namespace {

std::vector<bool> UnknownWords(const CovariateSource& source, const Column& column) {
  std::vector<bool> unknown;
  for (const std::string& word : column.words) {
    unknown.push_back(!source.has_other && word != source.reference &&
                      !std::binary_search(source.levels.begin(), source.levels.end(), word));
  }
  return unknown;
}

std::string Customers(int64_t count) { return count == 1 ? "1 customer has" : fmt::format("{} customers have", count); }

}  // namespace

UnseenTraits UnseenTraits::Of(const CovariateModel& model, const CustomerColumns& customers, const ColumnSet* profile) {
  UnseenTraits found;
  if (profile == nullptr) return found;
  const std::vector<bool> in_use = SourcesInUse(model);
  for (size_t s = 0; s < model.sources.size(); ++s) {
    const CovariateSource& source = model.sources[s];
    const Column* column = in_use[s] ? profile->Find(source.column) : nullptr;
    if (column == nullptr || (column->type == ColumnType::kText) != source.is_category) continue;
    Counts counts;
    if (source.is_category) {
      const std::vector<bool> unknown = UnknownWords(source, *column);
      for (size_t row = 0; row < customers.size(); ++row) {
        if (customers.purchase_days[row] == 0) continue;
        const int32_t code = column->code[row];
        if (code < 0) counts.missing += source.has_missing ? 0 : 1;
        if (code >= 0 && unknown[static_cast<size_t>(code)]) ++counts.levels;
      }
    } else if (!source.has_missing) {
      for (size_t row = 0; row < customers.size(); ++row) {
        if (customers.purchase_days[row] > 0 && column->whole[row] == kNoWhole) ++counts.missing;
      }
    }
    if (counts.levels + counts.missing > 0) found.columns_[source.column] = counts;
  }
  return found;
}

void UnseenTraits::Merge(const UnseenTraits& other) {
  for (const auto& [column, counts] : other.columns_) {
    columns_[column].levels += counts.levels;
    columns_[column].missing += counts.missing;
  }
}

std::string UnseenTraits::Encode() const {
  if (columns_.empty()) return "";
  ByteWriter writer;
  writer.U32(static_cast<uint32_t>(columns_.size()));
  for (const auto& [column, counts] : columns_) {
    writer.Text(column);
    writer.I64(counts.levels);
    writer.I64(counts.missing);
  }
  return writer.Take();
}

absl::StatusOr<UnseenTraits> UnseenTraits::Decode(std::string_view bytes) {
  UnseenTraits found;
  if (bytes.empty()) return found;
  ByteReader reader(bytes);
  const uint32_t columns = reader.U32();
  for (uint32_t i = 0; i < columns && reader.ok(); ++i) {
    const std::string column(reader.Text());
    Counts& counts = found.columns_[column];
    counts.levels = reader.I64();
    counts.missing = reader.I64();
  }
  STRATA_RETURN_IF_ERROR(reader.Finish("traits that a fit did not see"));
  return found;
}

std::vector<std::string> UnseenTraits::Warnings(const CovariateModel& model) const {
  std::vector<std::string> warnings;
  for (const auto& [column, counts] : columns_) {
    const auto source = std::find_if(model.sources.begin(), model.sources.end(),
                                     [&name = column](const CovariateSource& one) { return one.column == name; });
    if (source == model.sources.end()) continue;
    const std::string as = source->is_category ? fmt::format("as {}", source->reference) : "as the mean";
    std::string what;
    if (counts.levels > 0) what = fmt::format("{} a level that its fit never met", Customers(counts.levels));
    if (counts.missing > 0) {
      what += fmt::format("{}{} none, as nobody had in the fit", what.empty() ? "" : ", ", Customers(counts.missing));
    }
    warnings.push_back(
        fmt::format("lifetime covariate {}: {}; they are scored {} until the model is fitted anew", column, what, as));
  }
  return warnings;
}

}  // namespace strata

#include "data/source/table_profile.h"

#include <utility>

#include "data/source/ingest.h"
#include "data/source/table_files.h"

namespace strata {
namespace {

uint64_t BytesOf(const std::vector<FileInfo>& files) {
  uint64_t bytes = 0;
  for (const FileInfo& file : files) bytes += file.size_bytes;
  return bytes;
}

std::vector<CurrencyProfile> CurrenciesOf(const FxTable& table) {
  std::vector<CurrencyProfile> currencies;
  for (const FxUse& rate : table.rates()) {
    const std::string name = CurrencyName(rate.currency);
    if (currencies.empty() || currencies.back().currency != name) {
      currencies.push_back({.currency = name, .rates = 0, .first_day = rate.day, .last_day = 0, .last_rate = {}});
    }
    CurrencyProfile& currency = currencies.back();
    ++currency.rates;
    currency.last_day = rate.day;
    currency.last_rate = FormatRate(rate.rate);
  }
  return currencies;
}

}  // namespace

absl::StatusOr<TablesProfile> ProfileTables(FileSystem& file_system, const Job& job, const std::string& base_folder) {
  TablesProfile profile;
  if (job.aliases.has_value()) {
    STRATA_ASSIGN_OR_RETURN(const std::vector<FileInfo> files, ListSource(file_system, job.aliases->uri, base_folder));
    STRATA_ASSIGN_OR_RETURN(ResolvedAliases resolved, ReadAliasFiles(file_system, files, job));
    resolved.table.clear();
    profile.aliases = {
        .files = static_cast<int64_t>(files.size()), .bytes = BytesOf(files), .resolved = std::move(resolved)};
  }
  if (job.fx.has_value()) {
    STRATA_ASSIGN_OR_RETURN(const std::vector<FileInfo> files, ListSource(file_system, job.fx->uri, base_folder));
    STRATA_ASSIGN_OR_RETURN(FxTable table, ReadFxFiles(file_system, files, job));
    profile.fx = {.files = static_cast<int64_t>(files.size()),
                  .bytes = BytesOf(files),
                  .rates = static_cast<int64_t>(table.rates().size()),
                  .currencies = CurrenciesOf(table)};
    profile.rates = std::move(table);
  }
  return profile;
}

}  // namespace strata

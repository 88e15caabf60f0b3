#include "client/text/tables_report.h"

#include <fmt/format.h>

#include "client/text/numbers.h"
#include "client/text/table.h"

namespace strata {
namespace {

using Json = nlohmann::ordered_json;

std::string Files(int64_t files, uint64_t bytes) {
  return fmt::format("{}, {}", Counted(files, "file", "files"), ByteSize(static_cast<int64_t>(bytes)));
}

std::string AliasesReport(const std::string& uri, const AliasProfile& profile) {
  const ResolvedAliases& resolved = profile.resolved;
  std::string text =
      fmt::format("\nMerged identities: {}\n  {}; read whole\n  {}: {} merged into {}\n", uri,
                  Files(profile.files, profile.bytes), Counted(resolved.rows, "row", "rows"),
                  Counted(resolved.aliases, "id", "ids"), Counted(resolved.customers, "customer", "customers"));
  for (const std::string& example : resolved.examples) text += fmt::format("  e.g. {}\n", example);
  if (resolved.superseded > 0) {
    text += fmt::format("  {} superseded by later ones\n", Counted(resolved.superseded, "row", "rows"));
  }
  if (resolved.conflicts > 0) {
    text += fmt::format("  {} with several new ids at one date, chosen by hash\n",
                        Counted(resolved.conflicts, "id", "ids"));
  }
  for (const std::string& example : resolved.conflict_examples) text += fmt::format("  e.g. {}\n", example);
  return text;
}

std::string FxReport(const std::string& uri, const FxProfile& profile) {
  Table table({{"currency", Align::kLeft},
               {"rates", Align::kRight},
               {"from", Align::kLeft},
               {"to", Align::kLeft},
               {"last rate", Align::kRight}});
  for (const CurrencyProfile& currency : profile.currencies) {
    table.AddRow({currency.currency, Grouped(currency.rates), FormatDay(currency.first_day),
                  FormatDay(currency.last_day), currency.last_rate});
  }
  return fmt::format("\nRates: {}\n  {}; read whole\n{}", uri, Files(profile.files, profile.bytes), table.Render("  "));
}

}  // namespace

std::string TablesReport(const Job& job, const TablesProfile& profile) {
  std::string text;
  if (profile.aliases.has_value()) text += AliasesReport(job.aliases->uri, *profile.aliases);
  if (profile.fx.has_value()) text += FxReport(job.fx->uri, *profile.fx);
  return text;
}

Json AliasesJson(const TablesProfile& profile) {
  if (!profile.aliases.has_value()) return nullptr;
  const ResolvedAliases& resolved = profile.aliases->resolved;
  return {{"files", profile.aliases->files},
          {"size_bytes", profile.aliases->bytes},
          {"rows", resolved.rows},
          {"aliases", resolved.aliases},
          {"customers", resolved.customers},
          {"superseded", resolved.superseded},
          {"conflicts", resolved.conflicts},
          {"examples", resolved.examples},
          {"conflict_examples", resolved.conflict_examples}};
}

Json FxJson(const TablesProfile& profile) {
  if (!profile.fx.has_value()) return nullptr;
  Json currencies = Json::array();
  for (const CurrencyProfile& currency : profile.fx->currencies) {
    currencies.push_back({{"currency", currency.currency},
                          {"rates", currency.rates},
                          {"first_day", FormatDay(currency.first_day)},
                          {"last_day", FormatDay(currency.last_day)},
                          {"last_rate", currency.last_rate}});
  }
  return {{"files", profile.fx->files},
          {"size_bytes", profile.fx->bytes},
          {"rates", profile.fx->rates},
          {"currencies", std::move(currencies)}};
}

}  // namespace strata

#include "client/commands/tables.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "client/exit_status.h"
#include "client/flags.h"
#include "client/json/score_json.h"
#include "client/text/table.h"
#include "run/nearest_name.h"
#include "run/table_schema.h"

namespace strata {
namespace {

using Json = nlohmann::ordered_json;

struct TablesFlags {
  std::string name;
  bool markdown = false;
  bool json = false;
};

const char* KindOf(const TableSchema& table) { return table.effect == Effect::kEvent ? "events" : "versions"; }

std::string AllText() {
  Table text({{"table"}, {"rows are"}, {"key"}, {"meaning"}});
  for (const TableSchema& table : AllTables()) {
    text.AddRow({std::string(table.name), KindOf(table), fmt::format("{}", fmt::join(KeyOf(table), ", ")),
                 std::string(table.meaning)});
  }
  return text.Render() + "\n`strata tables NAME` lists the columns of a table.\n";
}

std::string OneText(const TableSchema& table) {
  Table text({{"column"}, {"type"}, {"allowed"}, {"role"}, {"meaning"}});
  for (const ColumnSchema& column : table.columns) {
    text.AddRow({std::string(column.name), Name(column.type), AllowedOf(column), RoleOf(table, column),
                 std::string(column.meaning)});
  }
  return fmt::format("{}: {} ({})\n\n{}", table.name, table.meaning, KindOf(table), text.Render());
}

Json TableJson(const TableSchema& table) {
  Json columns = Json::array();
  for (const ColumnSchema& column : table.columns) {
    columns.push_back({{"name", column.name},
                       {"type", Name(column.type)},
                       {"required", column.Is(kRequired)},
                       {"allowed", AllowedOf(column)},
                       {"role", RoleOf(table, column)},
                       {"unit", column.unit},
                       {"words", WordsOf(column)},
                       {"meaning", column.meaning}});
  }
  return {{"name", table.name},
          {"kind", KindOf(table)},
          {"key", KeyOf(table)},
          {"meaning", table.meaning},
          {"columns", std::move(columns)}};
}

int Tables(const TablesFlags& flags, const Console& console) {
  std::vector<std::string> names;
  for (const TableSchema& table : AllTables()) names.emplace_back(table.name);
  const std::optional<TableId> chosen = TableNamed(flags.name);
  if (!flags.name.empty() && !chosen.has_value()) {
    return Fail(console,
                FlagInvalid("NAME", "'" + flags.name + "'",
                            fmt::format("allowed are {}{}", fmt::join(names, ", "), DidYouMean(flags.name, names))),
                flags.json);
  }
  if (flags.markdown && (flags.json || chosen.has_value())) {
    return Fail(console,
                FlagInvalid("--markdown", flags.json ? "with --json" : "with " + flags.name,
                            "the page is of all tables and for people; ask for one of them"),
                flags.json);
  }
  if (flags.markdown) {
    console.Print(TablesMarkdown());
    return kExitDone;
  }
  if (!flags.json) {
    console.Print(chosen.has_value() ? OneText(SchemaOf(*chosen)) : AllText());
    return kExitDone;
  }
  Json json = Json::array();
  for (const TableSchema& table : AllTables()) {
    if (!chosen.has_value() || *chosen == table.id) json.push_back(TableJson(table));
  }
  console.PrintLine(OneLine({{"tables", std::move(json)}}));
  return kExitDone;
}

}  // namespace

void AddTablesCommand(CLI::App* program, CommandContext* context) {
  const auto flags = std::make_shared<TablesFlags>();
  CLI::App* command = program->add_subcommand("tables", "what tables a job may have, and their columns");
  command->add_option("NAME", flags->name, "one table: its columns");
  command->add_flag("--markdown", flags->markdown, "all tables as the page docs/tables.md");
  AddJsonFlag(command, &flags->json);
  command->footer(
      "Needs no state: the tables are those of this build.\n\n"
      "Examples:\n"
      "  strata tables\n"
      "  strata tables customers\n"
      "  strata tables --json | jq '.tables[].name'");
  command->callback(
      [flags, context] { context->action = [flags, context] { return Tables(*flags, context->console); }; });
}

}  // namespace strata

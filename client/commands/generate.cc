#include "client/commands/generate.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "client/exit_status.h"
#include "client/flags.h"
#include "client/json/score_json.h"
#include "client/text/numbers.h"
#include "client/text/progress.h"
#include "client/text/table.h"
#include "data/synthetic/base_writer.h"
#include "data/synthetic/tables/table_maker.h"

namespace strata {
namespace {

constexpr int kRetailDays = 730;     // two years: a season twice, and churn cutoffs with a year before them
constexpr int kSparseDays = 3650;    // ten years: room for rare purchases
constexpr int kNightsDays = 365;     // a past of ten months before ten nights
constexpr int kNightsDaysMin = 240;  // who is asleep must have been for longer than others pause
constexpr int kCausesDays = 720;     // six cutoffs a quarter apart, and half a year before them
constexpr CivilDate kLastDayByDefault = {.year = 2025, .month = 12, .day = 31};

struct GenerateFlags {
  BaseOptions base;
  std::string seed = "1";
  std::string dirty_ratio = "0";
  std::string start;  // empty: so that the period ends on kLastDayByDefault
  std::string shape = "retail";
  std::string format = "parquet";
  std::string tables = "transactions";
  std::optional<int> days;
  std::optional<int> threads;
  bool json = false;
};

// The whole text as a number; CLI11 takes -1 for an unsigned one and wraps what is too large.
template <typename Number>
absl::Status ReadNumber(const std::string& flag, const std::string& text, std::string_view allowed, Number* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  if (error == std::errc() && end == text.data() + text.size()) return absl::OkStatus();
  return FlagInvalid(flag, "'" + text + "'", fmt::format("allowed is {}", allowed));
}

absl::Status ReadFlags(GenerateFlags* flags) {
  WorldOptions& world = flags->base.world;
  STRATA_RETURN_IF_ERROR(ReadNumber("--seed", flags->seed, "a whole number from 0 to 2^64 - 1", &world.seed));
  STRATA_RETURN_IF_ERROR(ReadNumber("--dirty-ratio", flags->dirty_ratio, "a number from 0 to 0.5", &world.dirty_ratio));
  std::string& out = flags->base.out;
  while (out.size() > 1 && out.back() == '/') out.pop_back();  // paths made from it are shown
  if (out.empty()) return FlagInvalid("--out", "''", "allowed is the name of a new or empty folder");
  if (flags->shape != "retail" && flags->shape != "sparse" && flags->shape != "nights" && flags->shape != "causes") {
    return FlagInvalid("--shape", "'" + flags->shape + "'", "allowed are retail, sparse, nights and causes");
  }
  world.shape = flags->shape == "sparse"   ? BaseShape::kSparse
                : flags->shape == "nights" ? BaseShape::kNights
                : flags->shape == "causes" ? BaseShape::kCauses
                                           : BaseShape::kRetail;
  if (flags->format != "parquet" && flags->format != "csv") {
    return FlagInvalid("--format", "'" + flags->format + "'", "allowed are parquet and csv");
  }
  if (flags->tables != "transactions" && flags->tables != "all") {
    return FlagInvalid("--tables", "'" + flags->tables + "'", "allowed are transactions and all");
  }
  world.all_tables = flags->tables == "all";
  flags->base.format = flags->format == "csv" ? SyntheticFormat::kCsv : SyntheticFormat::kParquet;
  world.days = flags->days.value_or(world.shape == BaseShape::kSparse   ? kSparseDays
                                    : world.shape == BaseShape::kNights ? kNightsDays
                                    : world.shape == BaseShape::kCauses ? kCausesDays
                                                                        : kRetailDays);
  if (world.shape == BaseShape::kNights && world.days < kNightsDaysMin) {
    return FlagInvalid("--days", fmt::format("{}", world.days),
                       fmt::format("allowed are {} and more: ten nights, and a past before them", kNightsDaysMin));
  }
  world.first_day = ToDay(kLastDayByDefault) - world.days + 1;
  if (!flags->start.empty()) {
    const auto day = ParseDay(flags->start);
    if (!day.ok()) return FlagInvalid("--start", flags->start, std::string(StdView(day.status().message())));
    world.first_day = *day;
  }
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  flags->base.threads = flags->threads.value_or(std::min(static_cast<int>(cores), kSyntheticThreadsMax));
  return absl::OkStatus();
}

std::string JobPath(const GenerateFlags& flags) { return flags.base.out + "/job.yaml"; }

// What the other tables hold; empty without them.
std::string TablesLine(const GeneratedBase& base) {
  std::string text;
  for (size_t i = 0; i < base.tables.size(); ++i) {
    text += fmt::format("{}{} {}", i == 0 ? "  Rows of the other tables: " : ", ", SchemaOf(kCustomerTables[i]).name,
                        Grouped(base.tables[i].rows));
  }
  return text.empty() ? text : text + "\n\n";
}

std::string Report(const GenerateFlags& flags, const GeneratedBase& base, double seconds) {
  const SyntheticCounts& counts = base.counts;
  const WorldOptions& world = base.world.options;
  std::string text = fmt::format(
      "{}: {} of {} in {}, {} to {}, {}, seed {}\n"
      "  {} files of {} in {}, {}; {} asked for, {} expected\n\n",
      flags.base.out, Counted(counts.rows(), "row", "rows"), Counted(counts.customers, "customer", "customers"),
      world.currency, FormatDay(world.first_day), FormatDay(base.world.last_day()), Name(world.shape), world.seed,
      Grouped(base.files), ByteSize(static_cast<int64_t>(base.bytes)), Duration(seconds), Name(flags.base.format),
      Grouped(world.transactions), Grouped(static_cast<int64_t>(base.world.expected_rows)));
  Table table({{"Group"},
               {"customers", Align::kRight},
               {"share", Align::kRight},
               {"purchases", Align::kRight},
               {"each", Align::kRight},
               {"mean spend", Align::kRight},
               {"r", Align::kRight},
               {"alpha", Align::kRight},
               {"a", Align::kRight},
               {"b", Align::kRight}});
  for (size_t i = 0; i < counts.groups.size(); ++i) {
    const PlantedGroup& group = base.world.groups[i];
    const RateClass& sums = counts.groups[i];
    const double customers = static_cast<double>(std::max<int64_t>(1, sums.customers));
    table.AddRow({std::string(group.shape.name), Grouped(sums.customers),
                  Percent(customers / static_cast<double>(counts.customers)), Grouped(sums.purchases),
                  Fixed(static_cast<double>(sums.purchases) / customers, 2), Fixed(PopulationSpend(group.spend), 2),
                  Significant(group.purchases.r, 4), Significant(group.purchases.alpha, 4),
                  Significant(group.purchases.a, 4), Significant(group.purchases.b, 4)});
  }
  text += table.Render("  ");
  text += fmt::format(
      "\n  {} returns, {} dirty rows ({} rejected by a run, {} duplicates)\n  {} of the customers have left",
      Grouped(counts.return_rows), Grouped(counts.dirty_rows()), Grouped(counts.rejected()),
      Grouped(counts.duplicates()),
      Percent(1 - static_cast<double>(counts.alive) / static_cast<double>(counts.customers)));
  std::string reasons;
  for (size_t i = 0; i < kLeavingReasons; ++i) {
    if (counts.left_by_reason[i] == 0) continue;
    reasons +=
        fmt::format("{}{} {}", reasons.empty() ? "" : ", ", kLeavingReasonNames[i], Grouped(counts.left_by_reason[i]));
  }
  text += reasons.empty() ? "\n\n" : ": " + reasons + "\n\n";
  text += TablesLine(base);
  for (const std::string& sentence : MergingStatement(base.world, counts)) text += "  " + sentence + "\n";
  return text + fmt::format("\nNext: strata run {}\n", ShellQuoted(JobPath(flags)));
}

nlohmann::ordered_json ReportJson(const GenerateFlags& flags, const GeneratedBase& base, double seconds) {
  auto json = nlohmann::ordered_json::parse(TruthText(base.world, base.counts, flags.base.format, base.files));
  json["out"] = flags.base.out;
  json["job"] = JobPath(flags);
  json["bytes"] = base.bytes;
  for (size_t i = 0; i < base.tables.size(); ++i) {
    json["tables"][std::string(SchemaOf(kCustomerTables[i]).name)] = base.tables[i].rows;
  }
  json["seconds"] = seconds;
  return json;
}

int Generate(GenerateFlags flags, const Console& console) {
  if (const absl::Status status = ReadFlags(&flags); !status.ok()) return Fail(console, status, flags.json);
  const auto began = std::chrono::steady_clock::now();
  const auto elapsed = [began] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  };
  const auto files = NewPosixFileSystem();
  ProgressPrinter progress(console.err, console.err_is_terminal);
  const auto base = GenerateBase(flags.base, files.get(), [&](const GenerationProgress& done) {
    progress.Update({.stage = "generate", .done = done.files_done, .total = done.files, .seconds = elapsed()});
  });
  progress.Finish(base.ok());
  if (!base.ok()) return Fail(console, base.status(), flags.json);
  if (flags.json) {
    console.PrintLine(OneLine(ReportJson(flags, *base, elapsed())));
  } else {
    console.Print(Report(flags, *base, elapsed()));
  }
  return kExitDone;
}

void AddShapeFlags(CLI::App* command, GenerateFlags* flags) {
  WorldOptions* world = &flags->base.world;
  command
      ->add_option(
          "--shape", flags->shape,
          "retail (default), sparse: rare purchases, for lifetime parameters, nights: ten nights of planted moves, or "
          "causes: planted causes of churn, with all tables")
      ->type_name("retail|sparse|nights|causes");
  command->add_option("--start", flags->start, "the first day (default: so that the last day is 2025-12-31)")
      ->type_name("YYYY-MM-DD");
  AllowRange(command->add_option("--days", flags->days, "length of the period (default: 730, sparse 3650, nights 365)")
                 ->type_name("D"),
             kSyntheticDaysMin, kSyntheticDaysMax);
  command
      ->add_option("--dirty-ratio", flags->dirty_ratio,
                   "share of rows that are broken or repeated on purpose, 0 (default) to 0.5")
      ->type_name("R");
  command->add_option("--currency", world->currency, "three capital letters (default: EUR)")->type_name("CODE");
}

}  // namespace

void AddGenerateCommand(CLI::App* program, CommandContext* context) {
  const auto flags = std::make_shared<GenerateFlags>();
  WorldOptions* world = &flags->base.world;
  CLI::App* command = program->add_subcommand("generate", "a synthetic customer base whose truth is known");
  AllowRange(command->add_option("--customers", world->customers, "customers of the base")->required()->type_name("N"),
             1, kSyntheticCustomersMax);
  AllowRange(command->add_option("--transactions", world->transactions, "rows wanted; the number made is told")
                 ->required()
                 ->type_name("M"),
             1, kSyntheticTransactionsMax);
  command->add_option("--seed", flags->seed, "another seed, another base (default: 1)")->type_name("S");
  command->add_option("--out", flags->base.out, "the folder to write, new or empty")->required()->type_name("DIR");
  command->add_option("--format", flags->format, "parquet (default) or csv")->type_name("parquet|csv");
  command->add_option("--tables", flags->tables, "transactions alone (default), or all twelve tables of docs/tables.md")
      ->type_name("transactions|all");
  AllowRange(command->add_option("--files", flags->base.files, "transaction files (default: one for 480,000 rows)")
                 ->type_name("F"),
             1, kSyntheticFilesMax);
  AllowRange(
      command->add_option("--threads", flags->threads, "threads (default: all cores); the bytes never depend on it")
          ->type_name("T"),
      1, kSyntheticThreadsMax);
  AddShapeFlags(command, flags.get());
  AddJsonFlag(command, &flags->json);
  command->footer(
      "Writes DIR/transactions/, the truth about every customer (truth.parquet) and about the base (truth.json,\n"
      "products.parquet), and last DIR/job.yaml, which `strata run` takes as it stands. The same flags give the same\n"
      "bytes. docs/generate.md says what is planted. With --tables all there are customers, products, costs, contacts\n"
      "and so on beside them, and what is planted there in truth_tables.parquet and truth_tables.json.\n\n"
      "Retail has five groups, baskets, returns and customers who leave for a reason that shows. Sparse has one\n"
      "population of rare purchases, from which a fit recovers the planted lifetime parameters. Nights has groups far\n"
      "apart, and customers who wake or fall silent over the last ten weeks.\n\n"
      "Examples:\n"
      "  strata generate --customers 100000 --transactions 1000000 --seed 7 --out base && strata run base/job.yaml\n"
      "  strata generate --customers 200000 --transactions 1200000 --shape sparse --out sparse\n"
      "  strata generate --customers 5000 --transactions 50000 --format csv --dirty-ratio 0.02 --out dirty");
  command->callback(
      [flags, context] { context->action = [flags, context] { return Generate(*flags, context->console); }; });
}

}  // namespace strata

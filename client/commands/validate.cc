#include "client/commands/validate.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "client/exit_status.h"
#include "client/flags.h"
#include "client/run_options.h"
#include "client/text/validate_report.h"
#include "run/job_file.h"
#include "store/cache_flags.h"
#include "store/open_store.h"

namespace strata {
namespace {

struct ValidateFlags {
  std::string job_path;
  std::string cache_dir;
  uint64_t cache_bytes = kDefaultCacheBytes;
  bool json = false;
};

absl::StatusOr<JobProfile> ProfileJob(FileSystem& files, const Job& job, const std::string& folder) {
  JobProfile profile;
  STRATA_ASSIGN_OR_RETURN(profile.transactions, ProfileSource(files, job, folder));
  for (const TableSource& source : job.tables) {
    auto table = ProfileTable(files, job, source, folder);
    if (!table.ok()) return WithContext(table.status(), fmt::format("sources.{}", SchemaOf(source.table).name));
    profile.tables.push_back(*std::move(table));
  }
  return profile;
}

int Validate(const ValidateFlags& flags, const Console& console) {
  const auto yaml = ReadJobFile(flags.job_path);
  if (!yaml.ok()) return Fail(console, yaml.status(), flags.json);
  const auto job = ParseJob(*yaml, flags.job_path);
  if (!job.ok()) return Fail(console, job.status(), flags.json);
  const auto local = NewPosixFileSystem();
  const auto files = NewSourceFiles({.uri = {},
                                     .cache_dir = flags.cache_dir,
                                     .cache_bytes = flags.cache_bytes,
                                     .note = [&console](const std::string& note) { console.Note("strata: " + note); }},
                                    local.get());
  const std::string folder = std::filesystem::absolute(flags.job_path).parent_path().lexically_normal().string();
  const auto profile = ProfileJob(*files, *job, folder);
  if (!profile.ok()) return Fail(console, WithContext(profile.status(), flags.job_path), flags.json);
  console.Print(flags.json ? ValidateJson(*job, *profile) + "\n" : ValidateReport(*job, flags.job_path, *profile));
  const std::string problem = BudgetProblem(*job, *profile);
  if (problem.empty()) return kExitDone;
  console.Note("strata: error: " + flags.job_path + ": " + problem);
  return kExitBadInput;
}

}  // namespace

void AddValidateCommand(CLI::App* program, CommandContext* context) {
  const auto flags = std::make_shared<ValidateFlags>();
  CLI::App* command = program->add_subcommand("validate", "check a job and a sample of its sources; computes nothing");
  command->add_option("JOB.yaml", flags->job_path, "the job file")->required();
  AddCacheFlags(command, "of this user in the folder for temporary files", &flags->cache_dir, &flags->cache_bytes);
  AddJsonFlag(command, &flags->json);
  command->footer(
      "Reads the job, lists its files, checks the columns of all of them and judges a sample of rows as a run would.\n"
      "Exit status 2 when the job could not run as described.\n\n"
      "Examples:\n"
      "  strata validate job.yaml\n"
      "  strata validate job.yaml --json | jq .rejected_by_reason");
  command->callback(
      [flags, context] { context->action = [flags, context] { return Validate(*flags, context->console); }; });
}

}  // namespace strata

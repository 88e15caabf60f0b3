#include "client/commands/ledger.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "client/commands/ledger_rows.h"
#include "client/embedded/state_actions.h"
#include "client/exit_status.h"
#include "client/json/score_json.h"
#include "client/session.h"
#include "client/text/lists.h"
#include "client/text/numbers.h"

namespace strata {
namespace {

int Show(const StateFlags& flags, const Console& console) {
  const auto session = OpenSession(flags);
  if (!session.ok()) return Fail(console, session.status(), flags.json);
  const auto ledger = session->connection->Ledger(session->job);
  if (!ledger.ok()) return Fail(console, ledger.status(), flags.json);
  const auto files = session->connection->LedgerFiles(session->job);
  if (!files.ok()) return Fail(console, files.status(), flags.json);
  if (flags.json) {
    console.PrintLine(OneLine(LedgerJson(*ledger, *files)));
  } else {
    console.Print(LedgerReport(*ledger, *files));
  }
  return kExitDone;
}

int Digest(const StateFlags& flags, const Console& console) {
  const auto session = OpenSession(flags);
  if (!session.ok()) return Fail(console, session.status(), flags.json);
  const auto ledger = session->connection->Ledger(session->job);
  if (!ledger.ok()) return Fail(console, ledger.status(), flags.json);
  if (flags.json) {
    console.PrintLine(
        OneLine({{"job", session->job}, {"version", ledger->version.version}, {"digest", ledger->version.digest}}));
  } else {
    console.PrintLine(ledger->version.digest);
  }
  return kExitDone;
}

// The job whose ledger is worked on where it lies.
absl::StatusOr<std::string> JobHere(const StateFlags& flags, const std::string& done) {
  if (flags.remote())
    return FlagInvalid("--target", flags.target, "a ledger is " + done + " where it lies; use --state DIR");
  STRATA_ASSIGN_OR_RETURN(const std::vector<std::string> jobs, JobsInState(flags.place()));
  return ChooseJob(jobs, flags);
}

absl::StatusOr<LedgerVerification> VerifyHere(const StateFlags& flags, std::string* job) {
  STRATA_ASSIGN_OR_RETURN(*job, JobHere(flags, "verified"));
  return VerifyLedgerInState(flags.place(), *job);
}

absl::StatusOr<LedgerCompaction> CompactHere(const StateFlags& flags, std::string* job) {
  STRATA_ASSIGN_OR_RETURN(*job, JobHere(flags, "compacted"));
  return CompactLedgerInState(flags.place(), *job);
}

int Compact(const StateFlags& flags, const Console& console) {
  std::string job;
  const auto compacted = CompactHere(flags, &job);
  if (!compacted.ok()) return Fail(console, compacted.status(), flags.json);
  if (flags.json) {
    console.PrintLine(OneLine({{"job", job},
                               {"version", compacted->version},
                               {"digest", compacted->digest},
                               {"segments_before", compacted->segments_before},
                               {"segments", compacted->segments}}));
  } else {
    console.PrintLine(fmt::format("ledger version {} of job {}: {} instead of {}, digest {}", compacted->version, job,
                                  Counted(compacted->segments, "segment", "segments"), compacted->segments_before,
                                  compacted->digest));
  }
  return kExitDone;
}

int Verify(const StateFlags& flags, const Console& console) {
  std::string job;
  const auto verified = VerifyHere(flags, &job);
  if (!verified.ok()) return Fail(console, verified.status(), flags.json);
  if (flags.json) {
    console.PrintLine(OneLine({{"job", job},
                               {"version", verified->version},
                               {"verified", true},
                               {"digest", verified->digest},
                               {"segments", verified->segments},
                               {"size_bytes", verified->size_bytes},
                               {"customers", verified->customers},
                               {"rows", verified->rows}}));
  } else {
    console.PrintLine(fmt::format("ledger version {} of job {} is as it was committed: {}, {}, {}, digest {}",
                                  verified->version, job, Counted(verified->segments, "segment", "segments"),
                                  Counted(verified->customers, "customer", "customers"),
                                  Counted(verified->rows, "row", "rows"), verified->digest));
  }
  return kExitDone;
}

void AddAction(CLI::App* group, const std::shared_ptr<StateFlags>& flags, CommandContext* context,
               const std::string& name, const std::string& description,
               int (*action)(const StateFlags&, const Console&)) {
  CLI::App* command = group->add_subcommand(name, description);
  AddStateFlags(command, flags.get());
  command->callback([flags, context, action] {
    context->action = [flags, context, action] { return action(*flags, context->console); };
  });
}

}  // namespace

void AddLedgerCommand(CLI::App* program, CommandContext* context) {
  const auto flags = std::make_shared<StateFlags>();
  CLI::App* group = program->add_subcommand("ledger", "all accepted rows of a job and the files they came from");
  group->require_subcommand(1);
  AddAction(group, flags, context, "show", "version, rows by class, files, and what it depends on", Show);
  AddAction(group, flags, context, "digest", "the logical digest, one hexadecimal line: equal digests, equal rows",
            Digest);
  AddAction(group, flags, context, "verify", "read every segment again: checksums, rows and digest", Verify);
  AddAction(group, flags, context, "compact", "merge the segments of every shard into one; the digest stays", Compact);
  AddLedgerRowsCommands(group, context);
  group->footer(
      "Examples:\n"
      "  strata ledger show\n"
      "  strata ledger digest --job cdnow\n"
      "  strata ledger verify --state /var/lib/strata\n"
      "  strata ledger compact --state /var/lib/strata\n"
      "  strata ledger rebuild job.yaml\n"
      "  strata ledger export --out rows.parquet");
}

}  // namespace strata

#include "client/commands/snapshots.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "client/embedded/state_actions.h"
#include "client/exit_status.h"
#include "client/json/diff_json.h"
#include "client/json/score_json.h"
#include "client/session.h"
#include "client/text/diff_report.h"
#include "client/text/lists.h"
#include "client/text/numbers.h"

namespace strata {
namespace {

struct SnapshotsFlags {
  StateFlags state;
  std::optional<int64_t> number;
  std::optional<int64_t> other;  // of a comparison
};

int List(const SnapshotsFlags& flags, const Console& console) {
  const bool json = flags.state.json;
  const auto session = OpenSession(flags.state);
  if (!session.ok()) return Fail(console, session.status(), json);
  const auto snapshots = session->connection->Snapshots(session->job);
  if (!snapshots.ok()) return Fail(console, snapshots.status(), json);
  if (json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const ListedSnapshot& snapshot : *snapshots) list.push_back(SnapshotJson(snapshot));
    console.PrintLine(OneLine({{"job", session->job}, {"snapshots", std::move(list)}}));
  } else if (snapshots->empty()) {
    console.PrintLine(fmt::format("job {} has no snapshots", session->job));
  } else {
    console.Print(SnapshotsTable(*snapshots));
  }
  return kExitDone;
}

int Digest(const SnapshotsFlags& flags, const Console& console) {
  const bool json = flags.state.json;
  const auto session = OpenSession(flags.state);
  if (!session.ok()) return Fail(console, session.status(), json);
  const auto snapshot = session->connection->GetSnapshot({.job = session->job, .number = flags.number.value_or(0)});
  if (!snapshot.ok()) return Fail(console, snapshot.status(), json);
  console.PrintLine(json ? OneLine(SnapshotJson(*snapshot)) : snapshot->record.digest);
  return kExitDone;
}

int Verify(const SnapshotsFlags& flags, const Console& console) {
  const bool json = flags.state.json;
  const auto session = OpenSession(flags.state);
  if (!session.ok()) return Fail(console, session.status(), json);
  const auto verified = session->connection->Verify({.job = session->job, .number = flags.number.value_or(0)});
  if (!verified.ok()) return Fail(console, verified.status(), json);
  if (json) {
    console.PrintLine(OneLine({{"job", session->job},
                               {"snapshot", verified->snapshot},
                               {"verified", true},
                               {"digest", verified->digest},
                               {"objects", verified->objects},
                               {"size_bytes", verified->size_bytes}}));
  } else {
    console.PrintLine(fmt::format("snapshot {} is as it was published: {}, {}, digest {}", verified->snapshot,
                                  Counted(verified->objects, "object", "objects"), ByteSize(verified->size_bytes),
                                  verified->digest));
  }
  return kExitDone;
}

int Diff(const SnapshotsFlags& flags, const Console& console) {
  const bool json = flags.state.json;
  if (flags.number == flags.other) {
    return Fail(console, FlagInvalid("B", std::to_string(*flags.other), "is A too; name two snapshots"), json);
  }
  const auto session = OpenSession(flags.state);
  if (!session.ok()) return Fail(console, session.status(), json);
  const auto diff = session->connection->Diff({.job = session->job, .number = *flags.number},
                                              {.job = session->job, .number = *flags.other});
  if (!diff.ok()) return Fail(console, diff.status(), json);
  if (json) {
    console.PrintLine(OneLine(DiffJson(*diff)));
  } else {
    console.Print(DiffReport(*diff));
  }
  return kExitDone;
}

// What is changed goes to whoever leads: the server behind --target, or this process for a state folder.
absl::StatusOr<std::string> Change(const SnapshotsFlags& flags, bool activate) {
  if (flags.state.remote()) {
    STRATA_ASSIGN_OR_RETURN(const Session session, OpenSession(flags.state));
    const SnapshotName name{.job = session.job, .number = *flags.number};
    STRATA_RETURN_IF_ERROR(activate ? session.connection->Activate(name) : session.connection->Delete(name));
    return session.job;
  }
  const StateOptions state = flags.state.place();
  STRATA_ASSIGN_OR_RETURN(const std::vector<std::string> jobs, JobsInState(state));
  STRATA_ASSIGN_OR_RETURN(std::string job, ChooseJob(jobs, flags.state));
  STRATA_RETURN_IF_ERROR(activate ? ActivateInState(state, job, *flags.number)
                                  : DeleteInState(state, job, *flags.number));
  return job;
}

int ChangeAndTell(const SnapshotsFlags& flags, bool activate, const Console& console) {
  const auto job = Change(flags, activate);
  if (!job.ok()) return Fail(console, job.status(), flags.state.json);
  if (flags.state.json) {
    console.PrintLine(
        OneLine({{"job", *job}, {"snapshot", *flags.number}, {activate ? "activated" : "deleted", true}}));
  } else {
    console.PrintLine(
        fmt::format("snapshot {} of job {} {}", *flags.number, *job, activate ? "answers from now on" : "is deleted"));
  }
  return kExitDone;
}

using Action = int (*)(const SnapshotsFlags&, const Console&);

CLI::App* AddAction(CLI::App* group, const std::shared_ptr<SnapshotsFlags>& flags, CommandContext* context,
                    const std::string& name, const std::string& description, Action action) {
  CLI::App* command = group->add_subcommand(name, description);
  AddStateFlags(command, &flags->state);
  command->callback([flags, context, action] {
    context->action = [flags, context, action] { return action(*flags, context->console); };
  });
  return command;
}

void AddNumber(CLI::App* command, SnapshotsFlags* flags, bool required) {
  CLI::Option* number = command->add_option(
      "N", flags->number, required ? "the snapshot's number" : "the snapshot's number (default: the current one)");
  AllowRange(number->required(required), 1, kMaxNumber);
}

}  // namespace

void AddSnapshotsCommand(CLI::App* program, CommandContext* context) {
  const auto flags = std::make_shared<SnapshotsFlags>();
  CLI::App* group = program->add_subcommand("snapshots", "which snapshots there are, and which one answers");
  group->require_subcommand(1);
  AddAction(group, flags, context, "list", "all published snapshots, newest first", List);
  AddNumber(AddAction(group, flags, context, "digest", "the digest, one hexadecimal line: equal digests, equal results",
                      Digest),
            flags.get(), false);
  AddNumber(AddAction(group, flags, context, "verify", "read every object again: checksums and digest", Verify),
            flags.get(), false);
  CLI::App* diff = AddAction(group, flags, context, "diff",
                             "what changed from snapshot A to B: customers, moves, drift, parameters", Diff);
  AllowRange(diff->add_option("A", flags->number, "the snapshot to compare with")->required(), 1, kMaxNumber);
  AllowRange(diff->add_option("B", flags->other, "the snapshot that is compared")->required(), 1, kMaxNumber);
  AddNumber(AddAction(group, flags, context, "activate", "let a snapshot answer, forward or back (roll-back)",
                      [](const SnapshotsFlags& f, const Console& console) { return ChangeAndTell(f, true, console); }),
            flags.get(), true);
  AddNumber(AddAction(group, flags, context, "delete", "delete a snapshot that neither answers nor is followed",
                      [](const SnapshotsFlags& f, const Console& console) { return ChangeAndTell(f, false, console); }),
            flags.get(), true);
  group->footer(
      "Examples:\n"
      "  strata snapshots list\n"
      "  strata snapshots digest\n"
      "  strata snapshots verify 3 --state /var/lib/strata\n"
      "  strata snapshots diff 3 4            what the last night changed\n"
      "  strata snapshots activate 2          back to an earlier one\n"
      "  strata snapshots delete 1 --target coordinator.internal:7070");
}

}  // namespace strata

#include "client/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/embedded/local_state.h"
#include "run/nearest_name.h"

namespace strata {

absl::StatusOr<std::string> ChooseJob(const std::vector<std::string>& jobs, const StateFlags& flags) {
  const std::string where = flags.remote() ? flags.target : flags.state_folder();
  if (jobs.empty()) {
    return MakeError(
        absl::StatusCode::kNotFound, "STATE_EMPTY",
        fmt::format("no job has run in {} yet: run `strata run JOB.yaml{}` first", where, WhereWords(flags)));
  }
  const std::string list = fmt::format("{}", fmt::join(jobs, ", "));
  if (!flags.job.empty()) {
    if (std::find(jobs.begin(), jobs.end(), flags.job) != jobs.end()) return flags.job;
    return MakeError(
        absl::StatusCode::kInvalidArgument, "JOB_UNKNOWN",
        fmt::format("--job {}: {} has no such job; there is {}{}", flags.job, where, list, DidYouMean(flags.job, jobs)),
        {{"flag", "--job"}, {"jobs", list}});
  }
  if (jobs.size() == 1) return jobs.front();
  return MakeError(absl::StatusCode::kInvalidArgument, "JOB_AMBIGUOUS",
                   fmt::format("{} has {} jobs: say which one with --job NAME; there is {}", where, jobs.size(), list),
                   {{"flag", "--job"}, {"jobs", list}});
}

absl::StatusOr<std::unique_ptr<Connection>> Connect(const StateFlags& flags) {
  if (!flags.remote()) return OpenLocalState(flags.place(), flags.max_age_hours);
  if (const std::string local = flags.local_words(); !local.empty()) {
    return FlagInvalid("--target", flags.target, "names a server and " + local + "; give one of them");
  }
  return Connection::ToTarget(flags.target);
}

absl::StatusOr<Session> OpenSession(const StateFlags& flags) {
  Session session;
  STRATA_ASSIGN_OR_RETURN(session.connection, Connect(flags));
  STRATA_ASSIGN_OR_RETURN(const std::vector<JobLine> lines, session.connection->Jobs());
  std::vector<std::string> jobs;
  for (const JobLine& line : lines) jobs.push_back(line.name);
  STRATA_ASSIGN_OR_RETURN(session.job, ChooseJob(jobs, flags));
  session.snapshot = {.job = session.job, .number = flags.snapshot.value_or(0)};
  return session;
}

}  // namespace strata

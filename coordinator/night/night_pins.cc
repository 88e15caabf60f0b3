// What a run fixes once and for all, so that another term of the coordinator replays it to the same stages: the listed
// sources, the dates, the manifest's token and time. A replay reads the records in place of the world.
#include <fmt/format.h>

#include "coordinator/night/night.h"
#include "coordinator/sure_commit.h"
#include "data/ledger/ledger_state.h"
#include "run/keys.h"
#include "run/run_state.h"

namespace strata {
namespace {

absl::Status NotResumable(std::string_view why) {
  return MakeError(absl::StatusCode::kAborted, "RUN_NOT_RESUMABLE", why);
}

}  // namespace

absl::StatusOr<std::optional<std::string>> Night::ReadPin(std::string_view name) {
  STRATA_ASSIGN_OR_RETURN(const auto entry, seams_.metadata->Get(RunStateKey(request_.job.name, run_, name)));
  if (!entry.has_value()) return std::optional<std::string>();
  return std::optional<std::string>(entry->value);
}

absl::Status Night::WritePin(std::string_view name, std::string value) {
  const std::string key = RunStateKey(request_.job.name, run_, name);
  return CommitSurely(*seams_.metadata,
                      {.compares = {{key, 0}}, .puts = {{key, std::move(value)}}, .deletes = {}, .token = token_},
                      fmt::format("recording the {} of the run", name));
}

absl::Status Night::FenceRun(CommitRequest* commit) {
  const std::string key = ActiveRunKey(request_.job.name);
  STRATA_ASSIGN_OR_RETURN(const auto active, seams_.metadata->Get(key));
  if (!active.has_value() || active->value != std::to_string(run_)) {
    return MakeError(absl::StatusCode::kAborted, "RUN_ENDED",
                     fmt::format("run {} of job {} has an end in the records already", run_, request_.job.name));
  }
  commit->compares.push_back({key, active->revision});
  return absl::OkStatus();
}

absl::Status Night::LoadPins() {
  STRATA_ASSIGN_OR_RETURN(const auto sources, ReadPin(SourcesPin::kName));
  if (sources.has_value()) {
    STRATA_ASSIGN_OR_RETURN(sources_pin_, SourcesPin::Decode(*sources));
  }
  STRATA_ASSIGN_OR_RETURN(const auto dates, ReadPin(DatesPin::kName));
  if (dates.has_value()) {
    STRATA_ASSIGN_OR_RETURN(dates_pin_, DatesPin::Decode(*dates));
  }
  return absl::OkStatus();
}

// The head as it was when the run began; a version that the run itself has committed since is kept apart.
absl::Status Night::GoBackToParent(LedgerHead* head, bool* has_parent) {
  const int64_t parent = sources_pin_->ledger_version;
  *has_parent = parent > 0;
  if (head->version.version == parent) return absl::OkStatus();
  if (head->version.run != run_ || head->version.version != parent + 1) {
    return NotResumable(fmt::format("run {} began on ledger version {}, and version {} of run {} is the newest now",
                                    run_, parent, head->version.version, head->version.run));
  }
  own_version_ = head->version;
  if (parent == 0) return absl::OkStatus();
  STRATA_ASSIGN_OR_RETURN(auto version, ReadLedgerVersion(*seams_.metadata, request_.job.name, parent));
  if (!version.has_value()) return NotResumable(fmt::format("ledger version {} was collected", parent));
  head->version = *std::move(version);
  return absl::OkStatus();
}

absl::StatusOr<ListedSources> Night::ListSourcesOnce() {
  if (sources_pin_.has_value()) return ReadListing(*seams_.objects, sources_pin_->listing);
  STRATA_ASSIGN_OR_RETURN(ListedSources listed, ListSources(*seams_.sources, request_.job, request_.job_folder));
  StagePlan listing = NewPlan(Stage::kPlan);
  for (const auto& [table, files] : listed.tables) {
    for (PlannedFile& file : Planned(files, table)) listing.files.push_back(std::move(file));
  }
  listing.alias_files = Planned(listed.aliases);
  listing.fx_files = Planned(listed.fx);
  SourcesPin pin;
  pin.ledger_version = head_.has_value() ? head_->version : 0;
  STRATA_ASSIGN_OR_RETURN(pin.listing, Store(listing));
  STRATA_RETURN_IF_ERROR(WritePin(SourcesPin::kName, pin.Encode()));
  sources_pin_ = std::move(pin);
  return listed;
}

absl::StatusOr<ListedSources> ReadListing(ObjectStore& objects, const ObjectRef& ref) {
  STRATA_ASSIGN_OR_RETURN(const auto view, MapVerified(objects, ref.key, ref.checksum));
  STRATA_ASSIGN_OR_RETURN(const StagePlan listing, StagePlan::Decode(view->bytes()));
  ListedSources listed;
  for (const PlannedFile& file : listing.files) {
    listed.tables[file.table].push_back(
        {.path = file.path, .size_bytes = file.size_bytes, .modified_ns = file.modified_ns});
  }
  listed.aliases = Infos(listing.alias_files);
  listed.fx = Infos(listing.fx_files);
  return listed;
}

absl::Status Night::ChooseDates(int64_t ledger_version) {
  if (dates_chosen_) return absl::OkStatus();
  STRATA_RETURN_IF_ERROR(ChooseAsOf());
  STRATA_RETURN_IF_ERROR(ChooseFollowed());
  const DatesPin chosen{.ledger_version = ledger_version, .as_of = as_of_, .follows = summary_->follows};
  if (dates_pin_.has_value() && *dates_pin_ != chosen) {
    return NotResumable(
        fmt::format("run {} had chosen ledger version {}, as of {}, following {}; now they are {}, {}, {}", run_,
                    dates_pin_->ledger_version, FormatDay(dates_pin_->as_of), dates_pin_->follows, ledger_version,
                    FormatDay(as_of_), summary_->follows));
  }
  dates_chosen_ = true;
  dates_ = chosen;
  return absl::OkStatus();
}

absl::StatusOr<PublishPin> Night::PinPublish() {
  STRATA_ASSIGN_OR_RETURN(const auto before, ReadPin(PublishPin::kName));
  if (before.has_value()) return PublishPin::Decode(*before);
  const PublishPin pin{.token = token_, .created_ms = seams_.clock->WallMs()};
  STRATA_RETURN_IF_ERROR(WritePin(PublishPin::kName, pin.Encode()));
  return pin;
}

}  // namespace strata

#include "wire/snapshots.h"

#include <fmt/format.h>

#include "base/hash.h"
#include "strata/v1/snapshot_service.pb.h"
#include "wire/dates.h"
#include "wire/errors.h"
#include "wire/names.h"
#include "wire/pages.h"
#include "wire/text.h"

namespace strata {
namespace {

std::string Scope(const std::string& job) { return "ListSnapshots " + job; }

absl::Status ReadNames(const v1::Snapshot& message, ListedSnapshot* snapshot) {
  STRATA_ASSIGN_OR_RETURN(const SnapshotName name, ParseNumberedSnapshotName("name", message.name()));
  STRATA_ASSIGN_OR_RETURN(const RunName run, ParseRunName("run", message.run()));
  snapshot->job = name.job;
  snapshot->record.number = name.number;
  snapshot->record.run = run.number;
  if (message.follows().empty()) return absl::OkStatus();
  STRATA_ASSIGN_OR_RETURN(const SnapshotName follows, ParseNumberedSnapshotName("follows", message.follows()));
  snapshot->record.follows = follows.number;
  return absl::OkStatus();
}

}  // namespace

void FillSnapshot(const SnapshotRecord& record, const std::string& job, bool is_current, v1::Snapshot* message) {
  message->set_name(SnapshotResource(job, record.number));
  message->set_state(record.state == SnapshotState::kDeleting ? v1::Snapshot::STATE_DELETING
                                                              : v1::Snapshot::STATE_PUBLISHED);
  message->set_current(is_current);
  message->set_digest(record.digest);
  FillDate(record.as_of, message->mutable_as_of());
  FillTime(record.published_ms, message->mutable_publish_time());
  message->set_run(RunResource(job, record.run));
  if (record.follows > 0) message->set_follows(SnapshotResource(job, record.follows));
  message->set_ledger_version(record.ledger_version);
  message->set_customers(record.customers);
  message->set_manifest_checksum(Hex(record.manifest_checksum));
}

absl::StatusOr<ListedSnapshot> ReadSnapshot(const v1::Snapshot& message) {
  ListedSnapshot snapshot;
  if (const absl::Status names = ReadNames(message, &snapshot); !names.ok()) {
    return AnswerInvalid("snapshot", StdView(names.message()));
  }
  SnapshotRecord& record = snapshot.record;
  if (message.state() != v1::Snapshot::STATE_PUBLISHED && message.state() != v1::Snapshot::STATE_DELETING) {
    return AnswerInvalid("state", fmt::format("{} is no state this program knows", static_cast<int>(message.state())));
  }
  record.state = message.state() == v1::Snapshot::STATE_DELETING ? SnapshotState::kDeleting : SnapshotState::kPublished;
  const auto as_of = ReadDate(message.as_of(), "as_of");
  if (!as_of.ok()) return AnswerInvalid("as_of", StdView(as_of.status().message()));
  const auto published = ReadTime(message.publish_time(), "publish_time");
  if (!published.ok()) return AnswerInvalid("publish_time", StdView(published.status().message()));
  const auto checksum = ParseHex(message.manifest_checksum());
  if (!checksum.has_value()) return AnswerInvalid("manifest_checksum", message.manifest_checksum());
  record.as_of = *as_of;
  record.published_ms = *published;
  record.manifest_checksum = *checksum;
  record.digest = message.digest();
  record.customers = message.customers();
  record.ledger_version = message.ledger_version();
  snapshot.is_current = message.current();
  return snapshot;
}

absl::StatusOr<ListSnapshotsQuestion> ReadListSnapshots(const v1::ListSnapshotsRequest& request) {
  ListSnapshotsQuestion question;
  STRATA_ASSIGN_OR_RETURN(question.job, ParseJobName("parent", request.parent()));
  STRATA_ASSIGN_OR_RETURN(question.page_size, ReadPageSize(request.page_size()));
  if (request.page_token().empty()) return question;
  STRATA_ASSIGN_OR_RETURN(const PagePosition position, DecodePageToken(Scope(question.job), request.page_token()));
  question.before = position.version;
  return question;
}

std::string SnapshotsToken(const std::string& job, int64_t before) {
  return EncodePageToken(Scope(job), {.version = before});
}

}  // namespace strata

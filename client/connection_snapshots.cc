#include "client/call.h"
#include "client/connection.h"
#include "strata/v1/snapshot_service.grpc.pb.h"
#include "wire/models.h"
#include "wire/snapshot_diff.h"

namespace strata {
namespace {

std::string NameOf(const SnapshotName& snapshot) {
  return snapshot.is_current() ? JobResource(snapshot.job) + "/snapshots/current"
                               : SnapshotResource(snapshot.job, snapshot.number);
}

}  // namespace

absl::StatusOr<ModelsAnswer> Connection::Models(const SnapshotName& snapshot) const {
  const auto stub = v1::SnapshotService::NewStub(channel_);
  v1::GetModelsRequest request;
  request.set_name(NameOf(snapshot) + "/models");
  v1::GetModelsResponse response;
  STRATA_RETURN_IF_ERROR(
      Call(*stub, &v1::SnapshotService::Stub::GetModels, request, &response, where_, kCallTimeoutMs));
  ModelsAnswer answer;
  STRATA_ASSIGN_OR_RETURN(answer.info, ReadAnswerInfo(response.info()));
  STRATA_ASSIGN_OR_RETURN(answer.models, ReadModels(response.models()));
  if (response.models().lifetime().has_active_customers()) {
    answer.active_customers = response.models().lifetime().active_customers();
  }
  answer.churn_trees = response.models().churn().trees();
  answer.churn_leaves = response.models().churn().leaves();
  return answer;
}

absl::StatusOr<std::vector<ListedSnapshot>> Connection::Snapshots(const std::string& job) const {
  const auto stub = v1::SnapshotService::NewStub(channel_);
  v1::ListSnapshotsRequest request;
  request.set_parent(JobResource(job));
  std::vector<ListedSnapshot> snapshots;
  STRATA_RETURN_IF_ERROR(CallPages(*stub, &v1::SnapshotService::Stub::ListSnapshots, request, where_, kCallTimeoutMs,
                                   [&snapshots](const v1::ListSnapshotsResponse& page) -> absl::Status {
                                     for (const v1::Snapshot& message : page.snapshots()) {
                                       STRATA_ASSIGN_OR_RETURN(ListedSnapshot snapshot, ReadSnapshot(message));
                                       snapshots.push_back(std::move(snapshot));
                                     }
                                     return absl::OkStatus();
                                   }));
  return snapshots;
}

absl::StatusOr<ListedSnapshot> Connection::GetSnapshot(const SnapshotName& snapshot) const {
  const auto stub = v1::SnapshotService::NewStub(channel_);
  v1::GetSnapshotRequest request;
  request.set_name(NameOf(snapshot));
  v1::Snapshot response;
  STRATA_RETURN_IF_ERROR(
      Call(*stub, &v1::SnapshotService::Stub::GetSnapshot, request, &response, where_, kCallTimeoutMs));
  return ReadSnapshot(response);
}

absl::StatusOr<VerifyAnswer> Connection::Verify(const SnapshotName& snapshot) const {
  const auto stub = v1::SnapshotService::NewStub(channel_);
  v1::VerifySnapshotRequest request;
  request.set_name(NameOf(snapshot));
  v1::VerifySnapshotResponse response;
  STRATA_RETURN_IF_ERROR(
      Call(*stub, &v1::SnapshotService::Stub::VerifySnapshot, request, &response, where_, kVerifyTimeoutMs));
  STRATA_ASSIGN_OR_RETURN(const SnapshotName name, ParseNumberedSnapshotName("snapshot", response.snapshot()));
  return VerifyAnswer{.snapshot = name.number,
                      .digest = response.digest(),
                      .objects = response.objects(),
                      .size_bytes = response.size_bytes()};
}

absl::StatusOr<SnapshotDiff> Connection::Diff(const SnapshotName& base, const SnapshotName& other) const {
  const auto stub = v1::SnapshotService::NewStub(channel_);
  v1::DiffSnapshotsRequest request;
  request.set_base(NameOf(base));
  request.set_other(NameOf(other));
  v1::DiffSnapshotsResponse response;
  STRATA_RETURN_IF_ERROR(
      Call(*stub, &v1::SnapshotService::Stub::DiffSnapshots, request, &response, where_, kVerifyTimeoutMs));
  return ReadDiff(response);
}

absl::Status Connection::Activate(const SnapshotName& snapshot) const {
  const auto stub = v1::SnapshotService::NewStub(channel_);
  v1::ActivateSnapshotRequest request;
  request.set_name(NameOf(snapshot));
  v1::ActivateSnapshotResponse response;
  return Call(*stub, &v1::SnapshotService::Stub::ActivateSnapshot, request, &response, where_, kCallTimeoutMs);
}

absl::Status Connection::Delete(const SnapshotName& snapshot) const {
  const auto stub = v1::SnapshotService::NewStub(channel_);
  v1::DeleteSnapshotRequest request;
  request.set_name(NameOf(snapshot));
  v1::DeleteSnapshotResponse response;
  return Call(*stub, &v1::SnapshotService::Stub::DeleteSnapshot, request, &response, where_, kCallTimeoutMs);
}

}  // namespace strata

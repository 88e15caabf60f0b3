#include "client/connection.h"

#include <fmt/format.h>

#include "client/call.h"
#include "strata/v1/job_service.grpc.pb.h"
#include "strata/v1/ledger_service.grpc.pb.h"

namespace strata {
namespace {

absl::Status Unreachable(const std::string& address, std::string_view why) {
  return MakeError(absl::StatusCode::kUnavailable, "TARGET_UNREACHABLE",
                   fmt::format("cannot reach {}: {}", address, why), {{"target", address}});
}

// 0 for an empty name.
absl::StatusOr<int64_t> NumberOf(std::string_view field, const std::string& snapshot) {
  if (snapshot.empty()) return 0;
  STRATA_ASSIGN_OR_RETURN(const SnapshotName name, ParseNumberedSnapshotName(field, snapshot));
  return name.number;
}

absl::StatusOr<JobLine> ReadJob(const v1::Job& message) {
  JobLine line;
  STRATA_ASSIGN_OR_RETURN(line.name, ParseJobName("name", message.name()));
  STRATA_ASSIGN_OR_RETURN(line.serving_snapshot, NumberOf("serving_snapshot", message.serving_snapshot()));
  STRATA_ASSIGN_OR_RETURN(line.current_snapshot, NumberOf("current_snapshot", message.current_snapshot()));
  line.snapshots = message.snapshots();
  if (message.has_problem()) line.problem = message.problem().message();
  return line;
}

}  // namespace

Connection::Connection(std::shared_ptr<grpc::Channel> channel, std::string where, std::shared_ptr<void> owner)
    : owner_(std::move(owner)), channel_(std::move(channel)), where_(std::move(where)) {}

Connection::~Connection() = default;

absl::StatusOr<std::unique_ptr<Connection>> Connection::ToTarget(const std::string& address, int64_t timeout_ms) {
  if (address.find(':') == std::string::npos) {
    return MakeError(absl::StatusCode::kInvalidArgument, "FLAG_INVALID",
                     fmt::format("--target {}: an address is HOST:PORT, for example 127.0.0.1:7070", address),
                     {{"flag", "--target"}});
  }
  grpc::ChannelArguments arguments;
  // A proxy that the environment names for the web is not on the way to a cluster's own server.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // Whoever follows a run asks again within this time of its coordinator being back; the library's own pauses grow to
  // two minutes.
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMs);
  // A server that was stopped, or lost its network, keeps the connection and says nothing: dial again, somebody else
  // may answer at this address by then.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveAnswerMs);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // no bound: also a long answer is waited for
  auto channel = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  const auto deadline = std::chrono::system_clock::now() + std::chrono::milliseconds(timeout_ms);
  for (grpc_connectivity_state state = channel->GetState(true); state != GRPC_CHANNEL_READY;
       state = channel->GetState(true)) {
    if (state == GRPC_CHANNEL_TRANSIENT_FAILURE || state == GRPC_CHANNEL_SHUTDOWN) {
      return Unreachable(address, "nothing answers at this address");
    }
    if (!channel->WaitForStateChange(state, deadline)) {
      return Unreachable(address, fmt::format("no connection within {} seconds", timeout_ms / 1000));
    }
  }
  auto connection = std::make_unique<Connection>(std::move(channel), address, nullptr);
  connection->dialed_ = true;
  return connection;
}

absl::StatusOr<std::vector<JobLine>> Connection::Jobs() const {
  const auto stub = v1::JobService::NewStub(channel_);
  std::vector<JobLine> jobs;
  STRATA_RETURN_IF_ERROR(CallPages(*stub, &v1::JobService::Stub::ListJobs, v1::ListJobsRequest(), where_,
                                   kCallTimeoutMs, [&jobs](const v1::ListJobsResponse& page) -> absl::Status {
                                     for (const v1::Job& message : page.jobs()) {
                                       STRATA_ASSIGN_OR_RETURN(JobLine line, ReadJob(message));
                                       jobs.push_back(std::move(line));
                                     }
                                     return absl::OkStatus();
                                   }));
  return jobs;
}

absl::StatusOr<LedgerSummary> Connection::Ledger(const std::string& job) const {
  const auto stub = v1::LedgerService::NewStub(channel_);
  v1::GetLedgerRequest request;
  request.set_name(LedgerResource(job));
  v1::Ledger response;
  STRATA_RETURN_IF_ERROR(Call(*stub, &v1::LedgerService::Stub::GetLedger, request, &response, where_, kCallTimeoutMs));
  return ReadLedger(response);
}

absl::StatusOr<std::vector<RegisteredFile>> Connection::LedgerFiles(const std::string& job) const {
  const auto stub = v1::LedgerService::NewStub(channel_);
  v1::ListLedgerFilesRequest request;
  request.set_parent(LedgerResource(job));
  std::vector<RegisteredFile> files;
  STRATA_RETURN_IF_ERROR(CallPages(*stub, &v1::LedgerService::Stub::ListLedgerFiles, request, where_, kCallTimeoutMs,
                                   [&files](const v1::ListLedgerFilesResponse& page) -> absl::Status {
                                     for (const v1::LedgerFile& message : page.files()) {
                                       STRATA_ASSIGN_OR_RETURN(RegisteredFile file, ReadLedgerFile(message));
                                       files.push_back(std::move(file));
                                     }
                                     return absl::OkStatus();
                                   }));
  return files;
}

}  // namespace strata

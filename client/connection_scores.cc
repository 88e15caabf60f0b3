#include <fmt/format.h>

#include "client/call.h"
#include "client/connection.h"
#include "strata/v1/score_service.grpc.pb.h"
#include "strata/v1/segment_service.grpc.pb.h"
#include "wire/segments.h"

namespace strata {
namespace {

// jobs/{job} or jobs/{job}/snapshots/{number}
std::string ParentOf(const SnapshotName& snapshot) {
  return snapshot.is_current() ? JobResource(snapshot.job) : SnapshotResource(snapshot.job, snapshot.number);
}

absl::StatusOr<LookupLine> ReadLookupResult(const v1::LookupResult& message) {
  LookupLine line;
  switch (message.status()) {
    case v1::LOOKUP_STATUS_FOUND: {
      STRATA_ASSIGN_OR_RETURN(line.score, ReadScore(message.score()));
      STRATA_ASSIGN_OR_RETURN(line.classes, ReadClasses(message.score()));
      line.segments.assign(message.score().segments().begin(), message.score().segments().end());
      STRATA_ASSIGN_OR_RETURN(line.reasons, ReadReasons(message.score()));
      line.cluster_name = message.score().cluster_name();
      line.interval = message.score().outlook().interval();
      return line;
    }
    case v1::LOOKUP_STATUS_NOT_FOUND:
      line.outcome = LookupOutcome::kNotFound;
      return line;
    case v1::LOOKUP_STATUS_INVALID_ID:
      line.outcome = LookupOutcome::kInvalidId;
      return line;
    default:
      return AnswerInvalid("results.status", "is not known to this program");
  }
}

}  // namespace

absl::StatusOr<ScoreAnswer> Connection::GetScore(const SnapshotName& snapshot, const std::string& customer_id) const {
  const auto stub = v1::ScoreService::NewStub(channel_);
  v1::GetScoreRequest request;
  request.set_parent(ParentOf(snapshot));
  request.set_customer_id(customer_id);
  v1::GetScoreResponse response;
  STRATA_RETURN_IF_ERROR(Call(*stub, &v1::ScoreService::Stub::GetScore, request, &response, where_, kCallTimeoutMs));
  ScoreAnswer answer;
  STRATA_ASSIGN_OR_RETURN(answer.info, ReadAnswerInfo(response.info()));
  STRATA_ASSIGN_OR_RETURN(answer.score, ReadScore(response.score()));
  STRATA_ASSIGN_OR_RETURN(answer.classes, ReadClasses(response.score()));
  answer.segments.assign(response.score().segments().begin(), response.score().segments().end());
  STRATA_ASSIGN_OR_RETURN(answer.reasons, ReadReasons(response.score()));
  answer.cluster_name = response.score().cluster_name();
  answer.interval = response.score().outlook().interval();
  const auto& periods = response.score().outlook().expected_purchases_by_period();
  answer.expected_by_period.assign(periods.begin(), periods.end());
  return answer;
}

absl::StatusOr<LookupAnswer> Connection::Lookup(const SnapshotName& snapshot,
                                                const std::vector<std::string>& ids) const {
  const auto stub = v1::ScoreService::NewStub(channel_);
  v1::LookupScoresRequest request;
  request.set_parent(ParentOf(snapshot));
  for (const std::string& id : ids) request.add_customer_ids(id);
  v1::LookupScoresResponse response;
  STRATA_RETURN_IF_ERROR(
      Call(*stub, &v1::ScoreService::Stub::LookupScores, request, &response, where_, kCallTimeoutMs));
  if (static_cast<size_t>(response.results_size()) != ids.size()) {
    return AnswerInvalid("results", fmt::format("has {} entries for {} ids", response.results_size(), ids.size()));
  }
  LookupAnswer answer;
  STRATA_ASSIGN_OR_RETURN(answer.info, ReadAnswerInfo(response.info()));
  for (const v1::LookupResult& message : response.results()) {
    STRATA_ASSIGN_OR_RETURN(LookupLine line, ReadLookupResult(message));
    answer.lines.push_back(std::move(line));
  }
  return answer;
}

absl::Status Connection::ExportStream(const SnapshotName& snapshot,
                                      const std::function<absl::Status(const ExportChunk&)>& on_chunk,
                                      std::string* token, int64_t* received, int64_t* total) const {
  const auto stub = v1::ScoreService::NewStub(channel_);
  v1::ExportScoresRequest request;
  request.set_parent(ParentOf(snapshot));
  request.set_page_token(*token);
  grpc::ClientContext context;
  SetDeadline(kExportStreamTimeoutMs, &context);
  const auto stream = stub->ExportScores(&context, request);
  v1::ExportScoresResponse response;
  absl::Status own;  // what ended the stream on this side
  while (own.ok() && stream->Read(&response)) {
    auto info = ReadAnswerInfo(response.info());
    auto rows = ReadColumns(response.columns());
    own = !info.ok() ? info.status() : rows.status();
    if (!own.ok()) break;
    const ExportChunk chunk{
        .info = *std::move(info), .customers_total = response.total_size(), .rows = *std::move(rows)};
    own = on_chunk(chunk);
    *received += static_cast<int64_t>(chunk.rows.size());
    *total = chunk.customers_total;
    *token = response.next_page_token();
  }
  if (!own.ok()) context.TryCancel();
  const grpc::Status status = stream->Finish();
  return own.ok() ? FromCall(status, where_, kExportStreamTimeoutMs) : own;
}

absl::Status Connection::Export(const SnapshotName& snapshot,
                                const std::function<absl::Status(const ExportChunk&)>& on_chunk) const {
  std::string token;
  int64_t received = 0;
  int64_t total = 0;
  for (int failures = 0; failures < kExportFailuresMax;) {
    const int64_t before = received;
    const absl::Status status = ExportStream(snapshot, on_chunk, &token, &received, &total);
    if (status.ok() && token.empty()) {
      if (received == total) return status;
      return MakeError(absl::StatusCode::kDataLoss, "EXPORT_INCOMPLETE",
                       fmt::format("{} of {} customers arrived", received, total));
    }
    const bool broken = status.ok() || status.code() == absl::StatusCode::kUnavailable ||
                        status.code() == absl::StatusCode::kDeadlineExceeded;
    if (!broken || token.empty()) return status;
    failures = received > before ? 0 : failures + 1;
    const auto deadline = std::chrono::system_clock::now() + std::chrono::milliseconds(kConnectTimeoutMs);
    if (dialed_) channel_->WaitForConnected(deadline);
  }
  return MakeError(
      absl::StatusCode::kUnavailable, "EXPORT_BROKEN_OFF",
      fmt::format("the export broke off after {} of {} customers and could not be resumed", received, total));
}

absl::StatusOr<SegmentsAnswer> Connection::Segments(const SnapshotName& snapshot) const {
  const auto stub = v1::SegmentService::NewStub(channel_);
  v1::ListSegmentsRequest request;
  request.set_parent(ParentOf(snapshot));
  SegmentsAnswer answer;
  STRATA_RETURN_IF_ERROR(CallPages(*stub, &v1::SegmentService::Stub::ListSegments, request, where_, kCallTimeoutMs,
                                   [&answer](const v1::ListSegmentsResponse& page) -> absl::Status {
                                     STRATA_ASSIGN_OR_RETURN(answer.info, ReadAnswerInfo(page.info()));
                                     for (const v1::Segment& message : page.segments()) {
                                       STRATA_ASSIGN_OR_RETURN(SegmentLine line, ReadSegment(message));
                                       answer.segments.push_back(std::move(line));
                                     }
                                     return absl::OkStatus();
                                   }));
  return answer;
}

absl::StatusOr<MembersAnswer> Connection::Members(const SnapshotName& snapshot, const std::string& segment,
                                                  MemberChange change) const {
  const auto stub = v1::SegmentService::NewStub(channel_);
  v1::ListSegmentMembersRequest request;
  request.set_name(fmt::format("{}/segments/{}", ParentOf(snapshot), segment));
  request.set_page_size(kMaxMembers);
  request.set_change(static_cast<v1::MemberChange>(change));
  MembersAnswer answer;
  int64_t total = 0;
  STRATA_RETURN_IF_ERROR(CallPages(*stub, &v1::SegmentService::Stub::ListSegmentMembers, request, where_,
                                   kCallTimeoutMs, [&](const v1::ListSegmentMembersResponse& page) -> absl::Status {
                                     STRATA_ASSIGN_OR_RETURN(answer.info, ReadAnswerInfo(page.info()));
                                     total = page.total_size();
                                     answer.customer_ids.insert(answer.customer_ids.end(), page.customer_ids().begin(),
                                                                page.customer_ids().end());
                                     return absl::OkStatus();
                                   }));
  if (std::cmp_equal(answer.customer_ids.size(), total)) return answer;
  return AnswerInvalid("customer_ids", fmt::format("{} of {} members came", answer.customer_ids.size(), total));
}

}  // namespace strata

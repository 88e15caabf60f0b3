#include "serving/segment_service.h"

#include <fmt/format.h>

#include "serving/answering.h"
#include "strata/v1/segment_service.grpc.pb.h"
#include "wire/segments.h"

namespace strata {
namespace {

absl::Status SegmentUnknown(const ServedSnapshot& served, const std::string& segment) {
  std::string known;
  for (const SegmentLine& line : served.snapshot->segments()) known += (known.empty() ? "" : ", ") + line.name;
  return MakeError(absl::StatusCode::kNotFound, "SEGMENT_UNKNOWN",
                   fmt::format("{} has no segment '{}'; it has {}", SnapshotResource(served.job, served.record.number),
                               segment, known.empty() ? "none" : known),
                   {{"snapshot", SnapshotResource(served.job, served.record.number)}});
}

class SegmentService final : public v1::SegmentService::CallbackService {
 public:
  explicit SegmentService(const ServingContext& serving) : serving_(serving) {}

  grpc::ServerUnaryReactor* ListSegments(grpc::CallbackServerContext* context, const v1::ListSegmentsRequest* request,
                                         v1::ListSegmentsResponse* response) override {
    const UnaryCall call(serving_, list_segments_, context);
    const absl::StatusOr<ListSegmentsQuestion> question = ReadListSegments(*request);
    if (!question.ok()) {
      call.Finish(question.status());
      return call.reactor();
    }
    AnswerFromSnapshot(serving_, call, question->snapshot,
                       [this, request, response, question = *question](const ServedSnapshot& served) {
                         return FillPage(question, *request, served, response);
                       });
    return call.reactor();
  }

  grpc::ServerUnaryReactor* GetSegment(grpc::CallbackServerContext* context, const v1::GetSegmentRequest* request,
                                       v1::GetSegmentResponse* response) override {
    const UnaryCall call(serving_, get_segment_, context);
    const absl::StatusOr<SegmentName> name = ParseSegmentName("name", request->name());
    if (!name.ok()) {
      call.Finish(name.status());
      return call.reactor();
    }
    AnswerFromSnapshot(serving_, call, name->snapshot,
                       [this, response, segment = name->segment](const ServedSnapshot& served) {
                         for (const SegmentLine& line : served.snapshot->segments()) {
                           if (line.name != segment) continue;
                           FillAnswerInfo(FactsOf(serving_, served), response->mutable_info());
                           return FillSegment(line, served.job, response->mutable_segment());
                         }
                         return SegmentUnknown(served, segment);
                       });
    return call.reactor();
  }

 private:
  absl::Status FillPage(const ListSegmentsQuestion& question, const v1::ListSegmentsRequest& request,
                        const ServedSnapshot& served, v1::ListSegmentsResponse* response) const {
    uint64_t index = 0;
    for (const SegmentLine& line : served.snapshot->segments()) {
      if (question.kind.has_value() && line.kind != *question.kind) continue;
      if (index++ < question.begin) continue;
      if (response->segments_size() == question.page_size) {
        response->set_next_page_token(SegmentsToken(request, {served.job, served.record.number}, index - 1));
        break;
      }
      STRATA_RETURN_IF_ERROR(FillSegment(line, served.job, response->add_segments()));
    }
    FillAnswerInfo(FactsOf(serving_, served), response->mutable_info());
    return absl::OkStatus();
  }

  ServingContext serving_;
  CallMetrics* list_segments_ = serving_.metrics->Method("strata.v1.SegmentService/ListSegments");
  CallMetrics* get_segment_ = serving_.metrics->Method("strata.v1.SegmentService/GetSegment");
};

}  // namespace

std::unique_ptr<grpc::Service> NewSegmentService(const ServingContext& serving) {
  return std::make_unique<SegmentService>(serving);
}

}  // namespace strata

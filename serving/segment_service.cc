#include "serving/segment_service.h"

#include "serving/answering.h"
#include "serving/segment_members.h"
#include "strata/v1/segment_service.grpc.pb.h"
#include "wire/segments.h"

namespace strata {
namespace {

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
                         return SegmentUnknown(served, segment, false);
                       });
    return call.reactor();
  }

  grpc::ServerUnaryReactor* ListSegmentMembers(grpc::CallbackServerContext* context,
                                               const v1::ListSegmentMembersRequest* request,
                                               v1::ListSegmentMembersResponse* response) override {
    const UnaryCall call(serving_, list_members_, context);
    const absl::StatusOr<ListMembersQuestion> question = ReadListMembers(*request);
    if (!question.ok()) {
      call.Finish(question.status());
      return call.reactor();
    }
    // Reads as many rows as it must to fill a page, so never where gRPC's threads answer.
    AnswerFromLane(serving_, call, [this, request, response, question = *question]() -> absl::Status {
      STRATA_ASSIGN_OR_RETURN(const auto served, serving_.catalogue->Open(question.segment.snapshot));
      FillAnswerInfo(FactsOf(serving_, *served), response->mutable_info());
      return FillMembers(question, *request, *served, response);
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
  CallMetrics* list_members_ = serving_.metrics->Method("strata.v1.SegmentService/ListSegmentMembers");
};

}  // namespace

std::unique_ptr<grpc::Service> NewSegmentService(const ServingContext& serving) {
  return std::make_unique<SegmentService>(serving);
}

}  // namespace strata

// How the services' handlers answer: at once where everything is in memory, else on the background lane. Only for the
// .cc files of services, because it includes gRPC.
//
// What gRPC's callback API asks of a handler: it must not block (its threads are shared by all calls), it must finish
// every call exactly once, and request, response and context stay alive until then, on whatever thread that happens.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <utility>

#include "serving/serving_context.h"
#include "wire/errors.h"

namespace strata {

// A unary call from its handler's first line to its Finish, counted and timed. A small value: whoever finishes the call
// keeps a copy.
class UnaryCall {
 public:
  UnaryCall(const ServingContext& serving, CallMetrics* metrics, grpc::CallbackServerContext* context)
      : clock_(serving.clock),
        metrics_(metrics),
        context_(context),
        reactor_(context->DefaultReactor()),
        begun_ns_(clock_->MonotonicNs()) {
    metrics_->Begin();
  }

  // Counts before it answers: whoever has the answer may rely on the count.
  void Finish(const grpc::Status& status) const {
    metrics_->End(status.error_code(), clock_->MonotonicNs() - begun_ns_);
    reactor_->Finish(status);
  }
  void Finish(const absl::Status& status) const { Finish(ToGrpcStatus(status)); }

  bool IsCancelled() const { return context_->IsCancelled(); }
  grpc::ServerUnaryReactor* reactor() const { return reactor_; }

 private:
  const Clock* clock_;
  CallMetrics* metrics_;
  grpc::CallbackServerContext* context_;
  grpc::ServerUnaryReactor* reactor_;
  int64_t begun_ns_;
};

// Ends the call with the status of work(), done on the lane; not at all where the caller has gone by then.
inline void AnswerFromLane(const ServingContext& serving, const UnaryCall& call, std::function<absl::Status()> work) {
  const absl::Status submitted = serving.lane->Submit([call, work = std::move(work)] {
    if (call.IsCancelled()) return call.Finish(grpc::Status::CANCELLED);
    call.Finish(work());
  });
  if (!submitted.ok()) call.Finish(submitted);
}

// Ends the call with the status of fill(const ServedSnapshot&): at once when the snapshot is open, which a hot call's
// is, else on the lane.
template <typename Fill>
void AnswerFromSnapshot(const ServingContext& serving, const UnaryCall& call, const absl::StatusOr<SnapshotName>& name,
                        Fill fill) {
  if (!name.ok()) return call.Finish(name.status());
  const auto found = serving.catalogue->Find(*name);
  if (!found.ok()) return call.Finish(found.status());
  if (*found != nullptr) return call.Finish(fill(**found));
  AnswerFromLane(serving, call,
                 [catalogue = serving.catalogue, name = *name, fill = std::move(fill)]() -> absl::Status {
                   STRATA_ASSIGN_OR_RETURN(const auto opened, catalogue->Open(name));
                   return fill(*opened);
                 });
}

}  // namespace strata

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

// Ends the call with the status of work(), done on the lane; not at all where the caller has gone by then.
inline void AnswerFromLane(const ServingContext& serving, grpc::CallbackServerContext* context,
                           grpc::ServerUnaryReactor* reactor, std::function<absl::Status()> work) {
  const absl::Status submitted = serving.lane->Submit([context, reactor, work = std::move(work)] {
    if (context->IsCancelled()) return reactor->Finish(grpc::Status::CANCELLED);
    reactor->Finish(ToGrpcStatus(work()));
  });
  if (!submitted.ok()) reactor->Finish(ToGrpcStatus(submitted));
}

// Ends the call with the status of fill(const ServedSnapshot&): at once when the snapshot is open, which a hot call's
// is, else on the lane.
template <typename Fill>
void AnswerFromSnapshot(const ServingContext& serving, grpc::CallbackServerContext* context,
                        grpc::ServerUnaryReactor* reactor, const absl::StatusOr<SnapshotName>& name, Fill fill) {
  if (!name.ok()) return reactor->Finish(ToGrpcStatus(name.status()));
  const auto found = serving.catalogue->Find(*name);
  if (!found.ok()) return reactor->Finish(ToGrpcStatus(found.status()));
  if (*found != nullptr) return reactor->Finish(ToGrpcStatus(fill(**found)));
  AnswerFromLane(serving, context, reactor,
                 [catalogue = serving.catalogue, name = *name, fill = std::move(fill)]() -> absl::Status {
                   STRATA_ASSIGN_OR_RETURN(const auto opened, catalogue->Open(name));
                   return fill(*opened);
                 });
}

}  // namespace strata

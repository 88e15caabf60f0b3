// One running ExportScores: writes a snapshot's customers chunk by chunk, as fast as the client takes them. Holds one
// chunk and the snapshot, nothing else. Only for score_service.cc.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>

#include "serving/serving_context.h"
#include "strata/v1/score_service.pb.h"
#include "wire/score_export.h"

namespace strata {

inline constexpr int kMaxExports = 16;  // at once on a server; each keeps a core busy when its client is fast

// Starts an export; the result owns itself until gRPC is done with it. `metrics` and `running`, which counts exports,
// outlive them.
grpc::ServerWriteReactor<v1::ExportScoresResponse>* StartExport(const ServingContext& serving, CallMetrics* metrics,
                                                                const v1::ExportScoresRequest& request,
                                                                std::atomic<int>* running);

}  // namespace strata

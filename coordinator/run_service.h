// RunService and google.longrunning.Operations over a RunHost. Thread-safe; the host must outlive it, and the server it
// is registered with must be shut down before it is destroyed.
#pragma once

#include <memory>

#include "coordinator/run_host.h"

namespace grpc {
class Service;
}

namespace strata {

class RunServices {
 public:
  // `metadata` is the state's, for listing runs. Unless `allow_commands`, a job with an on_finish command is refused
  // (PERMISSION_DENIED, ON_FINISH_COMMAND_REFUSED): whoever may submit a job may not by that run programs here.
  RunServices(RunHost* host, Metadata* metadata, bool allow_commands);
  ~RunServices();
  RunServices(const RunServices&) = delete;
  RunServices& operator=(const RunServices&) = delete;

  grpc::Service* run_service();
  grpc::Service* operations_service();

 private:
  class Runs;
  class Operations;
  std::unique_ptr<Runs> runs_;
  std::unique_ptr<Operations> operations_;
};

}  // namespace strata

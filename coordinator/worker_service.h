// The coordinator's end of the worker protocol: network worker links for the driver. Thread-safe; the driver must
// outlive it, and the server it is registered with must be shut down before it is destroyed.
#pragma once

#include <memory>

#include "coordinator/driver.h"

namespace grpc {
class Service;
}

namespace strata {

class NetworkWorkers {
 public:
  explicit NetworkWorkers(Driver* driver);
  ~NetworkWorkers();
  NetworkWorkers(const NetworkWorkers&) = delete;
  NetworkWorkers& operator=(const NetworkWorkers&) = delete;

  grpc::Service* service();

 private:
  class Service;
  std::unique_ptr<Service> service_;
};

}  // namespace strata

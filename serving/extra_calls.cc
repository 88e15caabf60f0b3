#include "serving/extra_calls.h"

#include <google/protobuf/descriptor.h>

#include <unordered_map>

namespace strata {
namespace {

using grpc::experimental::InterceptionHookPoints;

class CountedCall final : public grpc::experimental::Interceptor {
 public:
  CountedCall(CallMetrics* metrics, const Clock* clock)
      : metrics_(metrics), clock_(clock), begun_ns_(clock->MonotonicNs()) {
    metrics_->Begin();
  }
  ~CountedCall() override { metrics_->End(code_, clock_->MonotonicNs() - begun_ns_); }

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      code_ = methods->GetSendStatus().error_code();
    }
    methods->Proceed();
  }

 private:
  CallMetrics* metrics_;
  const Clock* clock_;
  int64_t begun_ns_;
  int code_ = grpc::StatusCode::CANCELLED;  // of a call that was never answered
};

class Factory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  Factory(const std::vector<std::string>& services, ServingMetrics* metrics, const Clock* clock) : clock_(clock) {
    for (const std::string& name : services) {
      const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
      for (int i = 0; service != nullptr && i < service->method_count(); ++i) {
        const std::string method = name + "/" + service->method(i)->name();
        methods_["/" + method] = metrics->Method(method);
      }
    }
  }

  // Null: the call has no interceptor.
  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) override {
    const auto method = methods_.find(info->method());
    return method == methods_.end() ? nullptr : new CountedCall(method->second, clock_);
  }

 private:
  const Clock* clock_;
  std::unordered_map<std::string, CallMetrics*> methods_;  // by path
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> CountCallsOf(
    const std::vector<std::string>& services, ServingMetrics* metrics, const Clock* clock) {
  return std::make_unique<Factory>(services, metrics, clock);
}

}  // namespace strata

// How the connection makes a call: deadline, errors with their details, the server's name before them. Includes gRPC,
// so only connection*.cc use it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <string>

#include "base/status.h"
#include "wire/errors.h"

namespace strata {

inline void SetDeadline(int64_t timeout_ms, grpc::ClientContext* context) {
  context->set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(timeout_ms));
}

// Errors that gRPC itself makes have no detail: they are about the way to the server, not about the question.
inline absl::Status FromCall(const grpc::Status& status, const std::string& where, int64_t timeout_ms) {
  if (status.ok()) return absl::OkStatus();
  const bool of_the_way = status.error_details().empty();
  const std::string target = where.empty() ? "the state's server" : where;
  if (of_the_way && status.error_code() == grpc::StatusCode::UNAVAILABLE) {
    return MakeError(absl::StatusCode::kUnavailable, "TARGET_UNREACHABLE",
                     "cannot reach " + target + ": " + status.error_message(), {{"target", where}});
  }
  if (of_the_way && status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return MakeError(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                     target + " gave no answer within " + std::to_string(timeout_ms / 1000) + " seconds",
                     {{"target", where}});
  }
  if (of_the_way && status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
    return MakeError(absl::StatusCode::kUnimplemented, "SERVICE_MISSING",
                     target + " does not offer this; only a coordinator has runs", {{"target", where}});
  }
  const absl::Status result = FromGrpcStatus(status);
  return where.empty() ? result : WithContext(result, where);
}

// A unary call.
template <typename Stub, typename Request, typename Response>
absl::Status Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  const Request& request, Response* response, const std::string& where, int64_t timeout_ms) {
  grpc::ClientContext context;
  SetDeadline(timeout_ms, &context);
  return FromCall((stub.*method)(&context, request, response), where, timeout_ms);
}

// All pages of a list: `take` reads a page's items. A server that hands out the same token twice would never end.
template <typename Stub, typename Request, typename Response, typename Take>
absl::Status CallPages(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                       Request request, const std::string& where, int64_t timeout_ms, Take take) {
  while (true) {
    Response response;
    STRATA_RETURN_IF_ERROR(Call(stub, method, request, &response, where, timeout_ms));
    STRATA_RETURN_IF_ERROR(take(response));
    if (response.next_page_token().empty()) return absl::OkStatus();
    if (response.next_page_token() == request.page_token()) {
      return AnswerInvalid("next_page_token", "is the one of the page before");
    }
    request.set_page_token(response.next_page_token());
  }
}

}  // namespace strata

#include "tests/serving/raw_call.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "wire/errors.h"

namespace strata {
namespace {

// Waits for the one operation under way.
bool Done(grpc::CompletionQueue* queue) {
  void* tag = nullptr;
  bool ok = false;
  return queue->Next(&tag, &ok) && ok;
}

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  grpc::Slice slice;
  if (!buffer.DumpToSingleSlice(&slice).ok()) return "";
  return {reinterpret_cast<const char*>(slice.begin()), slice.size()};
}

}  // namespace

absl::StatusOr<std::string> RawCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                                    const std::string& request) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareCall(&context, method, &queue);
  call->StartCall(nullptr);
  Done(&queue);
  const grpc::Slice slice(request);
  call->Write(grpc::ByteBuffer(&slice, 1), nullptr);
  Done(&queue);
  call->WritesDone(nullptr);
  Done(&queue);
  grpc::ByteBuffer response;
  call->Read(&response, nullptr);
  const bool answered = Done(&queue);
  grpc::Status status;
  call->Finish(&status, nullptr);
  Done(&queue);
  if (!status.ok()) return FromGrpcStatus(status);
  if (!answered) return MakeError(absl::StatusCode::kInternal, "NO_ANSWER", method + " sent nothing");
  return BytesOf(response);
}

}  // namespace strata

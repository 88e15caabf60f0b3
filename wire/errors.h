// Errors on the wire. Every error of ours travels as google.rpc.Status with one google.rpc.ErrorInfo (reason, domain
// "strata", metadata), in the trailing metadata grpc-status-details-bin, so that clients can act on it without reading
// text. Code, message and detail (base/status.h) survive both ways, with three stated exceptions:
//  - a status without a detail gets its code's name as reason ("UNAVAILABLE"), so that every error has one;
//  - bytes that are not UTF-8 arrive as "\xNN", because protobuf's strings cannot hold them;
//  - ToGrpcStatus cuts what would not fit gRPC's 8 KiB of metadata, beyond which a client sees another error instead of
//    this one. The cut is marked in the message, and left-out metadata is counted under "metadata_left_out".
// Errors that gRPC itself makes (no connection, deadline) have no details; they get their code's name as reason too.
// Pure functions; thread-safe.
#pragma once

#include <grpcpp/support/status.h>

#include "base/status.h"

namespace google::rpc {
class Status;
}

namespace strata {

inline constexpr char kErrorDomain[] = "strata";

// Sizes that keep an error below 8 KiB of metadata: gRPC sends the plain message percent-encoded (up to 3 bytes a byte)
// and the details in base64 (4 bytes for 3).
inline constexpr size_t kMaxPlainMessageBytes = 512;
inline constexpr size_t kMaxDetailMessageBytes = 2048;
inline constexpr size_t kMaxDetailMetadataBytes = 1024;  // keys and values together

grpc::Status ToGrpcStatus(const absl::Status& status);
absl::Status FromGrpcStatus(const grpc::Status& status);

// The same as a message, for fields of responses and frames; nothing is cut.
google::rpc::Status ToRpcStatus(const absl::Status& status);
absl::Status FromRpcStatus(const google::rpc::Status& status);

// What a client says of an answer that breaks the API's promises: INTERNAL (ANSWER_INVALID), naming the field.
absl::Status AnswerInvalid(std::string_view field, std::string_view what);

}  // namespace strata

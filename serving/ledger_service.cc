#include "serving/ledger_service.h"

#include <fmt/format.h>

#include <charconv>

#include "run/keys.h"
#include "run/ledger_version.h"
#include "serving/answering.h"
#include "strata/v1/ledger_service.grpc.pb.h"
#include "wire/ledgers.h"

namespace strata {
namespace {

struct ReadableLedger {
  LedgerVersion version;
  LedgerRegistry registry;
};

absl::Status RecordCorrupt(const std::string& key, std::string_view what) {
  return MakeError(absl::StatusCode::kDataLoss, "LEDGER_RECORD_CORRUPT", fmt::format("{}: {}", key, what));
}

// The current version and its registry, read anew: a registry is too large to keep and asked for too seldom.
absl::StatusOr<ReadableLedger> ReadCurrentLedger(const ServingContext& serving, const std::string& job) {
  STRATA_ASSIGN_OR_RETURN(const auto head, serving.metadata->Get(LedgerHeadKey(job)));
  if (!head.has_value()) {
    const bool known = serving.catalogue->view()->contains(job);
    return MakeError(absl::StatusCode::kNotFound, known ? "LEDGER_MISSING" : "JOB_UNKNOWN",
                     known ? fmt::format("job '{}' has no ledger yet: no run has committed one", job)
                           : fmt::format("this server knows no job '{}'", job),
                     {{"job", job}});
  }
  int64_t number = 0;
  const char* const end = head->value.data() + head->value.size();
  if (const auto parsed = std::from_chars(head->value.data(), end, number); parsed.ptr != end || number < 1) {
    return RecordCorrupt(head->key, fmt::format("'{}' is no ledger version", head->value));
  }
  const std::string key = LedgerVersionKey(job, number);
  STRATA_ASSIGN_OR_RETURN(const auto record, serving.metadata->Get(key));
  if (!record.has_value()) return RecordCorrupt(key, "the record of the current version is missing");
  ReadableLedger ledger;
  STRATA_ASSIGN_OR_RETURN(ledger.version, LedgerVersion::FromJson(record->value));
  STRATA_ASSIGN_OR_RETURN(const auto object,
                          MapVerified(*serving.objects, ledger.version.registry.key, ledger.version.registry.checksum));
  STRATA_ASSIGN_OR_RETURN(ledger.registry, LedgerRegistry::Decode(object->bytes()));
  return ledger;
}

class LedgerService final : public v1::LedgerService::CallbackService {
 public:
  explicit LedgerService(const ServingContext& serving) : serving_(serving) {}

  grpc::ServerUnaryReactor* GetLedger(grpc::CallbackServerContext* context, const v1::GetLedgerRequest* request,
                                      v1::Ledger* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    AnswerFromLane(serving_, context, reactor, [this, request, response]() -> absl::Status {
      STRATA_ASSIGN_OR_RETURN(const std::string job, ParseLedgerName("name", request->name()));
      STRATA_ASSIGN_OR_RETURN(const ReadableLedger ledger, ReadCurrentLedger(serving_, job));
      FillLedger(ledger.version, ledger.registry, job, response);
      return absl::OkStatus();
    });
    return reactor;
  }

  grpc::ServerUnaryReactor* ListLedgerFiles(grpc::CallbackServerContext* context,
                                            const v1::ListLedgerFilesRequest* request,
                                            v1::ListLedgerFilesResponse* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    AnswerFromLane(serving_, context, reactor, [this, request, response] { return FillFiles(*request, response); });
    return reactor;
  }

 private:
  absl::Status FillFiles(const v1::ListLedgerFilesRequest& request, v1::ListLedgerFilesResponse* response) const {
    STRATA_ASSIGN_OR_RETURN(const ListLedgerFilesQuestion question, ReadListLedgerFiles(request));
    STRATA_ASSIGN_OR_RETURN(const ReadableLedger ledger, ReadCurrentLedger(serving_, question.job));
    if (question.version != 0 && question.version != ledger.version.version) {
      return MakeError(absl::StatusCode::kFailedPrecondition, "LEDGER_CHANGED",
                       fmt::format("the page before was of ledger version {}, which is {} now; begin again",
                                   question.version, ledger.version.version));
    }
    const auto& files = ledger.registry.files;
    uint64_t index = question.begin;
    for (; index < files.size() && response->files_size() < question.page_size; ++index) {
      FillLedgerFile(files[index], response->add_files());
    }
    if (index < files.size()) {
      response->set_next_page_token(LedgerFilesToken(question.job, ledger.version.version, index));
    }
    response->set_version(ledger.version.version);
    return absl::OkStatus();
  }

  ServingContext serving_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewLedgerService(const ServingContext& serving) {
  return std::make_unique<LedgerService>(serving);
}

}  // namespace strata

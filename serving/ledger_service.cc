#include "serving/ledger_service.h"

#include <fmt/format.h>

#include "data/ledger/ledger_state.h"
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

// The current version and its registry, read anew: a registry is too large to keep and asked for too seldom.
absl::StatusOr<ReadableLedger> ReadCurrentLedger(const ServingContext& serving, const std::string& job) {
  if (serving.metadata == nullptr) {
    return MakeError(absl::StatusCode::kFailedPrecondition, "NOT_ON_A_REPLICA",
                     "this server is a read replica: it has the snapshots, not the ledger; ask the coordinator",
                     {{"job", job}});
  }
  STRATA_ASSIGN_OR_RETURN(std::optional<LedgerHead> head, ReadLedgerHead(*serving.metadata, job));
  if (!head.has_value()) {
    if (!serving.catalogue->view()->contains(job)) return serving.catalogue->UnknownJob(job);
    return MakeError(absl::StatusCode::kNotFound, "LEDGER_MISSING",
                     fmt::format("job '{}' has no ledger yet: no run has committed one", job), {{"job", job}});
  }
  ReadableLedger ledger;
  ledger.version = std::move(head->version);
  STRATA_ASSIGN_OR_RETURN(ledger.registry, ReadRegistry(*serving.objects, ledger.version));
  return ledger;
}

class LedgerService final : public v1::LedgerService::CallbackService {
 public:
  explicit LedgerService(const ServingContext& serving) : serving_(serving) {}

  grpc::ServerUnaryReactor* GetLedger(grpc::CallbackServerContext* context, const v1::GetLedgerRequest* request,
                                      v1::Ledger* response) override {
    const UnaryCall call(serving_, get_ledger_, context);
    AnswerFromLane(serving_, call, [this, request, response]() -> absl::Status {
      STRATA_ASSIGN_OR_RETURN(const std::string job, ParseLedgerName("name", request->name()));
      STRATA_ASSIGN_OR_RETURN(const ReadableLedger ledger, ReadCurrentLedger(serving_, job));
      FillLedger(ledger.version, ledger.registry, job, response);
      return absl::OkStatus();
    });
    return call.reactor();
  }

  grpc::ServerUnaryReactor* ListLedgerFiles(grpc::CallbackServerContext* context,
                                            const v1::ListLedgerFilesRequest* request,
                                            v1::ListLedgerFilesResponse* response) override {
    const UnaryCall call(serving_, list_ledger_files_, context);
    AnswerFromLane(serving_, call, [this, request, response] { return FillFiles(*request, response); });
    return call.reactor();
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
  CallMetrics* get_ledger_ = serving_.metrics->Method("strata.v1.LedgerService/GetLedger");
  CallMetrics* list_ledger_files_ = serving_.metrics->Method("strata.v1.LedgerService/ListLedgerFiles");
};

}  // namespace

std::unique_ptr<grpc::Service> NewLedgerService(const ServingContext& serving) {
  return std::make_unique<LedgerService>(serving);
}

}  // namespace strata

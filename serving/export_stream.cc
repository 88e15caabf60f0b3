#include "serving/export_stream.h"

#include <fmt/format.h>

#include <utility>

#include "wire/errors.h"

namespace strata {
namespace {

class ExportStream final : public grpc::ServerWriteReactor<v1::ExportScoresResponse> {
 public:
  ExportStream(const ServingContext& serving, CallMetrics* metrics, std::atomic<int>* running)
      : serving_(serving), metrics_(metrics), running_(running), begun_ns_(serving.clock->MonotonicNs()) {
    metrics_->Begin();
  }

  // Ends in exactly one Finish, here or later. After a write or a Finish this object may be gone.
  void Begin(const v1::ExportScoresRequest& request) {
    if (running_->fetch_add(1) >= kMaxExports) {
      return Fail(MakeError(absl::StatusCode::kResourceExhausted, "TOO_MANY_EXPORTS",
                            fmt::format("{} exports run on this server already; retry later", kMaxExports)));
    }
    auto question = ReadExport(request);
    if (!question.ok()) return Fail(question.status());
    question_ = *std::move(question);
    auto found = serving_.catalogue->Find(question_.snapshot);
    if (!found.ok()) return Fail(found.status());
    if (*found != nullptr) return Stream(*std::move(found));
    const absl::Status submitted = serving_.lane->Submit([this] {
      auto opened = serving_.catalogue->Open(question_.snapshot);
      if (!opened.ok()) return Fail(opened.status());
      Stream(*std::move(opened));
    });
    if (!submitted.ok()) Fail(submitted);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return End(grpc::Status::CANCELLED);  // the client has gone
    WriteNext();
  }

  void OnDone() override {
    running_->fetch_sub(1);
    delete this;
  }

 private:
  void Fail(const absl::Status& status) { End(ToGrpcStatus(status)); }

  void End(const grpc::Status& status) {
    Count(status.error_code());
    Finish(status);
  }

  void Count(int code) { metrics_->End(code, serving_.clock->MonotonicNs() - begun_ns_); }

  void Stream(std::shared_ptr<const ServedSnapshot> served) {
    served_ = std::move(served);
    question_.snapshot.number = served_->record.number;
    position_ = question_.begin;
    const auto& parts = served_->snapshot->parts();
    if (position_ != ExportPosition() &&
        (position_.shard >= parts.size() || position_.row >= parts[position_.shard].size())) {
      return Fail(MakeError(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_INVALID",
                            fmt::format("page_token names shard {}, row {}, which snapshot {} does not have",
                                        position_.shard, position_.row, question_.snapshot.number),
                            {{"field", "page_token"}}));
    }
    SkipEmptyShards();
    WriteNext();
  }

  bool AtEnd() const { return position_.shard >= served_->snapshot->parts().size(); }

  // Moves from the end of a shard to the next row there is.
  void SkipEmptyShards() {
    while (!AtEnd() && position_.row >= served_->snapshot->parts()[position_.shard].size()) {
      position_ = {.shard = position_.shard + 1, .row = 0};
    }
  }

  void WriteNext() {
    chunk_.Clear();
    v1::ScoreColumns* columns = chunk_.mutable_columns();
    ClassColumns classes;
    for (int32_t rows = 0; rows < question_.rows_per_chunk && !AtEnd(); ++rows) {
      const ScoredCustomer customer = served_->snapshot->parts()[position_.shard].Row(position_.row++);
      AppendColumns(customer, columns);
      classes.Add(customer.score);
      SkipEmptyShards();
    }
    classes.Fill(served_->snapshot->models(), columns);
    FinishColumns(served_->snapshot->models(), columns);
    FillAnswerInfo(FactsOf(serving_, *served_), chunk_.mutable_info());
    chunk_.set_total_size(served_->record.customers);
    if (AtEnd()) {
      Count(grpc::StatusCode::OK);
      return StartWriteAndFinish(&chunk_, grpc::WriteOptions(), grpc::Status::OK);
    }
    chunk_.set_next_page_token(EncodeExportToken(question_.snapshot, position_));
    StartWrite(&chunk_);
  }

  ServingContext serving_;
  CallMetrics* metrics_;
  std::atomic<int>* running_;
  int64_t begun_ns_;
  ExportQuestion question_;
  ExportPosition position_;
  std::shared_ptr<const ServedSnapshot> served_;
  v1::ExportScoresResponse chunk_;  // untouched while a write is under way
};

}  // namespace

grpc::ServerWriteReactor<v1::ExportScoresResponse>* StartExport(const ServingContext& serving, CallMetrics* metrics,
                                                                const v1::ExportScoresRequest& request,
                                                                std::atomic<int>* running) {
  auto* stream = new ExportStream(serving, metrics, running);  // deletes itself in OnDone, as gRPC's reactors do
  stream->Begin(request);
  return stream;
}

}  // namespace strata

#include "serving/report_service.h"

#include <mutex>
#include <string>
#include <utility>

#include "data/reports/report_index.h"
#include "serving/answering.h"
#include "strata/v1/report_service.grpc.pb.h"
#include "wire/reports.h"

namespace strata {
namespace {

using Served = std::shared_ptr<const ServedSnapshot>;

class ReportService final : public v1::ReportService::CallbackService {
 public:
  explicit ReportService(const ServingContext& serving) : serving_(serving) {}

  grpc::ServerUnaryReactor* ListReports(grpc::CallbackServerContext* context, const v1::ListReportsRequest* request,
                                        v1::ListReportsResponse* response) override {
    const UnaryCall call(serving_, list_reports_, context);
    AnswerFromLane(serving_, call, [this, request, response] { return FillList(*request, response); });
    return call.reactor();
  }

  grpc::ServerUnaryReactor* GetReport(grpc::CallbackServerContext* context, const v1::GetReportRequest* request,
                                      v1::GetReportResponse* response) override {
    const UnaryCall call(serving_, get_report_, context);
    AnswerFromLane(serving_, call, [this, request, response] { return FillOne(*request, response); });
    return call.reactor();
  }

 private:
  absl::StatusOr<Served> SnapshotOf(const SnapshotName& name) const {
    STRATA_ASSIGN_OR_RETURN(Served served, serving_.catalogue->Find(name));
    if (served != nullptr) return served;
    return serving_.catalogue->Open(name);
  }

  absl::Status FillList(const v1::ListReportsRequest& request, v1::ListReportsResponse* response) const {
    STRATA_ASSIGN_OR_RETURN(const ListReportsQuestion question, ReadListReports(request));
    STRATA_ASSIGN_OR_RETURN(const Served served, SnapshotOf(question.snapshot));
    STRATA_ASSIGN_OR_RETURN(const ReportIndex index, ReadReportIndex(*serving_.objects, served->snapshot->manifest()));
    uint64_t next = question.begin;
    for (; next < index.reports.size() && response->reports_size() < question.page_size; ++next) {
      FillReport(index.reports[next], served->job, response->add_reports());
    }
    if (next < index.reports.size()) {
      response->set_next_page_token(ReportsToken(request, served->record.number, next));
    }
    FillAnswerInfo(FactsOf(serving_, *served), response->mutable_info());
    return absl::OkStatus();
  }

  absl::Status FillOne(const v1::GetReportRequest& request, v1::GetReportResponse* response) {
    STRATA_ASSIGN_OR_RETURN(const GetReportQuestion question, ReadGetReport(request));
    STRATA_ASSIGN_OR_RETURN(const Served served, SnapshotOf(question.name.snapshot));
    const Manifest& manifest = served->snapshot->manifest();
    STRATA_ASSIGN_OR_RETURN(const ReportIndex index, ReadReportIndex(*serving_.objects, manifest));
    STRATA_ASSIGN_OR_RETURN(const ManifestEntry file, FindReportFile(index, manifest, question.name.report));
    const ReportEntry& entry = *index.Find(question.name.report);
    STRATA_ASSIGN_OR_RETURN(const auto table, TableOf(file, entry));
    FillReport(entry, served->job, response->mutable_report());
    const size_t next =
        FillReportRows(entry.columns, *table, question.begin, static_cast<size_t>(question.page_size), response);
    if (next < table->rows) {
      response->set_next_page_token(ReportRowsToken(request, served->record.number, next));
    } else {
      Forget(file.key);
    }
    FillAnswerInfo(FactsOf(serving_, *served), response->mutable_info());
    return absl::OkStatus();
  }

  absl::StatusOr<std::shared_ptr<const ReportTable>> TableOf(const ManifestEntry& file, const ReportEntry& entry) {
    {
      const std::lock_guard lock(mutex_);
      if (kept_key_ == file.key) return kept_;
    }
    STRATA_ASSIGN_OR_RETURN(ReportTable read, ReadReportTable(*serving_.objects, file, entry));
    auto table = std::make_shared<const ReportTable>(std::move(read));
    const std::lock_guard lock(mutex_);
    kept_key_ = file.key;
    kept_ = table;
    return table;
  }

  void Forget(const std::string& key) {
    const std::lock_guard lock(mutex_);
    if (kept_key_ != key) return;
    kept_key_.clear();
    kept_.reset();
  }

  ServingContext serving_;
  CallMetrics* list_reports_ = serving_.metrics->Method("strata.v1.ReportService/ListReports");
  CallMetrics* get_report_ = serving_.metrics->Method("strata.v1.ReportService/GetReport");

  std::mutex mutex_;
  std::string kept_key_;                     // object key, which ends in a checksum; empty: nothing is kept
  std::shared_ptr<const ReportTable> kept_;  // the report that was read last, until its last page was sent
};

}  // namespace

std::unique_ptr<grpc::Service> NewReportService(const ServingContext& serving) {
  return std::make_unique<ReportService>(serving);
}

}  // namespace strata

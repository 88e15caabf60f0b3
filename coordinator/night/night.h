// The night: the script of one run, from sources to a published snapshot. Plans each stage from the results of the one
// before, keeps the books, commits the ledger version and the switch of the current pointer. All work on rows is done
// by tasks; this class sees counts, references and merged partials.
//
// One object per run and term of the coordinator; called by the driver from one thread at a time. Its seams must
// outlive it. A run that another term began is replayed: the script runs from its begin, takes what the run has fixed
// from its records (night_pins.cc), gets the results that are recorded from the driver, and so arrives where the run
// stood; the rounds of the fit are taken from checkpoints.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "coordinator/night/fit_checkpoints.h"
#include "coordinator/night/listed_sources.h"
#include "coordinator/night/table_files_book.h"
#include "coordinator/run_logic.h"
#include "data/ledger/ledger_state.h"
#include "data/reports/report_plan.h"
#include "data/snapshot/snapshot.h"
#include "model/classes/life_cycle.h"
#include "model/fit/night_fit.h"
#include "model/kernels/kernels.h"
#include "model/lifetime/base_history.h"
#include "run/activation.h"
#include "run/current.h"
#include "run/job.h"
#include "run/ledger_version.h"
#include "run/run_state.h"
#include "run/snapshot_record.h"
#include "run/stage_plan.h"
#include "run/summary.h"
#include "run/table_results.h"
#include "run/task_results.h"
#include "store/file_system.h"
#include "store/metadata.h"
#include "store/object_store.h"

namespace strata {

// Warnings and quarantine files that a summary names: it is a metadata value of at most 64 KiB.
inline constexpr size_t kMaxListed = 100;

struct NightRequest {
  Job job;
  std::string job_yaml;
  std::string job_folder;          // relative uris of the job start here
  std::optional<Day> as_of;        // overrides the job's
  std::optional<int64_t> follows;  // 0: none; absent: the newest kept snapshot with an earlier as_of
  Activation activation = Activation::kAsUsual;
  bool rebuild_ledger = false;
  bool ledger_only = false;  // ends with the ledger version; only together with rebuild_ledger
  bool verify_sources = false;
  bool ignore_veto = false;                   // rules that would hold the result back become warnings
  bool backfill = false;                      // fills in the past: what the feed brings tonight is not the question
  const Kernels* kernels = &WidestKernels();  // of the solvers; the result is the same with any
};

// The day before the one that `wall_ms` lies in, in the job's time zone. INVALID_ARGUMENT (TIME_ZONE_UNKNOWN).
absl::StatusOr<Day> DayBefore(const Job& job, int64_t wall_ms);

class Night final : public RunLogic {
 public:
  struct Seams {
    FileSystem* sources = nullptr;
    ObjectStore* objects = nullptr;
    Metadata* metadata = nullptr;
    const Clock* clock = nullptr;
    LogSink log = {};  // may be empty
  };

  // `summary` is filled as the run goes and must outlive the night; `run` is its number, `token` the coordinator's.
  Night(NightRequest request, Seams seams, int64_t run, int64_t token, RunSummary* summary);

  absl::StatusOr<RunStep> Begin() override;
  absl::StatusOr<RunStep> AfterStage(Stage stage, const std::vector<std::string>& results) override;
  absl::StatusOr<RunStep> AfterRound(const std::vector<std::string>& partials) override;
  int64_t rows_read() const override { return rows_read_; }

 private:
  // night_pins.cc: what the run has fixed.
  absl::Status LoadPins();
  absl::StatusOr<std::optional<std::string>> ReadPin(std::string_view name);
  absl::Status WritePin(std::string_view name, std::string value);
  absl::Status FenceRun(CommitRequest* commit);  // refuses the commit once the run has an end in the records
  absl::Status GoBackToParent(LedgerHead* head, bool* has_parent);
  absl::StatusOr<ListedSources> ListSourcesOnce();
  absl::Status ChooseDates(int64_t ledger_version);
  absl::StatusOr<PublishPin> PinPublish();

  // night_tables.cc: merged identities and rates.
  bool HasTables() const { return request_.job.aliases.has_value() || request_.job.fx.has_value(); }
  void PlanTables(const ListedSources& listed, StagePlan* plan) const;
  absl::Status TakeTables(const std::string& result);
  void PlanMoves(StagePlan* plan) const;
  absl::Status TakeMoves(const std::vector<std::string>& results);
  absl::StatusOr<ObjectRef> StoreFxUses();
  using AddEntry = std::function<absl::Status(std::string name, std::string_view bytes, int64_t rows)>;
  absl::Status AddIdentities(const AddEntry& add);  // to the snapshot, which answers for merged ids too

  // night_sources.cc: which files there are, which are new.
  absl::Status LoadLedger();
  absl::Status CheckFingerprint(const LedgerVersion& head) const;
  absl::Status CheckDetails() const;
  int64_t NextVersion() const { return head_.has_value() ? head_->version + 1 : 1; }
  void OpenBooks();
  void CloseBooks();  // into the registry
  TableFilesBook& BookOf(TableId table);
  absl::StatusOr<RunStep> PlanScan();
  absl::StatusOr<RunStep> AfterPlan(const std::vector<std::string>& results);
  absl::StatusOr<RunStep> PlanMap();

  // night_ledger.cc: books, budget, the new ledger version.
  absl::StatusOr<RunStep> AfterMap(const std::vector<std::string>& results);
  absl::Status KeepQuarantine(const std::map<int32_t, std::vector<ObjectRef>>& by_file);
  absl::Status CheckErrorBudget(const TableFilesBook& book) const;
  absl::Status NoRows() const;
  bool RowsRemoved(TableId table) const { return rows_removed_.contains(table); }
  bool CountsChange() const;
  absl::StatusOr<RunStep> AfterLedger(const std::vector<std::string>& results);
  absl::Status TakeDays(const std::vector<LedgerResult>& results);
  absl::Status CommitLedger();
  RunStep FinishWithLedger();  // of a run that is asked for the ledger alone

  // night_rows.cc: rows of tables, and details of transactions.
  void TakeOutputs(std::vector<TableOutput> outputs);
  bool TableCountsChange(TableId table) const;
  std::vector<PlannedTable> PlanTableRows() const;  // what the ledger stage has to do
  void PlanTableSegments(StagePlan* plan) const;    // for whoever reads them
  absl::Status TakeTableRows(const std::vector<LedgerResult>& results);
  absl::Status TakeTable(TableId id, const std::vector<LedgerResult>& results);
  void SumUpNewRows();
  void SumUpTables(Day as_of);

  // night_dates.cc: as-of date, followed snapshot, features.
  absl::Status ChooseAsOf();
  absl::Status ChooseFollowed();
  absl::StatusOr<RunStep> PlanFeatures();
  absl::StatusOr<RunStep> AfterFeature(const std::vector<std::string>& results);

  // night_gates.cc: what keeps a result from being published.
  absl::Status CheckExpectations();
  absl::StatusOr<bool> IsBackDated();
  absl::StatusOr<std::optional<LedgerRegistry>> FollowedRegistry();
  absl::Status CheckVeto(const Manifest& manifest, const std::vector<SegmentLine>& lines);
  absl::StatusOr<std::optional<VetoFacts>> FollowedFacts();
  RunFacts FactsOfRun() const;

  // night_settings.cc: what the fits begin with.
  absl::StatusOr<const FittedModels*> ReadFollowedModels();
  absl::Status TakeStatistics(const std::vector<FeatureTaskResult>& shards);
  // Of the lifetime value's hold-out, before the features are made. Errors of HoldoutDays.
  absl::Status ChooseHoldout();
  // Of the features: 0 without churn.
  int ChurnViews() const;
  // Of the accepted rows up to the run's date; absent: there are none.
  std::optional<Day> FirstDay() const;
  absl::StatusOr<NightFitSettings> ChooseFitSettings();

  // cluster_follow.cc: clusters of the followed snapshot.
  absl::Status PlanFollowedClusters(StagePlan* plan);

  // night_publish.cc: models, scores, snapshot.
  absl::StatusOr<RunStep> BeginFit();
  absl::StatusOr<RunStep> NextRound();
  absl::StatusOr<RunStep> PlanScore();
  absl::StatusOr<RunStep> Publish();
  absl::Status AddModelsAndReports(const std::vector<SegmentLine>& lines, Manifest* manifest);

  // night_segments.cc: percentiles that the job's segments compare with.
  absl::Status AskForPercentiles(NightFitSettings* settings) const;
  absl::Status KeepPercentiles();

  // night_reports.cc: the job's reports.
  bool HasReportStage() const { return request_.job.WantsReports() || !request_.job.segments.empty(); }
  absl::StatusOr<std::string> PlanPrevious(StagePlan* plan);
  absl::StatusOr<RunStep> AfterScore(const std::vector<std::string>& results);
  absl::StatusOr<RunStep> AfterReport(const std::vector<std::string>& results);
  absl::Status AddReports(const std::vector<SegmentLine>& lines, const AddEntry& add);

  absl::Status Switch(const Manifest& manifest, uint64_t manifest_checksum);
  absl::StatusOr<bool> TrySwitch(const SnapshotRecord& record);

  // For people, in the summary; from kMaxListed on they are only counted.
  void Warn(std::string warning);
  void WarnAll(std::vector<std::string> warnings);
  StagePlan NewPlan(Stage stage) const;
  absl::StatusOr<ObjectRef> Store(const StagePlan& plan);
  absl::StatusOr<ObjectRef> StoreObject(std::string key, std::string_view bytes);

  NightRequest request_;
  Seams seams_;
  int64_t run_;
  int64_t token_;
  RunSummary* summary_;
  std::atomic<int64_t> rows_read_ = 0;  // of summary_->rows_new, once map is done

  std::optional<SourcesPin> sources_pin_;
  std::optional<DatesPin> dates_pin_;         // as an earlier term chose them
  std::optional<LedgerVersion> own_version_;  // as an earlier term committed it
  bool dates_chosen_ = false;
  DatesPin dates_;

  // Ledger: what it was, and what this run makes of it.
  bool rebuild_ = false;
  int64_t head_revision_ = 0;
  std::optional<LedgerVersion> head_;
  LedgerRegistry registry_;            // parent's, then the new version's
  std::vector<TableFilesBook> books_;  // of transactions, then of the job's tables
  std::set<TableId> rows_removed_;     // tables of which files were taken out, with rows
  std::vector<PlannedSplit> splits_;
  std::vector<ObjectRef> map_outputs_;
  std::map<TableId, std::vector<ObjectRef>> table_outputs_;  // rows that moved among them
  std::set<TableId> moved_tables_;

  // Merged identities and rates.
  TablesResult tables_;
  std::vector<ObjectRef> moved_rows_;  // not empty: ledger tasks take them in
  std::vector<FxUse> fx_uses_;         // of the new rows, split by split

  Day as_of_ = 0;
  std::optional<SnapshotRecord> followed_;
  bool followed_models_read_ = false;
  std::optional<FittedModels> followed_models_;  // of followed_; absent: none, or of another build
  std::vector<ObjectRef> features_;
  std::vector<ObjectRef> profiles_, cutoff_profiles_;  // empty where the job needs none
  GapStatistics gaps_;
  int holdout_days_ = 0;                        // of the lifetime value; 0: there is none
  std::shared_ptr<const BaseHistory> history_;  // of all shards; null: the job has no lifetime value
  ObjectRef fit_plan_;
  std::unique_ptr<NightFit> fit_;
  std::optional<FitCheckpoints> checkpoints_;
  uint64_t request_checksum_ = 0;  // of the round in progress
  uint32_t round_ = 0;
  int64_t warnings_left_out_ = 0;
  FittedModels models_;
  std::vector<std::pair<std::string, std::string>> model_files_;
  ObjectRef percentiles_;    // empty: no segment asks for one
  ObjectRef models_object_;  // all of them, as tasks read them
  std::vector<ScoreResult> scores_;
  ReportOffer offer_;  // empty without a report stage, as are the plan and the tables
  ReportPlan report_plan_;
  std::vector<ReportTable> report_tables_;
  std::vector<ManifestEntry> members_;  // of segments, and who entered and left
};

// The fingerprint of a job as it is compared with that of a ledger version: merged identities and tables that a ledger
// does not have make no difference, it takes them in as it stands.
std::vector<std::pair<std::string, std::string>> FingerprintBeside(const LedgerVersion& head, const Job& job);

// The files that a SourcesPin lists.
absl::StatusOr<ListedSources> ReadListing(ObjectStore& objects, const ObjectRef& ref);

}  // namespace strata

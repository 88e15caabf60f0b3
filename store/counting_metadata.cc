#include "store/counting_metadata.h"

namespace strata {
namespace {

class CountingMetadata final : public Metadata {
 public:
  CountingMetadata(Metadata* inner, MetricsRegistry* registry) : inner_(inner) {
    auto& commits = registry->AddCounter({"strata_metadata_commits_total",
                                          "Commits to the metadata by outcome: committed, conflict (somebody else was "
                                          "faster, or leads), unknown (it may "
                                          "have happened), error.",
                                          {"outcome"}});
    committed_ = &commits.With({"committed"});
    conflict_ = &commits.With({"conflict"});
    unknown_ = &commits.With({"unknown"});
    error_ = &commits.With({"error"});
  }

  absl::StatusOr<std::optional<KeyValue>> Get(const std::string& key) override { return inner_->Get(key); }
  absl::StatusOr<std::vector<KeyValue>> List(const std::string& prefix) override { return inner_->List(prefix); }
  absl::StatusOr<CommitOutcome> Commit(const CommitRequest& request) override {
    absl::StatusOr<CommitOutcome> outcome = inner_->Commit(request);
    if (!outcome.ok()) {
      error_->Add();
    } else {
      (std::holds_alternative<Committed>(*outcome)  ? committed_
       : std::holds_alternative<Conflict>(*outcome) ? conflict_
                                                    : unknown_)
          ->Add();
    }
    return outcome;
  }
  absl::StatusOr<Leadership> Campaign(const std::string& holder, int64_t timeout_ms) override {
    return inner_->Campaign(holder, timeout_ms);
  }
  absl::Status Renew(const Leadership& leadership) override { return inner_->Renew(leadership); }
  absl::Status Resign(const Leadership& leadership) override { return inner_->Resign(leadership); }

 private:
  Metadata* inner_;
  Counter* committed_;
  Counter* conflict_;
  Counter* unknown_;
  Counter* error_;
};

}  // namespace

std::unique_ptr<Metadata> CountCommits(Metadata* inner, MetricsRegistry* registry) {
  return std::make_unique<CountingMetadata>(inner, registry);
}

}  // namespace strata

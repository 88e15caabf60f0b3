// What a run in progress has fixed: the records from which another coordinator goes on with it. They lie in metadata
// under RunStateKey(job, run, name), are written once under the coordinator's token, and go when the run has ended.
// Plain values with canonical encodings. Decode: DATA_LOSS (the record's name in the message) for bytes that cannot be
// read, FAILED_PRECONDITION (FORMAT_UNKNOWN) for another version of the format.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/date.h"
#include "base/status.h"
#include "run/activation.h"
#include "run/frames.h"

namespace strata {

// What was asked for, written by the commit that begins the run. It may be longer than a metadata value may be, so it
// lies in pieces under several names, of which kName is the first and what all others begin with.
inline constexpr size_t kRunRequestPieceBytes = 48 * 1024;  // of 64 KiB that a value may have

struct RunRequestRecord {
  static constexpr char kName[] = "request";
  std::string build_id;  // a run is computed by one build from its begin to its end
  std::string job_yaml;
  std::string job_folder;
  std::optional<Day> as_of;
  std::optional<int64_t> follows;
  Activation activation = Activation::kAsUsual;
  bool rebuild_ledger = false;
  bool ledger_only = false;  // the run ends with the ledger version; only together with rebuild_ledger
  bool verify_sources = false;
  bool ignore_veto = false;
  bool backfill = false;

  bool operator==(const RunRequestRecord&) const = default;
  std::string Encode() const;
  static absl::StatusOr<RunRequestRecord> Decode(std::string_view bytes);
  // (name, value) of the pieces, by name; joined in this order they are Encode().
  std::vector<std::pair<std::string, std::string>> Pieces() const;
};

// The sources as they were listed when the run began, and the ledger version they were compared with.
struct SourcesPin {
  static constexpr char kName[] = "sources";
  int64_t ledger_version = 0;  // 0: there was none
  ObjectRef listing;           // a StagePlan that holds the files

  bool operator==(const SourcesPin&) const = default;
  std::string Encode() const;
  static absl::StatusOr<SourcesPin> Decode(std::string_view bytes);
};

// Written by the commit of the ledger version, or alone when the ledger stays as it is.
struct DatesPin {
  static constexpr char kName[] = "dates";
  int64_t ledger_version = 0;
  Day as_of = 0;
  int64_t follows = 0;  // snapshot number, 0: none

  bool operator==(const DatesPin&) const = default;
  std::string Encode() const;
  static absl::StatusOr<DatesPin> Decode(std::string_view bytes);
};

// Written before the manifest, so that every term of the coordinator would write the same bytes under its key.
struct PublishPin {
  static constexpr char kName[] = "publish";
  int64_t token = 0;
  int64_t created_ms = 0;  // wall clock

  bool operator==(const PublishPin&) const = default;
  std::string Encode() const;
  static absl::StatusOr<PublishPin> Decode(std::string_view bytes);
};

// Written when a stage begins: committed results are of these tasks. Named "stage-<stage>".
struct StageRecord {
  static std::string NameOf(Stage stage);
  uint32_t tasks = 0;
  ObjectRef plan;

  bool operator==(const StageRecord&) const = default;
  std::string Encode() const;
  static absl::StatusOr<StageRecord> Decode(std::string_view bytes);
};

// Some rounds of the fit, one after another, with what answered them (coordinator/night/fit_checkpoints.h). Named
// "fit-<first round>-<token>", so that no name is used twice. Not needed to go on with a run, only to go on sooner.
struct FitCheckpoint {
  static constexpr char kPrefix[] = "fit-";
  static std::string NameOf(uint32_t first_round, int64_t token);
  ObjectRef plan;  // of the fit stage: the features and models that the answers are about
  uint32_t first_round = 0;
  uint32_t rounds = 0;  // at least 1
  ObjectRef answers;

  bool operator==(const FitCheckpoint&) const = default;
  std::string Encode() const;
  static absl::StatusOr<FitCheckpoint> Decode(std::string_view bytes);
};

}  // namespace strata

// Where everything lies: metadata keys and object keys, all below jobs/<job>/. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "run/stage.h"
#include "run/table_schema.h"

namespace strata {

// Metadata.
std::string JobPrefix(std::string_view job);  // jobs/<job>/
// The number with which `text`, a key's end or a record of the functions below, begins; 0 without one.
int64_t RunNumberOf(std::string_view text);
std::string NextNumberKey(std::string_view job);        // the next run and snapshot number
std::string ActiveRunKey(std::string_view job);         // number of the active run, absent when none
std::string RunKey(std::string_view job, int64_t run);  // RunRecord
std::string RunsPrefix(std::string_view job);
std::string RequestKey(std::string_view job, std::string_view request_id);            // number of the run it started
std::string TaskKey(std::string_view job, int64_t run, Stage stage, uint32_t index);  // committed result
std::string TasksPrefix(std::string_view job);                                        // of all runs in progress
std::string TasksPrefix(std::string_view job, int64_t run);
std::string RunStatePrefix(std::string_view job);  // of all runs in progress
std::string RunStatePrefix(std::string_view job, int64_t run);
std::string RunStateKey(std::string_view job, int64_t run, std::string_view name);  // run/run_state.h
std::string FinishPrefix(std::string_view job);
std::string FinishKey(std::string_view job, int64_t run);             // FinishRecord, until it is carried out
std::string LedgerHeadKey(std::string_view job);                      // number of the current ledger version
std::string LedgerVersionKey(std::string_view job, int64_t version);  // LedgerVersion
std::string LedgerVersionsPrefix(std::string_view job);
std::string SnapshotRecordKey(std::string_view job, int64_t number);
std::string SnapshotRecordsPrefix(std::string_view job);
std::string CurrentKey(std::string_view job);  // CurrentPointer

// Objects. Data keys end in a checksum, so a repeated attempt finds its own bytes.
std::string RunFolder(std::string_view job, int64_t run);  // jobs/<job>/runs/<number>
std::string StagePlanObject(std::string_view job, int64_t run, Stage stage, uint64_t checksum);
std::string TaskObject(std::string_view job, int64_t run, Stage stage, uint32_t index, std::string_view kind,
                       uint64_t checksum);
std::string BlobObject(std::string_view job, int64_t run, uint64_t checksum);     // large parameters and results
std::string PartialObject(std::string_view job, int64_t run, uint64_t checksum);  // large answers of a round; volatile
// Rounds of the fit on record (FitCheckpoint).
std::string CheckpointObject(std::string_view job, int64_t run, uint32_t first_round, uint64_t checksum);
std::string LedgerFolder(std::string_view job);  // jobs/<job>/ledger
std::string SegmentObject(std::string_view job, uint32_t shard, uint64_t checksum);
std::string TableSegmentObject(std::string_view job, TableId table, uint32_t shard, uint64_t checksum);
std::string RegistryObject(std::string_view job, uint64_t checksum);
std::string AliasesObject(std::string_view job, uint64_t checksum);  // merged identities, resolved
std::string FxUsesObject(std::string_view job, uint64_t checksum);   // run/fx_uses.h
std::string QuarantineObject(std::string_view job, int64_t run, int32_t file_number, uint64_t checksum);
std::string SnapshotObject(std::string_view job, int64_t number, std::string_view logical_name, uint64_t checksum);
std::string CurrentObjectsPrefix(std::string_view job);  // jobs/<job>/current/
std::string CurrentObject(std::string_view job, int64_t generation);
// The generation in the key of a CurrentObject of the job; nullopt for any other key.
std::optional<int64_t> GenerationOf(std::string_view job, std::string_view key);

}  // namespace strata

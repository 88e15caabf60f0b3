// Reads the tables beside transactions from the section `sources` of a job file. Pure functions; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "run/table_source.h"
#include "run/yaml_section.h"

namespace strata {

// The tables that `sources` names, by TableId. Errors are those of YamlSection (JOB_INVALID): a key, column, choice,
// word or date that is not allowed, a required column that is not mapped, an updated_at without a key to choose within,
// two answers to when a row holds.
absl::StatusOr<std::vector<TableSource>> ReadTableSources(const YamlSection& sources);

// The type of an own column that a job file calls so; nullopt: there is none of that name.
std::optional<ValueType> ExtraTypeNamed(std::string_view name);

// What a ledger depends on of the tables, as LedgerFingerprint (run/job_file.h) says it of transactions: mapped
// columns, words of choices, own columns, dates, time format, delimiter and missing-customer rule; never uri, what to
// do with files that change, or the error budget. By table; empty without tables, so that ledgers of such jobs stay as
// they are.
std::vector<std::pair<std::string, std::string>> TablesFingerprint(const std::vector<TableSource>& tables);

}  // namespace strata

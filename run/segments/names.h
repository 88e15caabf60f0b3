// Resolves the names of a condition against a catalogue. Views a catalogue that must outlive it; read-only,
// thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "run/segments/catalogue.h"

namespace strata {

class NameScope {
 public:
  explicit NameScope(const ColumnCatalogue& catalogue) : catalogue_(catalogue) {}

  // The column as a node, outside of a select (`table` empty) or inside of one from `table`, a table of the catalogue.
  // SEGMENT_INVALID says what the job lacks, or guesses what was meant.
  absl::StatusOr<NodePtr> Column(std::string_view name, std::string_view table, SourcePosition position) const;

  // OK for a table that has events.
  absl::Status CheckTable(std::string_view table, SourcePosition position) const;

 private:
  absl::Status Unknown(std::string_view name, std::string_view table, const NameInfos& known,
                       SourcePosition position) const;

  const ColumnCatalogue& catalogue_;
};

}  // namespace strata

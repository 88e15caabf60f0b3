#include "client/export_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "client/text/flag_words.h"

namespace strata {

std::string PartialPath(const std::string& path) { return path + ".part"; }

absl::Status CannotWrite(const std::string& path, std::string_view why) {
  return MakeError(absl::StatusCode::kInternal, "EXPORT_UNWRITTEN", fmt::format("cannot write {}: {}", path, why),
                   {{"file", path}});
}

absl::Status Reveal(const std::string& path) {
  std::error_code error;
  std::filesystem::rename(PartialPath(path), path, error);
  return error ? CannotWrite(path, error.message()) : absl::OkStatus();
}

std::string ClassColumn(SchemeId scheme) { return fmt::format("class_{}", Name(scheme)); }

std::optional<std::string_view> ClassIn(const ExportedScore& row, SchemeId scheme) {
  const auto found =
      std::find_if(row.classes.begin(), row.classes.end(),
                   [name = std::string_view(Name(scheme))](const NamedClass& of) { return of.scheme == name; });
  return found == row.classes.end() ? std::nullopt : std::optional<std::string_view>(found->name);
}

absl::Status CheckExportPath(const std::string& path) {
  const std::string ending = std::filesystem::path(path).extension().string();
  if (ending != ".csv" && ending != ".parquet") {
    return FlagInvalid("--out", path, "the file's ending says its format: .csv or .parquet");
  }
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty() && !std::filesystem::is_directory(folder)) {
    return FlagInvalid("--out", path, fmt::format("there is no folder {}", folder.string()));
  }
  if (std::filesystem::is_directory(path)) return FlagInvalid("--out", path, "is a folder; a file is wanted");
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ExportWriter>> NewExportWriter(const std::string& path) {
  STRATA_RETURN_IF_ERROR(CheckExportPath(path));
  return path.ends_with(".csv") ? NewCsvWriter(path) : NewParquetWriter(path);
}

}  // namespace strata

#include "client/features_writer.h"

#include <fmt/format.h>

#include <cmath>

#include "client/export_writer.h"
#include "client/partial_text_file.h"

namespace strata {
namespace {

// The shortest text that reads back to the same number; empty for one that is missing.
std::string NumberField(double value) { return std::isnan(value) ? "" : fmt::format("{}", value); }

class FeaturesCsvWriter final : public FeaturesWriter {
 public:
  explicit FeaturesCsvWriter(std::string path) : file_(std::move(path)) {}

  absl::Status Open(const ClusteredColumns& columns) {
    STRATA_RETURN_IF_ERROR(file_.Open());
    std::string header;
    for (const std::string& name : FeatureColumnNames(columns)) {
      header += (header.empty() ? "" : ",") + CsvField(name);
    }
    return file_.Append(header + "\n");
  }
  absl::Status Write(const ClusteredFeatures& features) override {
    for (size_t i = 0; i < features.ids.size(); ++i) {
      const int32_t cluster = features.cluster[i];
      std::string line =
          fmt::format("{},{},{},{}", CsvField(features.ids[i]), cluster == 0 ? "" : fmt::format("{}", cluster),
                      cluster == 0, NumberField(features.weight[i]));
      for (size_t f = 0; f < features.raw.size(); ++f) {
        line += "," + NumberField(features.raw[f][i]) + "," + NumberField(features.scaled[f][i]);
      }
      for (const std::vector<std::string>& words : features.words) line += "," + CsvField(words[i]);
      STRATA_RETURN_IF_ERROR(file_.Append(line + "\n"));
    }
    return absl::OkStatus();
  }
  absl::Status Finish() override { return file_.Finish(); }

 private:
  PartialTextFile file_;
};

}  // namespace

std::vector<std::string> FeatureColumnNames(const ClusteredColumns& columns) {
  std::vector<std::string> names = {"customer_id", "cluster", "outlier", "weight"};
  for (const std::string& number : columns.numbers) {
    names.push_back(number);
    names.push_back("scaled_" + number);
  }
  names.insert(names.end(), columns.categories.begin(), columns.categories.end());
  return names;
}

absl::StatusOr<std::unique_ptr<FeaturesWriter>> NewFeaturesWriter(const std::string& path,
                                                                  const ClusteredColumns& columns,
                                                                  const FeatureFacts& facts) {
  STRATA_RETURN_IF_ERROR(CheckExportPath(path));
  if (path.ends_with(".parquet")) return NewFeaturesParquetWriter(path, columns, facts);
  auto writer = std::make_unique<FeaturesCsvWriter>(path);
  STRATA_RETURN_IF_ERROR(writer->Open(columns));
  return writer;
}

}  // namespace strata

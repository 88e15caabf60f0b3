// Percentiles of customers' columns as the last rounds of a night: columns of the features and the profile, or scores
// and classes, which need every model, so that the models travel with the request. Where the columns come from is for
// whoever knows how models are read.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"
#include "model/columns.h"
#include "model/customer_columns.h"
#include "model/fit/column_quantiles.h"

namespace strata {

// The columns of a shard's customers; thread-safe. They live as long as the result and the shard do.
using ColumnsOfShard = std::function<absl::StatusOr<std::shared_ptr<const ColumnSet>>(const ShardFeatures&)>;
// By models as NightFitSettings::encode_models wrote them; empty: without any.
using ColumnsByModels = std::function<absl::StatusOr<ColumnsOfShard>(std::string_view models)>;

struct PercentileParameters {
  std::string models;
  ColumnQuantilesRequest request;

  void Encode(ByteWriter* writer) const {
    writer->Text(models);
    request.Encode(writer);
  }
  static PercentileParameters Decode(ByteReader* reader) {
    PercentileParameters parameters;
    parameters.models = std::string(reader->Text());
    parameters.request = ColumnQuantilesRequest::Decode(reader);
    return parameters;
  }
};

}  // namespace strata

#include "model/churn/logistic_matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/column_type.h"
#include "base/fixed_point.h"
#include "model/trees/ensemble.h"

namespace strata {
namespace {

constexpr double kToGrid = 1 << kFeatureGridBits;
constexpr double kMarginMax = 1 << 20;  // log-odds beyond any doubt: 2^60 units

void FillValues(std::span<const int64_t> wholes, const ChurnFeature& feature, double median, const Kernels& kernels,
                double* out) {
  for (size_t i = 0; i < wholes.size(); ++i) {
    out[i] = wholes[i] == kNoWhole ? median : static_cast<double>(wholes[i]) * feature.scale;
  }
  if (feature.logarithm) {
    kernels.signed_log1p_on_grid(out, wholes.size(), out);
  } else {
    for (size_t i = 0; i < wholes.size(); ++i) out[i] = std::rint(out[i] * kToGrid);
  }
}

}  // namespace

std::vector<LogisticColumn> LogisticColumnsOf(const ChurnPlan& plan, std::span<const FeatureFacts> facts) {
  std::vector<LogisticColumn> columns;
  for (size_t j = 0; j < plan.features.size(); ++j) {
    const auto feature = static_cast<uint16_t>(j);
    if (plan.features[j].type == ColumnType::kText) {
      for (size_t level = 0; level < plan.levels[j].size(); ++level) {
        if (level == facts[j].frequent_level) continue;
        columns.push_back({feature, LogisticColumn::Kind::kLevel, static_cast<uint16_t>(level)});
      }
      continue;
    }
    columns.push_back({feature, LogisticColumn::Kind::kValue, 0});
    const bool some_missing = facts[j].missing > 0 && facts[j].missing < facts[j].rows;
    if (some_missing) columns.push_back({feature, LogisticColumn::Kind::kMissing, 0});
  }
  if (columns.size() > kLogisticFeaturesMax) columns.resize(kLogisticFeaturesMax);
  return columns;
}

void EncodeColumns(const std::vector<LogisticColumn>& columns, ByteWriter* writer) {
  writer->U32(static_cast<uint32_t>(columns.size()));
  for (const LogisticColumn& column : columns) {
    writer->U32(column.feature);
    writer->U8(static_cast<uint8_t>(column.kind));
    writer->U32(column.level);
  }
}

std::vector<LogisticColumn> DecodeColumns(ByteReader* reader) {
  std::vector<LogisticColumn> columns;
  const uint32_t count = reader->U32();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) {
    LogisticColumn& column = columns.emplace_back();
    column.feature = static_cast<uint16_t>(reader->U32());
    column.kind = static_cast<LogisticColumn::Kind>(reader->U8());
    column.level = static_cast<uint16_t>(reader->U32());
  }
  return columns;
}

std::string NameOf(const ChurnPlan& plan, const LogisticColumn& column) {
  const std::string& name = plan.features[column.feature].name;
  switch (column.kind) {
    case LogisticColumn::Kind::kValue:
      return name;
    case LogisticColumn::Kind::kMissing:
      return name + " missing";
    case LogisticColumn::Kind::kLevel:
      return fmt::format("{} = {}", name, plan.levels[column.feature][column.level]);
  }
  return name;
}

LogisticMatrix::LogisticMatrix(const ChurnPlan& plan, std::span<const LogisticColumn> columns,
                               std::span<const double> medians)
    : plan_(plan), columns_(columns), medians_(medians) {}

void LogisticMatrix::Fill(const ChurnRows& rows, size_t begin, size_t count, const Kernels& kernels,
                          double* block) const {
  for (size_t c = 0; c < columns_.size(); ++c) {
    const LogisticColumn& column = columns_[c];
    double* const out = block + c * kKernelBlock;
    std::fill(out, out + kKernelBlock, 0.0);
    switch (column.kind) {
      case LogisticColumn::Kind::kValue:
        FillValues(rows.wholes(column.feature).subspan(begin, count), plan_.features[column.feature],
                   medians_[column.feature], kernels, out);
        break;
      case LogisticColumn::Kind::kMissing: {
        const std::span<const int64_t> wholes = rows.wholes(column.feature).subspan(begin, count);
        for (size_t i = 0; i < count; ++i) out[i] = wholes[i] == kNoWhole ? kToGrid : 0;
        break;
      }
      case LogisticColumn::Kind::kLevel: {
        const std::span<const uint16_t> codes = rows.codes(column.feature).subspan(begin, count);
        for (size_t i = 0; i < count; ++i) out[i] = codes[i] == column.level ? kToGrid : 0;
        break;
      }
    }
  }
}

std::vector<int64_t> LogisticMargins(const LogisticMatrix& matrix, const LogisticModel& model, const ChurnRows& rows,
                                     const Kernels& kernels) {
  std::vector<int64_t> margins(rows.size());
  std::vector<double> block(matrix.width() * kKernelBlock);
  std::array<double, kKernelBlock> sums;
  for (size_t begin = 0; begin < rows.size(); begin += kKernelBlock) {
    const size_t count = std::min(kKernelBlock, rows.size() - begin);
    matrix.Fill(rows, begin, count, kernels, block.data());
    sums.fill(model.intercept);
    for (size_t c = 0; c < matrix.width(); ++c) {
      const double* const column = block.data() + c * kKernelBlock;
      for (size_t i = 0; i < kKernelBlock; ++i) {
        sums[i] += model.coefficients[c] * ((column[i] / kToGrid - model.mean[c]) / model.deviation[c]);
      }
    }
    for (size_t i = 0; i < count; ++i) {
      margins[begin + i] = ToGrid(std::clamp(sums[i], -kMarginMax, kMarginMax), kMarginGridBits);
    }
  }
  return margins;
}

}  // namespace strata

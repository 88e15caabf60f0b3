#include "wire/churn_scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "model/churn/reasons.h"
#include "strata/v1/score_service.pb.h"
#include "wire/errors.h"
#include "wire/text.h"

namespace strata {
namespace {

static_assert(v1::CHURN_BAND_LOW == static_cast<int>(ChurnBand::kLow));
static_assert(v1::CHURN_BAND_HIGH == static_cast<int>(ChurnBand::kHigh) && v1::ChurnBand_MAX == v1::CHURN_BAND_HIGH);

absl::Status Invalid(std::string_view message) { return AnswerInvalid("score.churn", message); }
absl::Status ColumnsInvalid(std::string_view message) { return AnswerInvalid("columns.churn", message); }

uint8_t ByteAt(const std::string& bytes, size_t place) { return static_cast<uint8_t>(bytes[place]); }

bool IsNan(double value) { return std::isnan(value); }

void FillNumbers(const CustomerChurn& churn, v1::Score* message) {
  message->set_churn_band(static_cast<v1::ChurnBand>(churn.band));
  if (!std::isnan(churn.margin)) message->set_churn_margin(churn.margin);
  if (!std::isnan(churn.value_at_risk)) message->set_value_at_risk(churn.value_at_risk);
}

}  // namespace

void FillChurn(const CustomerChurn& churn, const FittedModels& models, v1::Score* message) {
  FillNumbers(churn, message);
  if (!models.churn.has_value() || !churn.reasons[0].is_there()) return;
  const std::vector<std::string> groups = GroupsOf(models.churn->plan);
  const std::vector<ChurnFeature>& features = models.churn->plan.features;
  for (const ChurnReason& reason : churn.reasons) {
    if (reason.group >= groups.size() || reason.feature >= features.size()) continue;
    v1::ChurnReason* one = message->add_churn_reasons();
    one->set_group(EscapeNonUtf8(groups[reason.group]));
    one->set_feature(EscapeNonUtf8(features[reason.feature].name));
    one->set_contribution(reason.contribution);
    const bool is_number = features[reason.feature].type != ColumnType::kText && !std::isnan(reason.value);
    if (is_number) one->set_value(reason.value);
    one->set_words(EscapeNonUtf8(ReasonWords(*models.churn, reason)));
  }
}

void FillExportedChurn(const CustomerChurn& churn, const std::vector<NamedReason>& reasons, v1::Score* message) {
  FillNumbers(churn, message);
  for (const NamedReason& reason : reasons) {
    v1::ChurnReason* one = message->add_churn_reasons();
    one->set_group(EscapeNonUtf8(reason.group));
    one->set_feature(EscapeNonUtf8(reason.feature));
    one->set_contribution(reason.contribution);
    if (!std::isnan(reason.value)) one->set_value(reason.value);
  }
}

absl::StatusOr<CustomerChurn> ReadChurn(const v1::Score& message) {
  CustomerChurn churn;
  if (!v1::ChurnBand_IsValid(message.churn_band())) {
    return Invalid(fmt::format("{} is no band this program knows", static_cast<int>(message.churn_band())));
  }
  churn.band = static_cast<ChurnBand>(message.churn_band());
  if (message.has_churn_margin()) churn.margin = message.churn_margin();
  if (message.has_value_at_risk()) churn.value_at_risk = message.value_at_risk();
  return churn;
}

absl::StatusOr<std::vector<NamedReason>> ReadReasons(const v1::Score& message) {
  if (message.churn_reasons_size() > static_cast<int>(kChurnReasons)) {
    return Invalid(fmt::format("{} reasons, allowed are {}", message.churn_reasons_size(), kChurnReasons));
  }
  std::vector<NamedReason> reasons;
  for (const v1::ChurnReason& one : message.churn_reasons()) {
    if (one.group().empty() || one.feature().empty()) return Invalid("a reason without a group, or without a feature");
    NamedReason& reason = reasons.emplace_back();
    reason.group = one.group();
    reason.feature = one.feature();
    reason.contribution = one.contribution();
    if (one.has_value()) reason.value = one.value();
    reason.words = one.words();
  }
  return reasons;
}

void AppendChurn(const CustomerChurn& churn, v1::ChurnColumns* columns) {
  columns->mutable_bands()->push_back(static_cast<char>(churn.band));
  columns->add_margins(churn.margin);
  columns->add_values_at_risk(churn.value_at_risk);
  for (const ChurnReason& reason : churn.reasons) {
    columns->mutable_reason_groups()->push_back(static_cast<char>(reason.group));
    columns->mutable_reason_features()->push_back(static_cast<char>(reason.feature));
    columns->add_reason_contributions(reason.is_there() ? reason.contribution
                                                        : std::numeric_limits<float>::quiet_NaN());
    columns->add_reason_values(reason.value);
  }
}

void FinishChurnColumns(const FittedModels& models, v1::ScoreColumns* columns) {
  v1::ChurnColumns* churn = columns->mutable_churn();
  if (churn->bands().find_first_not_of('\0') == std::string::npos) churn->clear_bands();
  if (std::all_of(churn->margins().begin(), churn->margins().end(), IsNan)) churn->clear_margins();
  if (std::all_of(churn->values_at_risk().begin(), churn->values_at_risk().end(), IsNan)) {
    churn->clear_values_at_risk();
  }
  constexpr auto kNone = static_cast<char>(kNoReasonGroup);
  const bool reasons = models.churn.has_value() && churn->reason_groups().find_first_not_of(kNone) != std::string::npos;
  if (reasons) {
    for (const std::string& group : GroupsOf(models.churn->plan)) churn->add_groups(EscapeNonUtf8(group));
    for (const ChurnFeature& feature : models.churn->plan.features) churn->add_features(EscapeNonUtf8(feature.name));
  } else {
    churn->clear_reason_groups();
    churn->clear_reason_features();
    churn->clear_reason_contributions();
    churn->clear_reason_values();
  }
  if (churn->ByteSizeLong() == 0) columns->clear_churn();
}

absl::Status CheckChurnColumns(const v1::ChurnColumns& columns, int rows) {
  const auto fits = [rows](auto size, size_t per_row) {
    return size == 0 || static_cast<size_t>(size) == per_row * static_cast<size_t>(rows);
  };
  if (!fits(columns.bands().size(), 1) || !fits(columns.margins_size(), 1) || !fits(columns.values_at_risk_size(), 1)) {
    return ColumnsInvalid("its columns differ in length from those of the scores");
  }
  const size_t reasons = columns.reason_groups().size();
  if (!fits(reasons, kChurnReasons) || columns.reason_features().size() != reasons ||
      static_cast<size_t>(columns.reason_contributions_size()) != reasons ||
      static_cast<size_t>(columns.reason_values_size()) != reasons) {
    return ColumnsInvalid("its reasons are not three for every customer");
  }
  for (const char band : columns.bands()) {
    if (!v1::ChurnBand_IsValid(static_cast<uint8_t>(band))) {
      return ColumnsInvalid(fmt::format("{} is no band this program knows", static_cast<uint8_t>(band)));
    }
  }
  for (size_t i = 0; i < reasons; ++i) {
    const int group = ByteAt(columns.reason_groups(), i), feature = ByteAt(columns.reason_features(), i);
    if (group == kNoReasonGroup) continue;
    if (group >= columns.groups_size() || feature >= columns.features_size()) {
      return ColumnsInvalid(fmt::format("a reason of group {} of {} by feature {} of {}", group, columns.groups_size(),
                                        feature, columns.features_size()));
    }
  }
  return absl::OkStatus();
}

CustomerChurn ChurnInColumns(const v1::ChurnColumns& columns, int row) {
  CustomerChurn churn;
  if (!columns.bands().empty()) churn.band = static_cast<ChurnBand>(columns.bands()[static_cast<size_t>(row)]);
  if (columns.margins_size() > 0) churn.margin = columns.margins(row);
  if (columns.values_at_risk_size() > 0) churn.value_at_risk = columns.values_at_risk(row);
  return churn;
}

std::vector<NamedReason> ReasonsInColumns(const v1::ChurnColumns& columns, int row) {
  std::vector<NamedReason> reasons;
  if (columns.reason_groups().empty()) return reasons;
  for (size_t i = 0; i < kChurnReasons; ++i) {
    const size_t place = static_cast<size_t>(row) * kChurnReasons + i;
    const uint8_t group = ByteAt(columns.reason_groups(), place);
    if (group == kNoReasonGroup) continue;
    NamedReason& reason = reasons.emplace_back();
    reason.group = columns.groups(group);
    reason.feature = columns.features(ByteAt(columns.reason_features(), place));
    reason.contribution = columns.reason_contributions(static_cast<int>(place));
    reason.value = columns.reason_values(static_cast<int>(place));
  }
  return reasons;
}

}  // namespace strata

#include "client/text/schemes_report.h"

#include <fmt/format.h>

#include <array>

#include "base/date.h"
#include "client/text/money.h"
#include "client/text/numbers.h"
#include "client/text/table.h"

namespace strata {
namespace {

constexpr double kMillion = 1e6;  // shares are millionths
constexpr size_t kFrequency = 1;  // the level that counts days; the others are amounts
constexpr std::array<const char*, 5> kLevelNames = {"value", "frequency", "amount", "order", "spending"};

std::string ShareWords(int64_t millionths) { return Percent(static_cast<double>(millionths) / kMillion, 0); }

std::string ValueBrief(const ValueModel& model, const std::string& currency, const std::string& indent) {
  if (!model.a_from.has_value() || !model.b_from.has_value()) {
    return fmt::format("{}Value classes: nobody has a positive margin\n", indent);
  }
  std::string text = fmt::format("{}Value classes: A from {}, B from {}", indent,
                                 MoneyOfMicros(*model.a_from, currency), MoneyOfMicros(*model.b_from, currency));
  if (model.c_from.has_value()) text += fmt::format(", C from {}", MoneyOfMicros(*model.c_from, currency));
  text += fmt::format(", cuts of {}\n", FormatDay(model.fitted_as_of));
  return text +
         fmt::format("{}  {} with a positive margin, {} with a loss; Gini {} (0: all alike, 1: one has it all)\n",
                     indent, Counted(model.positive, "customer", "customers"), Grouped(model.losing),
                     Fixed(model.gini, 3));
}

std::string LifeCycleBrief(const LifeCycleModel& model, const std::string& indent) {
  return fmt::format("{}Life-cycle: at risk after {} days of silence, dormant after {}, lost after {}, cuts of {}\n",
                     indent, Grouped(model.days[0]), Grouped(model.days[1]), Grouped(model.days[2]),
                     FormatDay(model.fitted_as_of));
}

std::string CutWords(size_t level, int64_t cut, const std::string& currency) {
  return level == kFrequency ? Counted(cut, "day", "days") : MoneyOfMicros(cut, currency);
}

}  // namespace

std::string SchemesBrief(const SchemeModels& models, const std::string& currency, const std::string& indent) {
  std::string text;
  if (models.value.has_value()) text += ValueBrief(*models.value, currency, indent);
  if (models.life_cycle.has_value()) text += LifeCycleBrief(*models.life_cycle, indent);
  std::string levels;
  for (size_t i = 0; i < kLevelNames.size(); ++i) {
    if (models.levels.at(i).has_value()) levels += fmt::format("{}{}", levels.empty() ? "" : ", ", kLevelNames.at(i));
  }
  if (!levels.empty()) text += fmt::format("{}Levels: {}\n", indent, levels);
  return text;
}

std::string SchemesTables(const SchemeModels& models, const std::string& currency) {
  std::string text;
  if (const auto& value = models.value; value.has_value()) {
    text += fmt::format("  Margin: {}; {}. A reaches to {} of the positive margins, B to {}{}.\n", value->basis,
                        value->window_days.has_value() ? fmt::format("last {} days", *value->window_days) : "all days",
                        ShareWords(value->a), ShareWords(value->b),
                        value->d_beyond.has_value() ? fmt::format(", C to {}", ShareWords(*value->d_beyond)) : "");
  }
  if (const auto& cycle = models.life_cycle; cycle.has_value()) {
    const std::string rule = cycle->rule == "quantiles"
                                 ? fmt::format("quantiles {}, {} and {}", ShareWords(cycle->quantiles[0]),
                                               ShareWords(cycle->quantiles[1]), ShareWords(cycle->quantiles[2]))
                                 : cycle->rule;
    text += fmt::format("  Gaps: {} of {} closed within {} days; days by: {}.\n", Grouped(cycle->closed),
                        Grouped(cycle->opened), cycle->gap_days, rule);
  }
  Table table({{"level", Align::kLeft}, {"low up to", Align::kRight}, {"high above", Align::kRight}});
  bool any = false;
  for (size_t i = 0; i < kLevelNames.size(); ++i) {
    const auto& level = models.levels.at(i);
    if (!level.has_value() || level->cuts.size() != 2) continue;
    any = true;
    table.AddRow({kLevelNames.at(i), CutWords(i, level->cuts[0], currency), CutWords(i, level->cuts[1], currency)});
  }
  return any ? text + table.Render("  ") : text;
}

}  // namespace strata

#include "run/veto_rules.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

namespace strata {
namespace {

constexpr double kMeanGrid = 1e9;  // means are compared in units of 1e-9

std::string ShortNumber(double value) { return fmt::format("{:.6g}", value); }
Int128 Magnitude(Int128 value) { return value < 0 ? -value : value; }
Int128 OnMeanGrid(double mean) { return static_cast<Int128>(std::rint(mean * kMeanGrid)); }

// A change of `part` of `whole`, against a limit in millionths. Exact: 128 bits hold 2^63 counts times a million.
bool Exceeds(Int128 part, Int128 whole, int64_t limit) { return part * kMillion > Magnitude(whole) * limit; }

std::string RatioText(Int128 part, Int128 whole) {
  if (whole == 0) return part == 0 ? "0" : "infinite";
  return ShortNumber(ToDouble(part) / ToDouble(Magnitude(whole)));
}

class Judging {
 public:
  Judging(const VetoRules& rules, const VetoFacts& now, const VetoFacts& before)
      : rules_(rules), now_(now), before_(before) {}

  Judgement Relative() {
    Customers();
    Net();
    Shares("segment_share_change_max", rules_.segment_share_change_max, now_.segments, before_.segments);
    Shares("cluster_share_change_max", rules_.cluster_share_change_max, now_.clusters, before_.clusters);
    Mean("mean_p_alive_change_max", rules_.mean_p_alive_change_max, now_.mean_p_alive, before_.mean_p_alive);
    Mean("mean_churn_probability_change_max", rules_.mean_churn_probability_change_max, now_.mean_churn_probability,
         before_.mean_churn_probability);
    Value();
    return std::move(judgement_);
  }

 private:
  void Break(std::string_view key, std::string found, int64_t limit) {
    judgement_.broken.push_back({.rule = fmt::format("veto.{}", key),
                                 .found = std::move(found),
                                 .allowed = "at most " + FormatMillionths(limit)});
  }

  // Whether both sides have the number; a side that lacks it is told of.
  bool Known(std::string_view key, bool now, bool before) {
    if (now && before) return true;
    judgement_.notes.push_back(fmt::format("veto.{} was not looked at: {} has no such number", key,
                                           now ? "the followed snapshot" : "this result"));
    return false;
  }

  void Customers() {
    const Int128 change = Int128{now_.customers} - before_.customers;
    const std::string found =
        fmt::format("{} (from {} to {} customers)", RatioText(Magnitude(change), before_.customers), before_.customers,
                    now_.customers);
    if (const auto limit = rules_.customers_change_max_ratio; limit.has_value()) {
      if (Exceeds(Magnitude(change), before_.customers, *limit)) Break("customers_change_max_ratio", found, *limit);
    }
    if (const auto limit = rules_.customers_drop_max_ratio; limit.has_value() && change < 0) {
      if (Exceeds(-change, before_.customers, *limit)) Break("customers_drop_max_ratio", found, *limit);
    }
  }

  void Net() {
    const auto limit = rules_.net_change_max_ratio;
    if (!limit.has_value() ||
        !Known("net_change_max_ratio", now_.net_micros.has_value(), before_.net_micros.has_value())) {
      return;
    }
    const Int128 change = Magnitude(*now_.net_micros - *before_.net_micros);
    if (!Exceeds(change, *before_.net_micros, *limit)) return;
    Break("net_change_max_ratio",
          fmt::format("{} (from {:.2f} to {:.2f})", RatioText(change, *before_.net_micros),
                      ToDouble(*before_.net_micros) / 1e6, ToDouble(*now_.net_micros) / 1e6),
          *limit);
  }

  void Shares(std::string_view key, std::optional<int64_t> limit, const std::map<std::string, int64_t>& now,
              const std::map<std::string, int64_t>& before) {
    if (!limit.has_value() || !Known(key, !now.empty(), !before.empty())) return;
    std::set<std::string> names;
    for (const auto& [name, customers] : now) names.insert(name);
    for (const auto& [name, customers] : before) names.insert(name);
    const Int128 whole = Int128{now_.customers} * before_.customers;
    Int128 greatest = -1;
    std::string found;
    for (const std::string& name : names) {
      const int64_t a = before.contains(name) ? before.at(name) : 0;
      const int64_t b = now.contains(name) ? now.at(name) : 0;
      const Int128 change = Magnitude(Int128{b} * before_.customers - Int128{a} * now_.customers);
      if (change <= greatest) continue;
      greatest = change;
      found = fmt::format("{} ({}: from {} to {})", RatioText(change, whole), name, RatioText(a, before_.customers),
                          RatioText(b, now_.customers));
    }
    if (Exceeds(greatest, whole, *limit)) Break(key, std::move(found), *limit);
  }

  void Mean(std::string_view key, std::optional<int64_t> limit, std::optional<double> now,
            std::optional<double> before) {
    if (!limit.has_value() || !Known(key, now.has_value(), before.has_value())) return;
    const Int128 change = Magnitude(OnMeanGrid(*now) - OnMeanGrid(*before));
    if (!Exceeds(change, static_cast<Int128>(kMeanGrid), *limit)) return;
    Break(key,
          fmt::format("{} (from {} to {})", ShortNumber(ToDouble(change) / kMeanGrid), ShortNumber(*before),
                      ShortNumber(*now)),
          *limit);
  }

  void Value() {
    constexpr std::string_view kKey = "mean_lifetime_value_change_max_ratio";
    const auto limit = rules_.mean_lifetime_value_change_max_ratio;
    const auto& now = now_.mean_lifetime_value;
    const auto& before = before_.mean_lifetime_value;
    if (!limit.has_value() || !Known(kKey, now.has_value(), before.has_value())) return;
    const Int128 change = Magnitude(OnMeanGrid(*now) - OnMeanGrid(*before));
    if (!Exceeds(change, OnMeanGrid(*before), *limit)) return;
    Break(kKey,
          fmt::format("{} (from {} to {})", RatioText(change, OnMeanGrid(*before)), ShortNumber(*before),
                      ShortNumber(*now)),
          *limit);
  }

  const VetoRules& rules_;
  const VetoFacts& now_;
  const VetoFacts& before_;
  Judgement judgement_;
};

void JudgeAlone(const VetoRules& rules, const VetoFacts& now, const RunFacts& run, std::vector<BrokenRule>* broken) {
  const auto add = [broken](std::string_view key, std::string found, std::string allowed) {
    broken->push_back({.rule = fmt::format("veto.{}", key), .found = std::move(found), .allowed = std::move(allowed)});
  };
  if (rules.rejected_ratio_max.has_value() && Exceeds(run.rows_rejected, run.rows_read, *rules.rejected_ratio_max)) {
    add("rejected_ratio_max",
        fmt::format("{} ({} of {} rows)", RatioText(run.rows_rejected, run.rows_read), run.rows_rejected,
                    run.rows_read),
        "at most " + FormatMillionths(*rules.rejected_ratio_max));
  }
  if (rules.customers_min.has_value() && now.customers < *rules.customers_min) {
    add("customers_min", fmt::format("{} customers", now.customers), fmt::format("at least {}", *rules.customers_min));
  }
  if (rules.churn_grade_min != 0 && (run.churn_grade == 0 || run.churn_grade > rules.churn_grade_min)) {
    add("churn_grade_min",
        run.churn_grade == 0 ? fmt::format("no grade ({})", run.churn_grade_reason) : std::string(1, run.churn_grade),
        fmt::format("{} or better", rules.churn_grade_min));
  }
  if (rules.require_fitted_models && !run.unfitted.empty()) {
    add("require_fitted_models", fmt::format("not fitted: {}", fmt::join(run.unfitted, ", ")), "every model is fitted");
  }
}

}  // namespace

std::string DescribeRules(const std::vector<BrokenRule>& rules) {
  std::string text;
  for (const BrokenRule& rule : rules) {
    text += fmt::format("{}{}: found {}, allowed is {}", text.empty() ? "" : "; ", rule.rule, rule.found, rule.allowed);
  }
  return text;
}

std::vector<std::string> RelativeRulesOf(const VetoRules& rules) {
  std::vector<std::string> keys;
  for (const RelativeRule& rule : kRelativeRules) {
    if ((rules.*rule.limit).has_value()) keys.emplace_back(rule.key);
  }
  return keys;
}

Judgement Judge(const VetoRules& rules, const VetoFacts& now, const RunFacts& run, const VetoFacts* before) {
  Judgement judgement;
  const std::vector<std::string> relative = RelativeRulesOf(rules);
  if (before != nullptr) {
    judgement = Judging(rules, now, *before).Relative();
  } else if (!relative.empty()) {
    judgement.notes.push_back(fmt::format("no snapshot is followed, so there was nothing to compare with for veto.{}",
                                          fmt::join(relative, ", veto.")));
  }
  JudgeAlone(rules, now, run, &judgement.broken);
  return judgement;
}

std::string FormatMillionths(int64_t millionths) {
  std::string text = fmt::format("{}.{:06}", millionths / kMillion, millionths % kMillion);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace strata

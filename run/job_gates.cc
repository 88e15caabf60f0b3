#include "run/job_gates.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata {
namespace {

constexpr int kMaxLagDays = 36'500;                       // a century: anything above is a typing mistake
constexpr int64_t kMaxShareMillionths = kMillion;         // of shares and probabilities
constexpr int64_t kMaxRatioMillionths = 1000 * kMillion;  // a thousandfold change; above, a rule says nothing
constexpr size_t kMaxCommandWords = 64;                   // a command line, not a script
constexpr size_t kMaxCommandWordBytes = 4096;
constexpr size_t kMaxWebhookBytes = 2048;      // what proxies and servers commonly take
constexpr int kMaxFinishTimeoutSeconds = 600;  // others wait for it

// A limit of a change: of shares and means up to 1, of ratios further.
int64_t GreatestOf(std::string_view key) { return key.ends_with("_ratio") ? kMaxRatioMillionths : kMaxShareMillionths; }

// What a rule needs that the job lacks; empty when it has it.
std::string LacksFor(std::string_view key, const Job& job) {
  if (key.starts_with("segment_") && !job.rfm.has_value()) return "models.rfm";
  if (key.starts_with("cluster_") && !job.clustering.has_value()) return "models.clustering";
  if (key.starts_with("mean_p_alive") && !job.lifetime.has_value()) return "models.lifetime";
  if (key.starts_with("mean_lifetime") && !job.lifetime.has_value()) return "models.lifetime";
  const bool is_churn = key.starts_with("churn_") || key.starts_with("mean_churn");
  return is_churn && !job.churn.has_value() ? "models.churn" : "";
}

absl::Status ReadChangeLimits(const YamlSection& section, VetoRules* veto) {
  for (const RelativeRule& rule : kRelativeRules) {
    if (!section.Has(rule.key)) continue;
    STRATA_RETURN_IF_ERROR(section.ReadMillionths(rule.key, GreatestOf(rule.key), &(veto->*rule.limit).emplace()));
  }
  return absl::OkStatus();
}

bool IsWebhook(const std::string& url) {
  const bool scheme = url.starts_with("http://") || url.starts_with("https://");
  const size_t host = url.find("://") + 3;
  const bool printable = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  return scheme && printable && url.size() <= kMaxWebhookBytes && HostOf(url).size() > host &&
         HostOf(url).find('@') == std::string_view::npos;
}

absl::Status ReadOutcomes(const YamlSection& section, OnFinish* on_finish) {
  if (!section.Has("on")) return absl::OkStatus();
  std::vector<std::string> outcomes;
  STRATA_RETURN_IF_ERROR(section.ReadTexts("on", 3, &outcomes));
  on_finish->on_succeeded = on_finish->on_failed = on_finish->on_cancelled = false;
  for (const std::string& outcome : outcomes) {
    bool* wanted = outcome == "succeeded"   ? &on_finish->on_succeeded
                   : outcome == "failed"    ? &on_finish->on_failed
                   : outcome == "cancelled" ? &on_finish->on_cancelled
                                            : nullptr;
    if (wanted == nullptr) {
      return section.Problem("on",
                             fmt::format("found '{}' in the list; allowed: succeeded, failed, cancelled", outcome));
    }
    *wanted = true;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ReadExpectations(const YamlSection& source, Expectations* expect) {
  STRATA_ASSIGN_OR_RETURN(const auto section,
                          source.Section("expect", {"rows_new_min", "rows_new_max", "newest_day_lag_max_days"}));
  if (!section.has_value()) return absl::OkStatus();
  if (section->Has("rows_new_min")) {
    STRATA_RETURN_IF_ERROR(
        section->ReadInteger<int64_t>("rows_new_min", 0, INT64_MAX, &expect->rows_new_min.emplace()));
  }
  if (section->Has("rows_new_max")) {
    STRATA_RETURN_IF_ERROR(section->ReadInteger<int64_t>("rows_new_max", expect->rows_new_min.value_or(0), INT64_MAX,
                                                         &expect->rows_new_max.emplace()));
  }
  if (!section->Has("newest_day_lag_max_days")) return absl::OkStatus();
  return section->ReadInteger("newest_day_lag_max_days", 0, kMaxLagDays, &expect->newest_day_lag_max_days.emplace());
}

absl::Status ReadVeto(const YamlSection& root, Job* job) {
  std::vector<std::string> keys;
  for (const RelativeRule& rule : kRelativeRules) keys.emplace_back(rule.key);
  for (const char* key : {"rejected_ratio_max", "customers_min", "churn_grade_min", "require_fitted_models"})
    keys.emplace_back(key);
  STRATA_ASSIGN_OR_RETURN(const auto section, root.Section("veto", keys));
  if (!section.has_value()) return absl::OkStatus();
  for (const std::string& key : keys) {
    const std::string lacks = LacksFor(key, *job);
    if (section->Has(key) && !lacks.empty()) {
      return section->Problem(key, fmt::format("the job has no {}; allowed: rules about models that it has", lacks));
    }
  }
  VetoRules& veto = job->veto;
  STRATA_RETURN_IF_ERROR(ReadChangeLimits(*section, &veto));
  if (section->Has("rejected_ratio_max")) {
    STRATA_RETURN_IF_ERROR(
        section->ReadMillionths("rejected_ratio_max", kMaxShareMillionths, &veto.rejected_ratio_max.emplace()));
  }
  if (section->Has("customers_min")) {
    STRATA_RETURN_IF_ERROR(section->ReadInteger<int64_t>("customers_min", 1, INT64_MAX, &veto.customers_min.emplace()));
  }
  if (section->Has("churn_grade_min")) {
    size_t grade = 0;
    STRATA_RETURN_IF_ERROR(section->ReadChoice("churn_grade_min", {"A", "B", "C", "D"}, &grade));
    veto.churn_grade_min = static_cast<char>('A' + grade);
  }
  return section->ReadFlag("require_fitted_models", &veto.require_fitted_models);
}

absl::Status ReadOnFinish(const YamlSection& root, OnFinish* on_finish) {
  STRATA_ASSIGN_OR_RETURN(const auto section,
                          root.Section("on_finish", {"command", "webhook", "timeout_seconds", "on"}));
  if (!section.has_value()) return absl::OkStatus();
  STRATA_RETURN_IF_ERROR(section->ReadTexts("command", kMaxCommandWords, &on_finish->command));
  for (const std::string& word : on_finish->command) {
    if (word.size() <= kMaxCommandWordBytes && word.find('\0') == std::string::npos) continue;
    return section->Problem("command", fmt::format("found a word of {} bytes; allowed: {} at most, without a zero byte",
                                                   word.size(), kMaxCommandWordBytes));
  }
  STRATA_RETURN_IF_ERROR(section->ReadText("webhook", &on_finish->webhook));
  if (section->Has("webhook") && !IsWebhook(on_finish->webhook)) {
    return section->Problem("webhook", fmt::format("the address is not one that can be called; allowed: http:// or "
                                                   "https://, a host, no user or password, {} bytes at most",
                                                   kMaxWebhookBytes));
  }
  if (!on_finish->any()) {
    return root.Problem("on_finish", "has neither command nor webhook; allowed: one of them, or both");
  }
  STRATA_RETURN_IF_ERROR(
      section->ReadInteger("timeout_seconds", 1, kMaxFinishTimeoutSeconds, &on_finish->timeout_seconds));
  return ReadOutcomes(*section, on_finish);
}

}  // namespace strata

#include "client/text/score_card.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "client/text/money.h"
#include "client/text/numbers.h"
#include "client/text/outlook_words.h"
#include "client/text/table.h"
#include "client/text/words.h"
#include "wire/text.h"

namespace strata {
namespace {

std::string ScoresWords(const CustomerScore& score, const FittedModels* models) {
  std::string text = fmt::format("recency {} · frequency {} · monetary {}", score.recency_score, score.frequency_score,
                                 score.monetary_score);
  if (models != nullptr && models->rfm.has_value())
    text += fmt::format("   (1 to {}, highest is best)", models->rfm->scores);
  return text;
}

// The nearest other cluster, by id and, where the models are known, by name.
std::string SecondWords(const CustomerScore& score, const FittedModels* models) {
  std::string text = fmt::format("{}", score.second_cluster + 1);
  if (models == nullptr || !models->clustering.has_value()) return text;
  const FittedCluster* second = models->clustering->Find(score.second_cluster + 1);
  return second == nullptr || second->name.empty() ? text : fmt::format("{} ({})", text, Printable(second->name));
}

std::string ClusterWords(const ScoreAnswer& answer, const FittedModels* models) {
  const CustomerScore& score = answer.score;
  std::string text = fmt::format("Cluster {}", score.cluster + 1);
  if (models != nullptr && models->clustering.has_value() && models->clustering->k > 0) {
    text += fmt::format(" of {}", models->clustering->k);
  }
  if (!answer.cluster_name.empty()) text += fmt::format(": {}", Printable(answer.cluster_name));
  return text;
}

void AddCluster(const ScoreAnswer& answer, const FittedModels* models, Table* table) {
  const CustomerScore& score = answer.score;
  if (score.cluster >= 0) table->AddRow({"Cluster", ClusterWords(answer, models)});
  if (std::isnan(score.cluster_distance)) return;
  const std::string distance = Fixed(score.cluster_distance, 2);
  if (score.cluster < 0) {
    const std::string nearest = score.second_cluster < 0 ? "" : ", of cluster " + SecondWords(score, models);
    table->AddRow({"Distance", fmt::format("{} from the nearest centre{}", distance, nearest)});
    return;
  }
  const std::string second = score.second_cluster < 0 ? "" : "; next is cluster " + SecondWords(score, models);
  table->AddRow({"Distance", fmt::format("{} from its centre{}", distance, second)});
}

void AddClasses(const std::vector<NamedClass>& classes, Table* table) {
  constexpr size_t kInARow = 4;
  for (size_t first = 0; first < classes.size(); first += kInARow) {
    std::string text;
    for (size_t i = first; i < std::min(first + kInARow, classes.size()); ++i) {
      text += fmt::format("{}{} {}", i == first ? "" : " · ", Printable(classes[i].scheme), Printable(classes[i].name));
    }
    table->AddRow({first == 0 ? "Classes" : "", text});
  }
}

// The facts: what the customer did.
void AddFacts(const ScoreAnswer& answer, Table* table) {
  const CustomerScore& score = answer.score;
  if (score.purchase_days > 0) {
    table->AddRow(
        {"Purchase days", fmt::format("{}   first {}, last {} ({} before the as-of date)", Grouped(score.purchase_days),
                                      FormatDay(score.first_day), FormatDay(score.last_day),
                                      Counted(answer.info.as_of - score.last_day, "day", "days"))});
  } else {
    table->AddRow({"Purchase days", "none"});
  }
  table->AddRow({"Net spend", MoneyOfMicros(score.net_micros, answer.info.currency)});
  table->AddRow(
      {"Rows", fmt::format("{}, of which {}", Grouped(score.rows), Counted(score.return_rows, "return", "returns"))});
}

// BG/NBD and its kin; also where the models are not known, as it is what jobs use by default.
bool LeavesAfterRepeat(const FittedModels* models) {
  if (models == nullptr || !models->lifetime.has_value()) return true;
  const LifetimeKind kind = models->lifetime->fit.parameters.kind;
  return kind == LifetimeKind::kBgNbd || kind == LifetimeKind::kBgCnbd;
}

// An id that is none may be of any length; the table shows where it begins.
std::string ShownId(const std::string& id) {
  constexpr size_t kShownBytes = 48;
  return id.size() <= kShownBytes ? id : EscapeNonUtf8(id.substr(0, kShownBytes)) + "...";
}

}  // namespace

std::string AnswerLine(const AnswerFacts& info) {
  std::string line = fmt::format("job {} · as of {} · snapshot {} · published {} ago\n", info.job,
                                 FormatDay(info.as_of), info.number, Age(info.age_seconds));
  if (info.stale) line += "STALE: this snapshot is older than it should be; the nightly run may have failed.\n";
  return line;
}

std::string ScoreCard(const std::string& customer_id, const ScoreAnswer& answer, const FittedModels* models) {
  const CustomerScore& score = answer.score;
  Table table({{"", Align::kLeft}, {"", Align::kLeft}});
  if (score.segment != RfmSegment::kNone) {
    table.AddRow({"Segment", fmt::format("{}: {}", Title(score.segment), Meaning(score.segment))});
  }
  if (score.recency_score > 0) table.AddRow({"RFM scores", ScoresWords(score, models)});
  AddCluster(answer, models, &table);
  AddClasses(answer.classes, &table);
  if (!answer.segments.empty()) {
    table.AddRow({"In segments", Printable(fmt::to_string(fmt::join(answer.segments, " · ")))});
  }
  AddFacts(answer, &table);
  AddExpectations(answer, models, &table);
  std::string card =
      fmt::format("Customer {}\n{}\n{}", Printable(customer_id), AnswerLine(answer.info), table.Render("  "));
  std::vector<std::string> notes = ExplainFlags(score.flags);
  if (score.purchase_days == 1 && score.p_alive == 1 && LeavesAfterRepeat(models)) {
    notes.emplace_back(
        "The lifetime model lets customers leave only after a repeat purchase: after one it calls everybody active.");
  }
  if (const std::string words = RangeWords(answer); !words.empty()) notes.push_back(words);
  if (!notes.empty()) card += "\n";
  for (const std::string& note : notes) card += fmt::format("  * {}\n", note);
  return card;
}

std::string LookupTable(const std::vector<std::string>& ids, const std::vector<LookupLine>& lines,
                        const std::string& currency) {
  Table table({{"customer", Align::kLeft},
               {"status", Align::kLeft},
               {"segment", Align::kLeft},
               {"cluster", Align::kRight},
               {"last purchase", Align::kLeft},
               {"purchase days", Align::kRight},
               {"net " + currency, Align::kRight},
               {"alive", Align::kRight},
               {"value " + currency, Align::kRight},
               {"churn", Align::kRight}});
  for (size_t i = 0; i < ids.size(); ++i) {
    const LookupLine& line = lines[i];
    if (line.outcome != LookupOutcome::kFound) {
      table.AddRow({ShownId(ids[i]), line.outcome == LookupOutcome::kNotFound ? "not found" : "invalid id"});
      continue;
    }
    const CustomerScore& score = line.score;
    const bool bought = score.purchase_days > 0;
    table.AddRow({ShownId(ids[i]), "found",
                  score.segment == RfmSegment::kNone ? kNothing : std::string(Title(score.segment)),
                  score.cluster < 0 ? kNothing : fmt::format("{}", score.cluster + 1),
                  bought ? FormatDay(score.last_day) : kNothing, Grouped(score.purchase_days),
                  Amount(static_cast<double>(score.net_micros) / 1e6, currency), Percent(score.p_alive),
                  Amount(score.lifetime_value, currency), Percent(score.churn_probability)});
  }
  return table.Render();
}

}  // namespace strata

#include "client/text/segments_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "client/text/money.h"
#include "client/text/numbers.h"
#include "client/text/table.h"
#include "client/text/words.h"

namespace strata {
namespace {

// A column of the long table: shown only where at least one segment of the kind has the number.
struct Measure {
  std::string title;
  double SegmentLine::*value;
  std::string (*format)(double, const std::string& currency);
};

const std::array<Measure, 6>& Measures() {
  static const std::array<Measure, 6> kMeasures = {{
      {"days since purchase", &SegmentLine::mean_recency_days,
       [](double value, const std::string&) { return Fixed(value, 1); }},
      {"purchase days", &SegmentLine::mean_purchase_days,
       [](double value, const std::string&) { return Fixed(value, 2); }},
      {"net", &SegmentLine::mean_net,
       [](double value, const std::string& currency) { return Amount(value, currency); }},
      {"alive", &SegmentLine::mean_p_alive, [](double value, const std::string&) { return Percent(value); }},
      {"value", &SegmentLine::mean_lifetime_value,
       [](double value, const std::string& currency) { return Amount(value, currency); }},
      {"churn", &SegmentLine::mean_churn_probability, [](double value, const std::string&) { return Percent(value); }},
  }};
  return kMeasures;
}

std::vector<SegmentLine> OfKind(const std::vector<SegmentLine>& segments, const std::string& kind) {
  std::vector<SegmentLine> lines;
  std::copy_if(segments.begin(), segments.end(), std::back_inserter(lines),
               [&kind](const SegmentLine& line) { return line.kind == kind; });
  return lines;
}

// "Cluster 3: lapsed, big baskets"
std::string HeadOf(const SegmentLine& line) {
  const std::string title = TitleOfName(line.name);
  return line.title.empty() ? title : fmt::format("{}: {}", title, Printable(line.title));
}

std::string TableOf(const std::vector<SegmentLine>& lines, const std::string& head, const std::string& currency) {
  std::vector<Table::Column> columns = {{head, Align::kLeft}, {"customers", Align::kRight}, {"share", Align::kRight}};
  std::vector<const Measure*> shown;
  for (const Measure& measure : Measures()) {
    if (std::none_of(lines.begin(), lines.end(),
                     [&](const SegmentLine& line) { return std::isfinite(line.*measure.value); })) {
      continue;
    }
    shown.push_back(&measure);
    columns.push_back({measure.title, Align::kRight});
  }
  Table table(std::move(columns));
  for (const SegmentLine& line : lines) {
    std::vector<std::string> cells = {HeadOf(line), Grouped(line.customers), Percent(line.share)};
    for (const Measure* measure : shown) cells.push_back(measure->format(line.*measure->value, currency));
    table.AddRow(std::move(cells));
  }
  return table.Render();
}

// The job's own: what changed since the followed snapshot, and the condition, which people write on several lines.
std::string OwnSegments(const std::vector<SegmentLine>& lines, const std::string& currency) {
  Table table({{"own segment", Align::kLeft},
               {"customers", Align::kRight},
               {"share", Align::kRight},
               {"net", Align::kRight},
               {"entered", Align::kRight},
               {"left", Align::kRight},
               {"", Align::kLeft}});
  const auto count = [](const std::optional<int64_t>& value) { return value.has_value() ? Grouped(*value) : "–"; };
  for (const SegmentLine& line : lines) {
    table.AddRow({Printable(line.name), Grouped(line.customers), Percent(line.share), Amount(line.mean_net, currency),
                  count(line.entered), count(line.left), Printable(line.title)});
  }
  return table.Render();
}

}  // namespace

std::string SegmentsTable(const std::vector<SegmentLine>& segments, const std::string& currency) {
  std::string text;
  for (const auto& [kind, head] :
       {std::pair("rfm", "segment"), std::pair("cluster", "cluster"), std::pair("class", "class")}) {
    const std::vector<SegmentLine> lines = OfKind(segments, kind);
    if (lines.empty()) continue;
    if (!text.empty()) text += "\n";
    text += TableOf(lines, head, currency);
  }
  if (const std::vector<SegmentLine> own = OfKind(segments, std::string(kUserKind)); !own.empty()) {
    text += "\n" + OwnSegments(own, currency);
  }
  return text + fmt::format("\nMeans per customer; net and value in {}.\n", currency);
}

std::string SegmentsBrief(const std::vector<SegmentLine>& segments, const std::string& currency) {
  Table table({{"", Align::kLeft},
               {"customers", Align::kRight},
               {"share", Align::kRight},
               {"mean net " + currency, Align::kRight},
               {"mean value " + currency, Align::kRight}});
  constexpr int64_t kOwnShown = 20;  // a job may have a thousand; `strata segments` has them all
  int64_t own = 0;
  std::string kind;
  for (const SegmentLine& line : segments) {
    if (line.kind == "class" && line.customers == 0) continue;
    if (line.kind == kUserKind && ++own > kOwnShown) continue;
    if (!kind.empty() && kind != line.kind) table.AddRule();
    kind = line.kind;
    table.AddRow({line.kind == kUserKind ? Printable(line.name) : HeadOf(line), Grouped(line.customers),
                  Percent(line.share), Amount(line.mean_net, currency), Amount(line.mean_lifetime_value, currency)});
  }
  std::string text = table.Render("  ");
  if (own > kOwnShown) text += fmt::format("  and {} more segments of the job's own\n", Grouped(own - kOwnShown));
  return text;
}

}  // namespace strata

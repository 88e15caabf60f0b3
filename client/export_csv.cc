#include <fmt/format.h>

#include <cmath>

#include "client/export_writer.h"
#include "client/partial_text_file.h"
#include "client/text/money.h"
#include "data/snapshot/outlook_fields.h"

namespace strata {
namespace {

// Of a float or a double: the shortest that reads back to it.
template <typename Number>
std::string NumberField(Number value) {
  return std::isnan(value) ? "" : fmt::format("{}", value);
}
std::string ClusterField(int16_t cluster) { return cluster < 0 ? "" : fmt::format("{}", cluster + 1); }
std::string ScoreField(uint8_t score) { return score == 0 ? "" : fmt::format("{}", score); }
std::string FlagField(uint32_t flags, uint32_t flag) { return (flags & flag) != 0 ? "true" : "false"; }

// The fields of an outlook, in the order of the columns.
struct OutlookFields {
  const CustomerOutlook& outlook;
  std::vector<std::string>* fields;

  void Number(std::string_view, double CustomerOutlook::*member) const {
    fields->push_back(NumberField(static_cast<float>(outlook.*member)));
  }
  void Date(std::string_view, size_t place) const {
    const Day day = outlook.next_purchase.at(place);
    const bool known = day != kUnknownDay, never = day == kNeverDay, beyond = day == kBeyondDay;
    fields->push_back(known && !never && !beyond ? FormatDay(day) : "");
    fields->push_back(known ? (never ? "true" : "false") : "");
    fields->push_back(known ? (beyond ? "true" : "false") : "");
  }
  void Count(std::string_view, int32_t CustomerOutlook::*member) const {
    fields->push_back(outlook.*member < 0 ? "" : fmt::format("{}", outlook.*member));
  }
};

void AddChurn(const ExportedScore& row, std::vector<std::string>* fields) {
  const CustomerChurn& churn = row.score.churn;
  fields->push_back(NumberField(churn.margin));
  fields->push_back(NumberField(churn.value_at_risk));
  fields->emplace_back(Name(churn.band));
  for (size_t i = 0; i < kChurnReasons; ++i) {
    const NamedReason reason = i < row.reasons.size() ? row.reasons[i] : NamedReason();
    fields->push_back(CsvField(reason.group));
    fields->push_back(CsvField(reason.feature));
    fields->push_back(i < row.reasons.size() ? NumberField(reason.contribution) : "");
    fields->push_back(NumberField(reason.value));
  }
}

class CsvWriter final : public ExportWriter {
 public:
  explicit CsvWriter(std::string path) : file_(std::move(path)) {}

  absl::Status Open() {
    STRATA_RETURN_IF_ERROR(file_.Open());
    return file_.Append(CsvHeader());
  }
  absl::Status Write(const ExportChunk& chunk) override {
    for (const ExportedScore& row : chunk.rows) STRATA_RETURN_IF_ERROR(file_.Append(CsvRow(row)));
    return absl::OkStatus();
  }
  absl::Status Finish() override { return file_.Finish(); }

 private:
  PartialTextFile file_;
};

}  // namespace

std::string CsvField(std::string_view text) {
  const bool outer_blank = !text.empty() && (text.front() == ' ' || text.back() == ' ');
  if (!outer_blank && text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string CsvHeader() {
  std::string header = fmt::format("{}", fmt::join(kExportColumns, ","));
  for (size_t slot = 0; slot < kSchemes; ++slot) header += "," + ClassColumn(static_cast<SchemeId>(slot));
  return header + "\n";
}

std::string CsvRow(const ExportedScore& row) {
  const CustomerScore& s = row.score;
  const bool bought = s.purchase_days > 0;
  std::vector<std::string> fields = {CsvField(row.id),
                                     bought ? FormatDay(s.first_day) : "",
                                     bought ? FormatDay(s.last_day) : "",
                                     fmt::format("{}", s.purchase_days),
                                     fmt::format("{}", s.rows),
                                     fmt::format("{}", s.return_rows),
                                     ExactAmount(s.net_micros),
                                     ScoreField(s.recency_score),
                                     ScoreField(s.frequency_score),
                                     ScoreField(s.monetary_score),
                                     s.segment == RfmSegment::kNone ? "" : Name(s.segment),
                                     ClusterField(s.cluster),
                                     CsvField(row.cluster_name),
                                     NumberField(s.cluster_distance),
                                     ClusterField(s.second_cluster),
                                     NumberField(s.p_alive),
                                     NumberField(s.expected_purchases),
                                     NumberField(s.p_no_purchase),
                                     NumberField(s.expected_spend),
                                     NumberField(s.lifetime_value),
                                     NumberField(s.churn_probability)};
  OutlookFields outlook{s.outlook, &fields};
  VisitOutlook(outlook);
  AddChurn(row, &fields);
  for (const uint32_t flag : {kFlagNoPurchase, kFlagSpendFromPopulation, kFlagSpendNotPositive, kFlagChurnInactive,
                              kFlagOutlier, kFlagClusterMissing, kFlagChurnFromLifetime}) {
    fields.push_back(FlagField(s.flags, flag));
  }
  std::string line = fmt::format("{}", fmt::join(fields, ","));
  for (size_t slot = 0; slot < kSchemes; ++slot) {
    line += "," + CsvField(ClassIn(row, static_cast<SchemeId>(slot)).value_or(""));
  }
  return line + "\n";
}

absl::StatusOr<std::unique_ptr<ExportWriter>> NewCsvWriter(const std::string& path) {
  auto writer = std::make_unique<CsvWriter>(path);
  STRATA_RETURN_IF_ERROR(writer->Open());
  return writer;
}

}  // namespace strata

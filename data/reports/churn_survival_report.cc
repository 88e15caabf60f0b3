// How long customers stay (A12).
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/profile/churn_columns.h"
#include "data/reports/churn_cells.h"
#include "data/reports/churn_reports.h"
#include "data/reports/dimension_words.h"
#include "data/reports/keyed_sums.h"
#include "model/churn/survival.h"

namespace strata {
namespace {

constexpr size_t kCurvesMax = 100;  // of a dimension
constexpr size_t kPointsMax = 400;  // of a curve: more are no longer seen

struct Followed {
  SurvivalCounts counts;
  int64_t too_young = 0;

  int64_t customers() const { return counts.customers(); }
  void Merge(const Followed& other) {
    counts.Merge(other.counts);
    too_young += other.too_young;
  }
};
using CurveKey = std::pair<std::string, std::string>;  // dimension, value

// Places of at most kPointsMax of `size` points, evenly, the first and the last among them.
std::vector<size_t> Thinned(size_t size) {
  std::vector<size_t> places;
  if (size <= kPointsMax) {
    for (size_t i = 0; i < size; ++i) places.push_back(i);
    return places;
  }
  for (size_t i = 0; i < kPointsMax; ++i) places.push_back(i * (size - 1) / (kPointsMax - 1));
  return places;
}

struct ChurnSurvival {
  static ReportInfo Info() {
    return {.name = "churn_survival",
            .title = "Survival by tenure",
            .sources = {"A12"},
            .needs = {.churn = true},
            .columns = {{"dimension", ReportType::kText, "", "all, began, region, category, channel."},
                        {"value", ReportType::kText, "", "Of the dimension; of began the year of the first purchase."},
                        {"tenure_days", ReportType::kInteger, "days", "Since the first purchase; a day with a loss."},
                        {"customers", ReportType::kInteger, "customers", "Whom the curve follows."},
                        {"too_young", ReportType::kInteger, "customers",
                         "Whom it does not: they began less than a horizon ago."},
                        {"at_risk", ReportType::kInteger, "customers", "Still followed on the day, before its losses."},
                        {"lost", ReportType::kInteger, "customers", "Since the row before."},
                        {"survival", ReportType::kShare, "1", "Share that is still there after the day."},
                        {"low", ReportType::kShare, "1", "95 % band; none where nobody is left."},
                        {"high", ReportType::kShare, "1", "Upper end."}},
            .method =
                "Kaplan-Meier (1958) with Greenwood's variance on the log(-log) scale. A customer is lost at the "
                "purchase that opens the first gap longer than the horizon, whether or not they came back. Gaps that "
                "opened less than a horizon before the night's date are not resolved: such customers are censored a "
                "horizon before it. Tenure 0: whoever bought once, and not again in the horizon. Of a dimension with "
                "more than 100 values the largest 99 are shown and the rest is (other); a curve of more than 400 days "
                "is thinned evenly. Region, category and channel are as tonight's profile has them."};
  }

  struct Partial {
    std::map<CurveKey, Followed> curves;

    void Merge(const Partial& other) {
      for (const auto& [key, followed] : other.curves) curves[key].Merge(followed);
    }
    void Encode(ByteWriter* writer) const {
      writer->U32(static_cast<uint32_t>(curves.size()));
      for (const auto& [key, followed] : curves) {
        EncodeKey(key, writer);
        followed.counts.Encode(writer);
        writer->I64(followed.too_young);
      }
    }
    static Partial Decode(ByteReader* reader) {
      Partial partial;
      const uint32_t size = reader->U32();
      for (uint32_t i = 0; i < size && reader->ok(); ++i) {
        CurveKey key;
        DecodeKey(reader, &key);
        Followed& followed = partial.curves[std::move(key)];
        followed.counts = SurvivalCounts::Decode(reader);
        followed.too_young = reader->I64();
      }
      return partial;
    }
  };

  // A curve of a shard by place of the day, which is quicker to count in than a map.
  struct Counting {
    int64_t too_young = 0;
    std::vector<std::array<int64_t, 2>> by_day;  // censored, lost

    void Add(int64_t tenure, bool is_lost) {
      if (tenure == kNoWhole) {
        ++too_young;
        return;
      }
      const auto day = static_cast<size_t>(tenure);
      if (day >= by_day.size()) by_day.resize(day + 1);
      ++by_day[day][is_lost ? 1 : 0];
    }
    void PutInto(Followed* followed) const {
      followed->too_young += too_young;
      for (size_t day = 0; day < by_day.size(); ++day) {
        const auto [censored, lost] = by_day[day];
        followed->counts.AddMany(static_cast<int32_t>(day), lost, censored);
      }
    }
  };

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    const Column* tenure = shard.columns == nullptr ? nullptr : shard.columns->Find(kChurnTenure);
    const Column* lost = shard.columns == nullptr ? nullptr : shard.columns->Find(kChurnLost);
    if (tenure == nullptr || lost == nullptr) return absl::OkStatus();
    std::vector<DimensionWords> words;
    std::vector<std::vector<Counting>> places;  // by dimension and code
    for (const Dimension& place : kPlaceDimensions) {
      words.emplace_back(shard, place.column);
      places.emplace_back(words.back().is_there() ? words.back().size() : 0);
    }
    Counting all;
    std::map<int, Counting> began;  // by year
    const CustomerColumns& today = *shard.today;
    for (size_t row = 0; row < today.size(); ++row) {
      if (today.purchase_days[row] == 0) continue;
      const int64_t days = tenure->whole[row];
      const bool is_lost = lost->whole[row] == 1;
      all.Add(days, is_lost);
      began[ToCivil(today.first_day[row]).year].Add(days, is_lost);
      for (size_t i = 0; i < places.size(); ++i) {
        const int32_t code = words[i].is_there() ? words[i].code(static_cast<int64_t>(row)) : -1;
        if (code >= 0) places[i][static_cast<size_t>(code)].Add(days, is_lost);
      }
    }
    all.PutInto(&partial->curves[{"all", "all"}]);
    for (const auto& [year, counting] : began) counting.PutInto(&partial->curves[{"began", std::to_string(year)}]);
    for (size_t i = 0; i < places.size(); ++i) {
      for (size_t code = 0; code < places[i].size(); ++code) {
        const Counting& counting = places[i][code];
        if (counting.too_young == 0 && counting.by_day.empty()) continue;
        counting.PutInto(&partial->curves[{kPlaceDimensions.at(i).name, *words[i].word(static_cast<int32_t>(code))}]);
      }
    }
    return absl::OkStatus();
  }

  // With the smaller curves of a dimension that has too many brought together.
  static Partial Shown(const Partial& merged) {
    std::map<std::string, std::vector<std::pair<int64_t, std::string>>> ranked;  // the largest first, then by bytes
    for (const auto& [key, followed] : merged.curves) ranked[key.first].emplace_back(-followed.customers(), key.second);
    Partial shown;
    for (auto& [dimension, values] : ranked) {
      std::sort(values.begin(), values.end());
      const size_t alone = values.size() <= kCurvesMax ? values.size() : kCurvesMax - 1;
      for (size_t i = 0; i < values.size(); ++i) {
        const std::string& value = values[i].second;
        shown.curves[{dimension, i < alone ? value : kOtherValues}].Merge(merged.curves.at({dimension, value}));
      }
    }
    return shown;
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    STRATA_RETURN_IF_ERROR(ChurnOf(facts.models).status());
    ReportRows rows("churn_survival", Info().columns);
    for (const auto& [key, followed] : Shown(merged).curves) {
      const std::vector<SurvivalPoint> points = KaplanMeier(followed.counts);
      int64_t lost = 0, told = 0;
      size_t next = 0;
      for (const size_t place : Thinned(points.size())) {
        for (; next <= place; ++next) lost += points[next].events;
        const SurvivalPoint& point = points[place];
        rows.Add({key.first, key.second, int64_t{point.day}, followed.customers(), followed.too_young, point.at_risk,
                  lost - told, point.survival, NumberCell(point.low), NumberCell(point.high)});
        told = lost;
      }
    }
    if (rows.size() == 0) return LeaveOut("nobody is known to be lost");
    return rows.Take();
  }
};

}  // namespace

RegisteredReport ChurnSurvivalReport() { return Registered<ChurnSurvival>(); }

}  // namespace strata

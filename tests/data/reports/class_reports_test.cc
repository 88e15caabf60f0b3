// The reports of classes: their laws, the same table for any shards, and counts against a walk over all customers.
#include "data/reports/class_reports.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <random>

#include "model/classes/scheme_columns.h"
#include "model/rfm/rfm_grids.h"
#include "model/rfm/rfm_score.h"
#include "tests/base/status_matchers.h"
#include "tests/data/reports/class_base.h"

namespace strata {
namespace {

const ClassBase& Base(uint32_t shards) {
  static const ClassBase kOne(1), kThree(3), kMany(64);
  return shards == 1 ? kOne : shards == 3 ? kThree : kMany;
}

std::vector<std::string> PartialsOf(const RegisteredReport& report, const ClassBase& base) {
  std::vector<std::string> partials;
  for (const ReportShard& shard : base.shards()) {
    const auto partial = report.accumulate(shard);
    EXPECT_OK(partial) << report.info.name;
    partials.push_back(*partial);
  }
  return partials;
}

ReportTable TableOf(const RegisteredReport& report, const ClassBase& base) {
  const std::vector<std::string> partials = PartialsOf(report, base);
  const auto table = report.finish({partials.begin(), partials.end()}, base.facts());
  EXPECT_OK(table) << report.info.name;
  return table.ok() ? *table : EmptyTable(report.info.columns.size());
}

TEST(ClassReports, NamesAreUniqueAndColumnsExplained) {
  std::set<std::string> names;
  for (const RegisteredReport& report : ClassReports()) {
    EXPECT_TRUE(names.insert(report.info.name).second) << report.info.name;
    EXPECT_FALSE(report.info.title.empty() || report.info.sources.empty() || report.info.method.empty());
    for (const ReportColumn& column : report.info.columns) EXPECT_FALSE(column.meaning.empty()) << column.name;
  }
  EXPECT_EQ(names.size(), 16u);
}

TEST(ClassReports, PartialsMergeInAnyOrderAndGroups) {
  for (const RegisteredReport& report : ClassReports()) {
    SCOPED_TRACE(report.info.name);
    const std::vector<std::string> partials = PartialsOf(report, Base(64));
    const auto all = report.merge({partials.begin(), partials.end()});
    ASSERT_OK(all);
    for (uint64_t seed = 1; seed <= 5; ++seed) {
      std::mt19937_64 random(seed);
      std::vector<std::string> left = partials;
      while (left.size() > 1) {
        std::shuffle(left.begin(), left.end(), random);
        const size_t group = std::min(left.size(), static_cast<size_t>(2 + random() % 5));
        const auto merged = report.merge({left.end() - static_cast<std::ptrdiff_t>(group), left.end()});
        ASSERT_OK(merged);
        left.resize(left.size() - group);
        left.push_back(*merged);
      }
      EXPECT_EQ(left[0], *all) << "seed " << seed;
    }
    if (all->empty()) continue;
    EXPECT_FALSE(report.merge({std::string_view(*all).substr(0, all->size() - 1)}).ok());
  }
}

TEST(ClassReports, TablesAreTheSameForAnyShards) {
  for (const RegisteredReport& report : ClassReports()) {
    SCOPED_TRACE(report.info.name);
    const ReportTable one = TableOf(report, Base(1));
    EXPECT_GT(one.rows, 0u);
    const auto bytes = EncodeReport(report.info.name, report.info.columns, one);
    ASSERT_OK(bytes);
    for (const uint32_t shards : {3u, 64u}) {
      EXPECT_EQ(*EncodeReport(report.info.name, report.info.columns, TableOf(report, Base(shards))), *bytes) << shards;
    }
  }
}

using Key = std::vector<std::string>;
using Counts = std::map<Key, int64_t>;

// Customers by the text and whole columns named, of rows that have any.
Counts CountsOf(const RegisteredReport& report, const std::vector<std::string>& key, const ClassBase& base) {
  const ReportTable table = TableOf(report, base);
  const auto at = [&report](const std::string& name) {
    const auto found = std::find_if(report.info.columns.begin(), report.info.columns.end(),
                                    [&name](const ReportColumn& column) { return column.name == name; });
    EXPECT_NE(found, report.info.columns.end()) << name;
    return static_cast<size_t>(found - report.info.columns.begin());
  };
  Counts counts;
  for (size_t row = 0; row < table.rows; ++row) {
    Key words;
    for (const std::string& name : key) {
      const size_t column = at(name);
      const bool is_text = StorageOf(report.info.columns[column].type) == ReportStorage::kText;
      words.push_back(is_text ? table.text[column][row].value_or("-") : std::to_string(table.whole[column][row]));
    }
    const int64_t customers = table.whole[at("customers")][row];
    if (customers > 0) counts[words] += customers;
  }
  return counts;
}

std::string NameOf(const ClassBase& base, SchemeId scheme, uint8_t code) {
  return code == 0 ? "-" : ClassNamesOf(base.models(), scheme)[code - 1u];
}
uint8_t CodeOf(const ReportShard& shard, SchemeId scheme, size_t row) {
  return shard.classes->codes[static_cast<size_t>(scheme)][row];
}

// One scheme counted customer by customer.
Counts Walk(const ClassBase& base, SchemeId scheme, const Key& before) {
  Counts counts;
  base.ForEach([&](const ReportShard& shard, size_t row) {
    const uint8_t code = CodeOf(shard, scheme, row);
    if (code == 0) return;
    Key key = before;
    key.push_back(NameOf(base, scheme, code));
    ++counts[key];
  });
  return counts;
}

TEST(ClassReports, CountEveryCustomerOnceByClass) {
  const ClassBase& base = Base(3);
  EXPECT_EQ(CountsOf(ValueClassesReport(), {"class"}, base), Walk(base, SchemeId::kValueClass, {}));
  EXPECT_EQ(CountsOf(LifeCycleReport(), {"class"}, base), Walk(base, SchemeId::kLifeCycle, {}));
  EXPECT_EQ(CountsOf(CustomerStagesReport(), {"stage"}, base), Walk(base, SchemeId::kStage, {}));
  Counts kinds, classes, levels;
  for (const SchemeId scheme : {SchemeId::kCore, SchemeId::kCustomerKind, SchemeId::kNeedClass}) {
    kinds.merge(Walk(base, scheme, {Name(scheme)}));
  }
  EXPECT_EQ(CountsOf(CustomerKindsReport(), {"scheme", "class"}, base), kinds);
  classes.merge(Walk(base, SchemeId::kRfm, {"eleven"}));
  classes.merge(Walk(base, SchemeId::kRfmTen, {"ten"}));
  classes.merge(Walk(base, SchemeId::kRfmEight, {"eight"}));
  EXPECT_EQ(CountsOf(RfmClassesReport(), {"grid", "class"}, base), classes);
  for (const SchemeId scheme : {SchemeId::kValueLevel, SchemeId::kFrequencyLevel, SchemeId::kAmountLevel,
                                SchemeId::kOrderLevel, SchemeId::kSpendingLevel}) {
    levels.merge(Walk(base, scheme, {Name(scheme)}));
  }
  EXPECT_EQ(CountsOf(CustomerLevelsReport(), {"scheme", "class"}, base), levels);
}

TEST(ClassReports, GradesMoveAndAreCounted) {
  const ClassBase& base = Base(3);
  const ReportTable table = TableOf(ValueClassesReport(), base);
  ASSERT_EQ(table.rows, 4u);
  std::array<int64_t, 4> graded{}, up{}, down{}, margin{};
  base.ForEach([&](const ReportShard& shard, size_t row) {
    const uint8_t value = CodeOf(shard, SchemeId::kValueClass, row), grade = CodeOf(shard, SchemeId::kGrade, row);
    if (value == 0) return;
    ++graded.at(grade - 1u);
    up.at(value - 1u) += grade < value;
    down.at(value - 1u) += grade > value;
    margin.at(value - 1u) += shard.columns->Find("margin")->whole[row];
  });
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(table.whole[3][i], margin.at(i));
    EXPECT_EQ(table.whole[6][i], graded.at(i));
    EXPECT_EQ(table.whole[7][i], up.at(i));
    EXPECT_EQ(table.whole[8][i], down.at(i));
  }
}

// Every cut of every axis: whoever is counted with a score has a value between its ends.
void ExpectCutsHold(const ClassBase& base) {
  const ReportTable table = TableOf(RfmCutsReport(), base);
  const RfmModel& model = *base.models().rfm;
  for (size_t row = 0; row < table.rows; ++row) {
    const std::string& axis = *table.text[0][row];
    const std::string group = table.text[1][row].value_or("");
    int64_t expected = 0;
    base.ForEach([&](const ReportShard& shard, size_t i) {
      const CustomerColumns& today = *shard.today;
      if (today.purchase_days[i] == 0) return;
      const std::array<int64_t, 3> values = {today.as_of - today.last_day[i], today.purchase_days[i],
                                             today.net_micros[i]};
      const RfmScores scores = Score(model, values[0], values[1], values[2]);
      const std::string first = std::to_string(scores.recency);
      if (!group.empty() && group != first && group != first + "," + std::to_string(scores.frequency)) return;
      const size_t place = axis == "recency" ? 0 : axis == "frequency" ? 1 : 2;
      const size_t from = place == 2 ? 5 : 3;
      const int64_t low = table.whole[from][row], high = table.whole[from + 1][row];
      expected += (low == kNoWhole || values.at(place) >= low) && (high == kNoWhole || values.at(place) <= high);
    });
    EXPECT_EQ(table.whole[7][row], expected) << axis << " " << group << " score " << table.whole[2][row];
  }
}

TEST(ClassReports, CutsSayWhichValuesHaveAScore) {
  ExpectCutsHold(Base(3));
  ExpectCutsHold(ClassBase(3, {.scores = {3, 4, 2}, .cuts = RfmFitSettings::Cuts::kNested}));
}

TEST(ClassReports, CellsAddUpToTheirClasses) {
  const ClassBase& base = Base(3);
  Counts by_class;
  for (const auto& [key, customers] : CountsOf(RfmCellsReport(), {"ten"}, base)) by_class[{"ten", key[0]}] = customers;
  EXPECT_EQ(by_class, Walk(base, SchemeId::kRfmTen, {"ten"}));
}

TEST(ClassReports, MovesHaveTheCausesOfTheRule) {
  const ClassBase& base = Base(3);
  Counts expected, flow;
  for (const SchemeId scheme :
       {SchemeId::kRfm, SchemeId::kValueClass, SchemeId::kGrade, SchemeId::kLifeCycle, SchemeId::kCore}) {
    const auto slot = static_cast<size_t>(scheme);
    base.ForEach([&](const ReportShard& shard, size_t row) {
      const ClassHistory& history = *shard.history;
      const uint8_t a = history.before[slot][row], b = history.by_old_cuts[slot][row], c = CodeOf(shard, scheme, row);
      if (scheme == SchemeId::kLifeCycle) ++flow[{NameOf(base, scheme, a), NameOf(base, scheme, c)}];
      if (a == c && !history.is_new[row]) return;
      const bool bought = shard.today->last_day[row] > ClassBase::kPreviousAsOf;
      const std::string cause = history.is_new[row] ? "entered"
                                : b == a            ? "cuts"
                                : b == c            ? (bought ? "bought" : "aged")
                                                    : (bought ? "both_bought" : "both_aged");
      ++expected[{Name(scheme), NameOf(base, scheme, a), NameOf(base, scheme, c), cause}];
    });
    for (const ReportShard& shard : base.shards()) {
      for (const ScoredCustomer& gone : *shard.gone) {
        ++expected[{Name(scheme), NameOf(base, scheme, gone.score.classes[slot]), "-", "left"}];
        if (scheme == SchemeId::kLifeCycle) ++flow[{NameOf(base, scheme, gone.score.classes[slot]), "-"}];
      }
    }
  }
  EXPECT_EQ(CountsOf(ClassMovesReport(), {"scheme", "from", "to", "cause"}, base), expected);
  EXPECT_EQ(CountsOf(LifeCycleFlowReport(), {"from", "to"}, base), flow);
  std::set<std::string> causes;
  for (const auto& [key, customers] : expected) causes.insert(key[3]);
  EXPECT_EQ(causes.size(), 7u) << "the base has every cause";

  const ReportTable core = TableOf(CoreListReport(), base);
  int64_t listed = 0;
  for (const auto& [key, customers] : expected) {
    if (key[0] == "core" && (key[1] == "core" || key[2] == "core")) listed += customers;
  }
  EXPECT_EQ(static_cast<int64_t>(core.rows), listed);
}

TEST(ClassReports, NothingMovesInSchemesThatTheFollowedSnapshotLacks) {
  const ClassHistory nothing{.is_new = std::vector<bool>(Base(1).shards()[0].today->size())};
  ReportShard shard = Base(1).shards()[0];
  shard.history = &nothing;
  for (const RegisteredReport& report : {ClassMovesReport(), CoreListReport(), LifeCycleFlowReport()}) {
    const auto partial = report.accumulate(shard);
    ASSERT_OK(partial) << report.info.name;
    const auto table = report.finish({*partial}, Base(1).facts());
    ASSERT_OK(table) << report.info.name;
    EXPECT_EQ(table->rows, 0u) << report.info.name;
  }
}

// A shard that everybody left still says who they were.
TEST(ClassReports, AShardWithoutCustomersTellsWhoIsGone) {
  const CustomerColumns nobody;
  const ColumnSet no_columns;
  const ClassCodes no_classes;
  ClassHistory history;
  history.compared.fill(true);
  ReportShard shard = Base(1).shards()[0];
  shard.today = &nobody;
  shard.columns = &no_columns;
  shard.classes = &no_classes;
  shard.history = &history;
  const auto partial = LifeCycleFlowReport().accumulate(shard);
  const auto moves = ClassMovesReport().accumulate(shard);
  ASSERT_OK(partial);
  ASSERT_OK(moves);
  EXPECT_EQ(LifeCycleFlowReport().finish({*partial}, Base(1).facts())->rows, 7u);
  const auto table = ClassMovesReport().finish({*moves}, Base(1).facts());
  ASSERT_OK(table);
  int64_t gone = 0;
  for (size_t row = 0; row < table->rows; ++row) gone += table->whole[4][row];
  EXPECT_EQ(gone, 5 * 40);
}

TEST(ClassReports, LossesHaveTheirGreatestCause) {
  const ClassBase& base = Base(3);
  Counts expected;
  base.ForEach([&](const ReportShard& shard, size_t row) {
    const auto value = [&](const char* name) {
      const int64_t found = shard.columns->Find(name)->whole[row];
      return found == kNoWhole && std::string(name) != "margin" ? 0 : found;
    };
    if (value("margin") == kNoWhole || value("margin") >= 0) return;
    const int64_t net = value("gross") - value("returns");
    const std::vector<std::pair<std::string, int64_t>> causes = {
        {"goods", std::max<int64_t>(0, value("goods_cost") - std::max<int64_t>(net, 0))},
        {"service", value("service_cost")},
        {"contact", value("contact_cost")},
        {"retention", value("retention_cost")},
        {"discount", value("discount") + value("discount_cost")},
        {"returns", std::max<int64_t>(0, -net)}};
    std::pair<std::string, int64_t> best = causes[0];
    for (const auto& cause : causes) best = cause.second > best.second ? cause : best;
    ++expected[{best.first}];
  });
  EXPECT_GT(expected.size(), 2u);
  EXPECT_EQ(CountsOf(LossMakersReport(), {"cause"}, base), expected);
}

TEST(ClassReports, PotentialIsWhatPeersHaveMore) {
  const ClassBase& base = Base(3);
  std::map<Key, std::vector<int64_t>> margins;
  base.ForEach([&](const ReportShard& shard, size_t row) {
    const PeerColumns peers(*shard.columns);
    const int64_t margin = shard.columns->Find("margin")->whole[row];
    const uint64_t code = peers.Code(row);
    const auto word = [](std::string_view text) { return text.empty() ? std::string("-") : std::string(text); };
    if (margin == kNoWhole) return;
    margins[{word(peers.Region(code)), word(peers.Tenure(code)), word(peers.Category(code))}].push_back(margin);
  });
  const ReportTable table = TableOf(GrowthPotentialReport(), base);
  size_t groups = 0;
  for (auto& [key, values] : margins) groups += values.size() >= 20;
  ASSERT_EQ(table.rows, groups);
  for (size_t row = 0; row < table.rows; ++row) {
    std::vector<int64_t>& values =
        margins[{table.text[0][row].value_or("-"), table.text[1][row].value_or("-"), table.text[2][row].value_or("-")}];
    std::sort(values.begin(), values.end());
    const int64_t quantile = values[(values.size() * 8 + 9) / 10 - 1];
    int64_t below = 0, potential = 0;
    for (const int64_t margin : values) {
      below += margin < quantile;
      potential += std::max<int64_t>(0, quantile - margin);
    }
    EXPECT_EQ(table.whole[3][row], static_cast<int64_t>(values.size()));
    EXPECT_EQ(table.whole[4][row], quantile);
    EXPECT_EQ(table.whole[5][row], below);
    EXPECT_EQ(table.whole[6][row], potential);
  }
}

TEST(ClassReports, TheWhaleCurveEqualsASort) {
  const ClassBase& base = Base(3);
  std::vector<int64_t> margins;
  base.ForEach([&](const ReportShard& shard, size_t row) {
    const int64_t margin = shard.columns->Find("margin")->whole[row];
    if (margin != kNoWhole) margins.push_back(margin);
  });
  std::sort(margins.rbegin(), margins.rend());
  const ReportTable table = TableOf(ValueConcentrationReport(), base);
  ASSERT_EQ(table.rows, 100u);
  for (size_t row = 0; row < table.rows; ++row) {
    const size_t top = (margins.size() * (row + 1) + 99) / 100;
    int64_t sum = 0;
    for (size_t i = 0; i < top; ++i) sum += margins[i];
    EXPECT_EQ(table.whole[1][row], static_cast<int64_t>(top));
    EXPECT_EQ(table.whole[2][row], sum) << row + 1 << " %";
  }
}

}  // namespace
}  // namespace strata

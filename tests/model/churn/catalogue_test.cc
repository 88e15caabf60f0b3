#include "model/churn/catalogue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "model/churn/features_markdown.h"

namespace strata {
namespace {

TEST(ChurnCatalogue, HasTheNamesAndGroupsThatJobsMayUse) {
  std::vector<std::string> names;
  std::set<std::string> groups;
  std::vector<ChurnFeature> all(ChurnCatalogue().begin(), ChurnCatalogue().end());
  all.insert(all.end(), ChurnLineCatalogue().begin(), ChurnLineCatalogue().end());
  for (const ChurnFeature& feature : all) {
    names.push_back(feature.name);
    groups.insert(feature.group);
    for (const std::string* text : {&feature.formula, &feature.group, &feature.high_words, &feature.low_words}) {
      EXPECT_FALSE(text->empty()) << feature.name;
    }
    if (feature.type != ColumnType::kText) {
      EXPECT_NE(feature.high_words, feature.low_words) << feature.name;
    }
    EXPECT_GT(feature.scale, 0) << feature.name;
  }
  std::vector<std::string> known(kChurnFeatureNames.begin(), kChurnFeatureNames.end());
  for (const ChurnLineFeature& line : kChurnLineFeatures) known.emplace_back(line.name);
  EXPECT_EQ(names, known);
  EXPECT_EQ(groups, std::set<std::string>(kChurnGroupNames.begin(), kChurnGroupNames.end()));
}

TEST(ChurnCatalogue, GivesAJobWhatItChooses) {
  const std::vector<ChurnFeature> attributes = {AttributeFeature("customers.tickets", ColumnType::kInteger),
                                                AttributeFeature("customers.plan", ColumnType::kText)};
  EXPECT_EQ(FeaturesOf({}, attributes).size(), kChurnFeatureNames.size() + 2);
  const std::vector<ChurnFeature> chosen = FeaturesOf({.features = {"customers.tickets", "net", "recency_days"},
                                                       .groups = {{"service", {"customers.tickets", "net"}}},
                                                       .monotone = {{"recency_days", 1}}},
                                                      attributes);
  ASSERT_EQ(chosen.size(), 3u);  // in the order of the catalogue
  EXPECT_EQ(chosen[0].name, "recency_days");
  EXPECT_EQ(chosen[0].monotone, 1);
  EXPECT_EQ(chosen[0].group, "inactivity");
  EXPECT_EQ(chosen[1].name, "net");
  EXPECT_EQ(chosen[1].group, "service");
  EXPECT_EQ(chosen[2].name, "customers.tickets");
  EXPECT_EQ(chosen[2].group, "service");
  EXPECT_EQ(chosen[2].column, "customers.tickets");
}

TEST(ChurnCatalogue, TellsAttributesByTheirType) {
  EXPECT_EQ(AttributeFeature("customers.income", ColumnType::kMoney).scale, 1e-6);
  EXPECT_EQ(AttributeFeature("customers.joined", ColumnType::kDay).unit, "days");
  EXPECT_EQ(AttributeFeature("customers.joined", ColumnType::kDay).formula, "joined: days since");
  EXPECT_FALSE(AttributeFeature("customers.vip", ColumnType::kFlag).logarithm);
  EXPECT_EQ(AttributeFeature("customers.vip", ColumnType::kFlag).group, "customers.vip");
}

TEST(ChurnCatalogue, IsWhatThePageSays) {
  const std::ifstream page("docs/churn-features.md");
  ASSERT_TRUE(page.is_open());
  std::ostringstream text;
  text << page.rdbuf();
  EXPECT_EQ(text.str(), ChurnFeaturesMarkdown()) << "write the page anew from the catalogue";
}

TEST(ChurnPlan, ComesBackFromItsBytes) {
  ChurnPlan plan;
  plan.features = FeaturesOf({.monotone = {{"net", -1}}}, {});
  plan.features.push_back(AttributeFeature("customers.plan", ColumnType::kText));
  plan.levels.resize(plan.features.size());
  plan.levels.back() = {"gold", "", "basic"};
  plan.horizon_days = 30;
  plan.eligible_days = 61;
  plan.cutoffs = 4;
  plan.question = ChurnQuestion::kUndatedLabel;
  ByteWriter writer;
  plan.Encode(&writer);
  ByteReader reader(writer.bytes());
  EXPECT_EQ(ChurnPlan::Decode(&reader), plan);
  EXPECT_TRUE(reader.Finish("a plan").ok());
  for (size_t size = 0; size < writer.bytes().size(); ++size) {
    ByteReader cut(std::string_view(writer.bytes()).substr(0, size));
    ChurnPlan::Decode(&cut);
    EXPECT_FALSE(cut.ok()) << size;
  }
}

}  // namespace
}  // namespace strata

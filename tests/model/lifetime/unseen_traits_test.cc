// What a kept fit of covariates is met with and never saw.
#include "model/lifetime/unseen_traits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/lifetime/covariate_coding.h"
#include "tests/base/status_matchers.h"
#include "tests/model/lifetime/customer_base.h"

namespace strata {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

CovariateSource Region() {
  return {.column = "region", .is_category = true, .reference = "south", .levels = {"east", "north"}};
}

CovariateModel ModelOf(std::vector<CovariateSource> sources) {
  CovariateModel model;
  model.sources = std::move(sources);
  model.traits = TraitsOf(model.sources);
  for (size_t trait = 0; trait < model.traits.size(); ++trait) model.fit.kept.rate.push_back(trait);
  model.fit.fitted = true;
  return model;
}

// Six customers, the last of them without a purchase.
class Customers {
 public:
  Customers() : base_(1000) {
    for (uint64_t hash = 1; hash <= 6; ++hash) base_.Add(hash, hash < 6 ? 2 : 0, 0, 100, 0);
    profile_.Add({.name = "region", .type = ColumnType::kText, .code = codes_, .words = words_});
    profile_.Add({.name = "age", .whole = ages_});
  }

  UnseenTraits Of(const CovariateModel& model) const { return UnseenTraits::Of(model, base_.Columns(), &profile_); }

 private:
  const std::vector<std::string> words_ = {"east", "moon", "south", "sun"};
  const std::vector<int32_t> codes_ = {0, 1, 3, 2, -1, 1};
  const std::vector<int64_t> ages_ = {30, kNoWhole, 40, kNoWhole, 50, kNoWhole};
  CustomerBase base_;
  ColumnSet profile_;
};

TEST(UnseenTraits, AreCountedWhereTheyAreScoredAsSomethingElse) {
  const CovariateModel model = ModelOf({Region(), {.column = "age"}});
  EXPECT_THAT(Customers().Of(model).Warnings(model),
              ElementsAre("lifetime covariate age: 2 customers have none, as nobody had in the fit; they are scored as "
                          "the mean until the model is fitted anew",
                          "lifetime covariate region: 2 customers have a level that its fit never met, 1 customer has "
                          "none, as nobody had in the fit; they are scored as south until the model is fitted anew"));
}

TEST(UnseenTraits, AreNotThoseThatHaveATraitOrThatNobodyReads) {
  CovariateSource region = Region();
  region.has_other = region.has_missing = true;
  const CovariateModel known = ModelOf({region, {.column = "age", .has_missing = true}});
  EXPECT_THAT(Customers().Of(known).Warnings(known), IsEmpty());
  CovariateModel left_out = ModelOf({Region(), {.column = "age"}});
  left_out.fit.kept.rate = {2};  // age alone
  EXPECT_EQ(Customers().Of(left_out).Warnings(left_out).size(), 1u);
  left_out.fit.kept.rate.clear();
  EXPECT_EQ(Customers().Of(left_out).Encode(), "");
}

TEST(UnseenTraits, OfShardsAddUp) {
  const CovariateModel model = ModelOf({{.column = "age"}});
  const std::string part = Customers().Of(model).Encode();
  UnseenTraits sum;
  for (int shard = 0; shard < 3; ++shard) {
    const auto decoded = UnseenTraits::Decode(part);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    sum.Merge(*decoded);
  }
  sum.Merge(*UnseenTraits::Decode(""));
  EXPECT_THAT(sum.Warnings(model), ElementsAre(testing::HasSubstr("age: 6 customers have none")));
  EXPECT_FALSE(UnseenTraits::Decode(part.substr(0, part.size() - 1)).ok());
}

}  // namespace
}  // namespace strata

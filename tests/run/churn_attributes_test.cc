// Which columns of the customers table churn may look at.
#include "run/churn_attributes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "run/job_file.h"

namespace strata {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kHead[] = R"(name: churn
currency: EUR
sources:
  transactions: {uri: t.csv, columns: {customer_id: c, time: t, amount: a}}
  customers:
    uri: c.csv
    columns: {customer_id: id, gender: sex, age: y, registered_at: r, birth_date: b, consent_profiling: k,
              contract_start: s, contract_end: e, referrer_id: f}
    extra:
      tickets: {column: n, type: number}
      left_at: {column: l, type: day}
)";

std::vector<std::string> NamesOf(const ChurnAttributes& attributes) {
  std::vector<std::string> names;
  for (const ChurnAttribute& attribute : attributes.offered) {
    names.push_back(attribute.name + (attribute.fixed ? " (static)" : ""));
  }
  return names;
}

ChurnAttributes AttributesOf(const ChurnSettings& settings, const std::string& more = "") {
  const absl::StatusOr<Job> job = ParseJob(kHead + more, "j");
  EXPECT_TRUE(job.ok()) << job.status();
  return job.ok() ? ChurnAttributesOf(*job, settings) : ChurnAttributes{};
}

TEST(ChurnAttributes, LookAtColumnsWhoseRowsSaySinceWhenTheyHold) {
  const std::string dates = "    valid_from: {\"c_2024*.csv\": 2024-01-01}\n";
  EXPECT_THAT(NamesOf(AttributesOf({}, dates)),
              ElementsAre("customers.birth_date", "customers.age", "customers.gender",
                          "customers.registered_at", "customers.contract_start", "customers.left_at",
                          "customers.tickets"));
  EXPECT_EQ(AttributesOf({}, dates).left_out.at("customers.contract_end"), "the end of a contract is the answer");
  EXPECT_EQ(AttributesOf({}, dates).left_out.at("customers.consent_profiling"), "consent is no feature");
}

TEST(ChurnAttributes, LeaveOutColumnsThatKnowOnlyToday) {
  const ChurnAttributes attributes = AttributesOf({.fixed_columns = {"customers.gender"}});
  EXPECT_THAT(NamesOf(attributes), ElementsAre("customers.birth_date (static)", "customers.gender (static)",
                                               "customers.registered_at (static)"));
  EXPECT_EQ(attributes.left_out.at("customers.age"), "no valid_from; name it under churn.static if it never changes");
  EXPECT_EQ(attributes.left_out.count("customers.referrer_id"), 0u);  // an id: nobody expects it
}

TEST(ChurnAttributes, LeaveOutWhatIsAskedAbout) {
  const std::string dates = "    valid_from: 2024-01-01\n";
  const ChurnAttributes attributes = AttributesOf(
      {.label = ChurnLabel{.column = "customers.gender", .positive = "left", .as_of_column = "customers.left_at"},
       .contract = ChurnContract{.start = "customers.contract_start", .end = "customers.contract_end"}},
      dates);
  EXPECT_EQ(attributes.left_out.at("customers.gender"), "it is the label");
  EXPECT_EQ(attributes.left_out.at("customers.left_at"), "it is the label");
  EXPECT_EQ(attributes.left_out.at("customers.contract_start"), "it is the contract that is asked about");
}

TEST(ChurnAttributes, KnowNothingOfCustomersWithoutTheirTable) {
  const absl::StatusOr<Job> job = ParseJob(
      "name: a\ncurrency: EUR\nsources:\n  transactions: {uri: t, columns: {customer_id: c, time: t, amount: a}}\n",
      "j");
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_THAT(ChurnAttributesOf(*job, {}).offered, IsEmpty());
}

}  // namespace
}  // namespace strata

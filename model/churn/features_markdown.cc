#include "model/churn/features_markdown.h"

#include <fmt/format.h>

#include "model/churn/catalogue.h"

namespace strata {
namespace {

constexpr char kHead[] = R"(# What churn looks at

<!-- Made from the catalogue of features (model/churn/catalogue.cc). -->

Every feature of the churn model, as of a cutoff: nothing that happened after it is in any of them. Windows end at the cutoff and include it; the last 90
days are the 90 days up to and including the cutoff. A purchase day is a day with at least one row that is not a return. The group is what a reason is called; `groups` in the
job moves features to others. `features` names a subset; without it a model looks at all of them.

)";

constexpr char kLines[] = R"(
## Details of transactions

A job that keeps details (`order_id`, `promotion_id`, `category` ... in the columns of transactions) has these as well, each where the detail is mapped. A category is the row's, else its
product's. Rows, orders and amounts are those of purchases; an order without an id is a day.

)";

constexpr char kTail[] = R"(
## Columns of the customers table

Every column of the table with numbers, days, flags or words is a feature as well, named `customers.age`, in a group of its own, provided that it is known *since when* it holds:

- the source maps `valid_from`, or gives dates of files: at a cutoff the version that holds there counts, and it is missing before the first one;
- or the job names it under `churn.static`: it never changes, and the version of the run's date counts at every cutoff. Where no row has a date, `registered_at` and `birth_date` are static anyway.

Columns without either are left out, since what they say today may tell of the time after the cutoff. Ids, consents and the end of a contract are never features. A day
counts as days since (below 0: still to come). Words are categories: the 63 that most training rows have, all others together.

## Missing values

Trees keep a missing value as missing, and learn where it goes. The logistic model takes the median of the training rows and, beside it, whether the value was missing; words that
it has not seen count as none of its levels.

## Codes

A number is kept as a code of 16 bits that rises with it: exact for whole numbers below 1,024, to 2^-9 of its size above. Trees see order alone, so what is lost is which of two
values within 0.2 % of one another is the greater.
)";

std::string TableOf(std::span<const ChurnFeature> features) {
  std::string table =
      "| feature | what it is | unit | group | high means | low means |\n| --- | --- | --- | --- | --- | --- |\n";
  for (const ChurnFeature& feature : features) {
    table += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", feature.name, feature.formula, feature.unit,
                         feature.group, feature.high_words, feature.low_words);
  }
  return table;
}

}  // namespace

std::string ChurnFeaturesMarkdown() {
  std::string page = kHead;
  page += TableOf(ChurnCatalogue());
  page += kLines;
  page += TableOf(ChurnLineCatalogue());
  return page + kTail;
}

}  // namespace strata

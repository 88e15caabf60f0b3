#include "run/table_schema.h"

#include <algorithm>
#include <array>

namespace strata {
namespace {

using enum ValueType;

constexpr int64_t kMicros = 1'000'000;
constexpr int64_t kMaxAgeYears = 130;  // nobody has been older
constexpr int64_t kMaxCityTier = 9;
constexpr int64_t kMaxScorePoints = 100;

struct Rules {
  std::string_view unit = {};
  std::string_view words = {};
  std::optional<int64_t> min = {};
  std::optional<int64_t> max = {};
  std::string_view not_before = {};
};
constexpr Rules kNotNegative = {.min = 0};
constexpr Rules kSeconds = {.unit = "seconds", .min = 0};
constexpr Rules kWholeShare = {.min = 0, .max = kMicros};  // of one million

constexpr ColumnSchema Column(std::string_view name, ValueType type, int marks, std::string_view meaning,
                              const Rules& rules = {}) {
  return {name,   type, static_cast<uint16_t>(marks), rules.unit, rules.words, rules.min, rules.max, rules.not_before,
          meaning};
}

constexpr ColumnSchema Choice(std::string_view name, int marks, std::string_view words, std::string_view meaning) {
  return Column(name, kChoice, marks, meaning, {.words = words});
}

constexpr int kOwner = kRequired | kCustomer;

constexpr ColumnSchema kTransactionColumns[] = {
    Column("customer_id", kKey, kOwner | kOfCustomers, "who bought"),
    Column("time", kTime, kRequired | kRowTime, "when"),
    Column("amount", kMoney, 0, "of the row; else quantity × unit_price"),
    Column("quantity", kDecimal, 0, "pieces; below 0 for a return"),
    Column("unit_price", kMoney, 0, "for one piece"),
    Column("currency", kCategory, 0, "of the amount; the job's, or one that has rates"),
    Column("is_return", kFlag, 0, "whether the row is a return; else a quantity or an amount below 0 is one"),
    Column("transaction_id", kKey, kRowKey, "what makes rows duplicates of one another"),
    Column("updated_at", kTime, kUpdatedAt, "which row of one transaction_id is the latest"),
    Column("order_id", kKey, kLineDetail, "rows that were bought together"),
    Column("product_id", kCategory, kLineDetail | kOfProducts, "what was bought"),
    Column("region", kCategory, kLineDetail, "where"),
    Column("channel", kCategory, kLineDetail, "through which store or channel"),
    Column("promotion_id", kCategory, kLineDetail, "the promotion that the row used"),
    Column("due_date", kDay, kLineDetail, "when it had to be paid"),
    Column("payment_date", kDay, kLineDetail, "when it was paid"),
    Column("category", kCategory, kLineDetail, "of what was bought; else the product's"),
    Column("discount", kMoney, kLineDetail, "what was taken off the price", kNotNegative),
    Column("cost", kMoney, kLineDetail, "of the goods of the row; else quantity × products.unit_cost", kNotNegative),
};

constexpr ColumnSchema kCustomerColumns[] = {
    Column("customer_id", kKey, kOwner | kRowKey, "who"),
    Choice("type", 0, "person|company", "a person or a company"),
    Choice("trade_role", 0, "wholesaler_1|wholesaler_2|retailer|end_user|internal|supplier|distributor|agent",
           "place in the trade"),
    Column("birth_date", kDay, 0, "of a person"),
    Column("age", kInteger, 0, "in whole years", {.unit = "years", .min = 0, .max = kMaxAgeYears}),
    Choice("gender", 0, "female|male|other|unknown", "of a person"),
    Column("country", kCategory, 0, "where the customer lives"),
    Column("region", kCategory, 0, "part of the country, as market.region names it"),
    Column("city", kCategory, 0, "town"),
    Column("city_tier", kInteger, 0, "1 is the largest cities", {.min = 1, .max = kMaxCityTier}),
    Choice("area", 0, "urban|rural|overseas", "kind of place"),
    Column("occupation", kCategory, 0, "of a person"),
    Column("industry", kCategory, 0, "of a company, or of a person's work"),
    Column("income_band", kCategory, 0, "of a person"),
    Column("education", kCategory, 0, "of a person"),
    Column("registered_at", kDay, 0, "when the customer was first known"),
    Column("source_channel", kCategory, 0, "where the customer came from"),
    Column("referrer_id", kKey, kOfCustomers, "the customer who brought this one"),
    Column("parent_id", kKey, kOfCustomers, "the chain or household that this one belongs to"),
    Column("buyer_is_user", kFlag, 0, "whether who pays is who uses"),
    Column("consent_marketing", kFlag, 0, "whether messages are allowed"),
    Column("consent_profiling", kFlag, 0, "whether profiling is allowed"),
    Column("contract_start", kDay, 0, "first day of the contract"),
    Column("contract_end", kDay, 0, "last day of the contract", {.not_before = "contract_start"}),
    Choice("period", 0, "week|month|quarter|half_year|year", "how often the contract is paid"),
    Column("valid_from", kDay, kValidFrom | kRowKey, "first day on which the row holds"),
};

constexpr ColumnSchema kProductColumns[] = {
    Column("product_id", kCategory, kRequired | kRowKey, "which product"),
    Column("category", kCategory, 0, "what it is"),
    Column("brand", kCategory, 0, "whose it is"),
    Column("price_tier", kCategory, 0, "how dear it is"),
    Column("style", kCategory, 0, "how it looks"),
    Column("launch_date", kDay, 0, "first day on which it was sold"),
    Column("unit_cost", kMoney, 0, "what one piece costs the seller", kNotNegative),
    Column("function_tags", kTags, 0, "what it is good for"),
    Choice("risk_grade", 0, "R1|R2|R3|R4|R5", "of a financial product; R5 is the riskiest"),
    Column("minimum_amount", kMoney, 0, "the smallest sum that can be put in", kNotNegative),
    Column("needs_experience", kFlag, 0, "whether it is for experienced customers only"),
    Column("is_derivative", kFlag, 0, "whether it is a derivative"),
    Column("valid_from", kDay, kValidFrom | kRowKey, "first day on which the row holds"),
};

constexpr ColumnSchema kCostColumns[] = {
    Column("customer_id", kKey, kCustomer | kOfCustomers, "whom it was spent on; a row has this, or an activity"),
    Column("activity", kCategory, 0, "what it was spent on, where no customer is named"),
    Column("period", kDay, kRequired | kRowTime, "first day of the period that it counts for"),
    Choice("type", kRequired, "goods|service|contact|retention|discount", "kind of cost"),
    Column("amount", kMoney, kRequired, "of the cost; below 0 for a correction"),
};

constexpr ColumnSchema kContactColumns[] = {
    Column("customer_id", kKey, kOwner | kOfCustomers, "who was contacted"),
    Column("time", kTime, kRequired | kRowTime, "when"),
    Column("department", kCategory, 0, "by which department"),
    Column("channel", kCategory, 0, "through which channel"),
    Column("product_id", kCategory, kOfProducts, "about which product"),
    Column("campaign_id", kCategory, 0, "for which campaign"),
    Column("responded", kFlag, 0, "whether the customer answered"),
};

constexpr ColumnSchema kCaseColumns[] = {
    Column("case_id", kKey, kRowKey, "which case"),
    Column("customer_id", kKey, kOwner | kOfCustomers, "whose case"),
    Choice("kind", kRequired, "opinion|complaint|consultation", "what it is"),
    Column("opened", kTime, kRequired | kRowTime, "when the customer came"),
    Column("closed", kTime, 0, "when it was closed", {.not_before = "opened"}),
    Column("product_id", kCategory, kOfProducts, "about which product"),
    Column("region", kCategory, 0, "where"),
    Column("rep", kCategory, 0, "who took it"),
    Column("department", kCategory, 0, "which department took it"),
    Choice("outcome", 0, "solved|unsolved|withdrawn", "how it ended"),
    Column("cause", kCategory, 0, "why it came up, or why it was not solved"),
    Column("suggestion_followed", kFlag, 0, "whether the customer did what was advised"),
    Column("updated_at", kTime, kUpdatedAt, "which row of one case_id is the latest"),
};

constexpr ColumnSchema kSurveyColumns[] = {
    Column("response_id", kKey, kRowKey, "which response"),
    Column("customer_id", kKey, kOwner | kOfCustomers, "who answered"),
    Column("time", kTime, kRequired | kRowTime, "when"),
    Column("invited_at", kTime, 0, "when the customer was asked"),
    Choice("instrument", kRequired, "csat|nps|loyalty|kano|need", "kind of survey"),
    Column("item", kCategory, kRowKey, "which question, feature or need"),
    Choice("form", kRowKey, "present|absent", "kano: asked as if the feature were there, or not there"),
    Column("score", kDecimal, kRequired,
           "the answer: nps whole 0 to 10, kano whole 1 (like) to 5 (dislike), else 0 to 100",
           {.unit = "points", .min = 0, .max = kMaxScorePoints * kMicros}),
    Column("product_id", kCategory, kOfProducts, "about which product"),
    Column("region", kCategory, 0, "where"),
    Column("updated_at", kTime, kUpdatedAt, "which row of one response_id is the latest"),
};

constexpr ColumnSchema kUsageColumns[] = {
    Column("customer_id", kKey, kOwner | kOfCustomers, "who used it"),
    Column("time", kTime, kRequired | kRowTime, "when"),
    Column("product_id", kCategory, kOfProducts, "what was used"),
    Column("duration", kInteger, 0, "for how long", kSeconds),
    Column("scenario", kCategory, 0, "where or for what"),
};

constexpr ColumnSchema kVisitColumns[] = {
    Column("customer_id", kKey, kOwner | kOfCustomers, "who visited"),
    Column("time", kTime, kRequired | kRowTime, "when"),
    Column("page", kCategory, 0, "which page"),
    Column("category", kCategory, 0, "of what the page shows"),
    Column("device", kCategory, 0, "with which device"),
    Column("action", kCategory, 0, "what was done there"),
    Column("duration", kInteger, 0, "for how long", kSeconds),
};

constexpr ColumnSchema kCampaignColumns[] = {
    Column("customer_id", kKey, kOwner | kOfCustomers | kRowKey, "who was chosen"),
    Column("campaign_id", kCategory, kRequired | kRowKey, "for which campaign"),
    Column("assigned_at", kTime, kRowTime, "when"),
    Choice("arm", 0, "treated|control", "whether the customer got it, or was held back to compare"),
    Column("sent", kTime, kStandsIn | kFlagServes, "when it was sent"),
    Column("opened", kTime, kFlagServes, "when it was opened"),
    Column("clicked", kTime, kFlagServes, "when it was clicked"),
    Column("redeemed", kTime, kFlagServes, "when the offer was taken"),
    Column("cost", kMoney, 0, "of reaching this customer", kNotNegative),
    Column("updated_at", kTime, kUpdatedAt, "which row of one customer and campaign is the latest"),
};

constexpr ColumnSchema kKycColumns[] = {
    Column("customer_id", kKey, kOwner | kOfCustomers | kRowKey, "who was assessed"),
    Column("assets", kMoney, 0, "what the customer owns", kNotNegative),
    Column("liabilities", kMoney, 0, "what the customer owes", kNotNegative),
    Column("income", kMoney, 0, "in a year", kNotNegative),
    Column("invested", kMoney, 0, "what the customer has invested", kNotNegative),
    Choice("experience", 0, "none|some|experienced", "with investments"),
    Column("goals", kTags, 0, "what the money is for"),
    Choice("risk_score", 0, "C1_lowest|C1|C2|C3|C4|C5", "how much risk the customer can bear; C5 is the most"),
    Column("assessed_at", kDay, kStandsIn, "when"),
    Column("assessed_where", kCategory, 0, "where"),
    Column("signed", kFlag, 0, "whether the customer signed the assessment"),
    Choice("investor_class", 0, "retail|professional", "as the law classes investors"),
    Column("valid_from", kDay, kValidFrom | kRowKey, "first day on which the row holds"),
};

constexpr ColumnSchema kMarketColumns[] = {
    Column("region", kCategory, kRequired | kRowKey, "where"),
    Column("category", kCategory, kRequired | kRowKey, "of what"),
    Column("competitor", kCategory, kRowKey, "whose share competitor_share is"),
    Column("market_size", kMoney, 0, "all sales there in a year", kNotNegative),
    Column("own_share", kShare, 0, "of the market", kWholeShare),
    Column("competitor_share", kShare, 0, "of the market", kWholeShare),
    Choice("position", 0, "leader|follower|challenger", "of the competitor"),
    Column("relation", kCategory, 0, "what customers are to the competitor"),
    Column("valid_from", kDay, kValidFrom | kRowKey, "first day on which the row holds"),
};

constexpr ColumnSchema kLinkColumns[] = {
    Column("customer_id", kKey, kOwner | kRowKey, "who is named"),
    Choice("kind", kRequired, "referrer|parent", "as what"),
};

constexpr std::array<TableSchema, kTableCount> kTables = {{
    {TableId::kTransactions, "transactions", Effect::kEvent, Placing::kCustomer,
     "What customers bought and gave back, a row a line of a receipt.", kTransactionColumns},
    {TableId::kCustomers, "customers", Effect::kVersion, Placing::kCustomer,
     "Who the customers are, those who never bought included.", kCustomerColumns},
    {TableId::kProducts, "products", Effect::kVersion, Placing::kReference, "What is sold.", kProductColumns},
    {TableId::kCosts, "costs", Effect::kEvent, Placing::kEither,
     "What was spent on customers, or on activities for all of them.", kCostColumns},
    {TableId::kContacts, "contacts", Effect::kEvent, Placing::kCustomer, "When the company turned to a customer.",
     kContactColumns},
    {TableId::kCases, "cases", Effect::kEvent, Placing::kCustomer,
     "When a customer turned to the company: opinions, complaints, consultations.", kCaseColumns},
    {TableId::kSurveys, "surveys", Effect::kEvent, Placing::kCustomer, "Answers to questions, a row an answer.",
     kSurveyColumns},
    {TableId::kUsage, "usage", Effect::kEvent, Placing::kCustomer, "When products were used.", kUsageColumns},
    {TableId::kVisits, "visits", Effect::kEvent, Placing::kCustomer, "Visits to the web site or the app, a row a page.",
     kVisitColumns},
    {TableId::kCampaigns, "campaigns", Effect::kEvent, Placing::kCustomer,
     "Who was chosen for which campaign, and what came of it.", kCampaignColumns},
    {TableId::kKyc, "kyc", Effect::kVersion, Placing::kCustomer, "Financial profiles of customers.", kKycColumns},
    {TableId::kMarket, "market", Effect::kVersion, Placing::kReference, "What is known of the market and of rivals.",
     kMarketColumns},
}};

constexpr TableSchema kLinkTable = {
    TableId::kLinks, "links", Effect::kEvent, Placing::kCustomer, "Customers whom others name.", kLinkColumns};

}  // namespace

const ColumnSchema* TableSchema::Marked(ColumnMark mark) const {
  const auto found = std::find_if(columns.begin(), columns.end(), [mark](const ColumnSchema& c) { return c.Is(mark); });
  return found == columns.end() ? nullptr : &*found;
}

const ColumnSchema* TableSchema::FirstKey() const { return Marked(kRowKey); }

std::span<const TableSchema> AllTables() { return kTables; }

const TableSchema& SchemaOf(TableId table) {
  return table == TableId::kLinks ? kLinkTable : kTables[static_cast<size_t>(table)];
}

std::optional<TableId> TableNamed(std::string_view name) {
  for (const TableSchema& table : kTables) {
    if (table.name == name) return table.id;
  }
  return std::nullopt;
}

const ColumnSchema* FindColumn(TableId table, std::string_view name) {
  const std::span<const ColumnSchema> columns = SchemaOf(table).columns;
  const auto found =
      std::find_if(columns.begin(), columns.end(), [name](const ColumnSchema& c) { return c.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

std::vector<std::string> WordsOf(const ColumnSchema& column) {
  std::vector<std::string> words;
  std::string_view rest = column.words;
  while (!rest.empty()) {
    const size_t bar = rest.find('|');
    words.emplace_back(rest.substr(0, bar));
    rest = bar == std::string_view::npos ? std::string_view() : rest.substr(bar + 1);
  }
  return words;
}

}  // namespace strata

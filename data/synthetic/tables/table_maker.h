// The tables beside transactions of a run of customers, and the truth about them: a pure function of (world, customer
// number) for every customer, so nothing depends on files or threads. Not thread-safe; one per file.
// docs/generate.md says what is planted.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "data/synthetic/life.h"
#include "data/synthetic/tables/faults.h"
#include "data/synthetic/tables/made_table.h"
#include "data/synthetic/world.h"

namespace strata {

// Tables that are written beside the transactions of the same customers.
inline constexpr std::array<TableId, 9> kCustomerTables = {TableId::kCustomers, TableId::kCosts,     TableId::kContacts,
                                                           TableId::kCases,     TableId::kSurveys,   TableId::kUsage,
                                                           TableId::kVisits,    TableId::kCampaigns, TableId::kKyc};

inline constexpr int kNeverBuysDivisor = 50;  // so many customers to one who is known and never buys
inline constexpr double kLossMakerShare = 0.03;
inline constexpr double kHeldBackShare = 0.05;
inline constexpr int kHeldBackPercent = 70;  // of their margin, spent on keeping them
inline constexpr int kMoveDays = 28;         // between the two nights whose moves have known causes
inline constexpr int kLateFeedDays = 10;     // usage ends so many days before the last day
inline constexpr int kCampaignCount = 4;
inline constexpr std::array<double, 5> kMeanSatisfaction = {84, 90, 76, 58, 68};  // of csat, by group
struct KanoItem {
  std::string_view item;
  std::string_view planted_class;
  int present, absent;  // typical answers: 1 like … 5 dislike
};
inline constexpr std::array<KanoItem, 4> kKanoItems = {{{"delivery next day", "one_dimensional", 1, 5},
                                                        {"whole parcel", "must_be", 2, 5},
                                                        {"gift wrapping", "attractive", 1, 3},
                                                        {"printed catalogue", "indifferent", 3, 3}}};
inline constexpr double kRedeemedControl = 0.04;  // share that takes the offer without getting it
inline constexpr double kRedeemedTreated = 0.16;
inline constexpr double kComplaintShare = 0.1;
inline constexpr double kComplaintShareService = 0.7;  // of those who leave for the service

inline constexpr std::string_view kTicketsColumn = "tickets";  // of customers, of a base of shape causes

struct MadeTables {
  std::vector<MadeTable> tables;    // by kCustomerTables
  std::vector<TableCounts> counts;  // likewise
  MadeTable truth;                  // truth_tables.parquet, a row a customer
};

MadeTable TruthTable();  // without rows

class TableMaker {
 public:
  // Preconditions: the world has a catalogue, and outlives this.
  explicit TableMaker(const World& world);

  // `rows`: all clean ones of the customer.
  void AddBuyer(uint32_t customer, const CustomerTruth& truth, std::span<const SyntheticRow> rows);
  // Precondition: customer >= the number of customers asked for.
  void AddWhoNeverBuys(uint32_t customer);
  // Costs of activities, by quarter: once a base.
  void AddActivities();
  MadeTables Take();

 private:
  struct Person {
    uint32_t number = 0;
    const CustomerTruth* truth = nullptr;  // null: never buys
    std::string id;
    Day registered = 0, last = 0;  // when they can be met
  };
  MadeTable& Table(TableId table);
  DrawStream Draws(TableId table, const Person& person) const;
  // Fills and counts the row begun last.
  void Finish(TableId table, const Person& person, DrawStream* draws);
  int64_t TimeOf(const Person& person, DrawStream* draws) const;

  void AddEvents(const Person& person);
  void AddCustomer(const Person& person);
  void AddTickets(const CustomerTruth& truth);
  void AddCost(const Person& person, Day period, std::string_view type, int64_t cents);
  void AddContacts(const Person& person);
  void AddCases(const Person& person);
  void AddSurveys(const Person& person);
  void AddKano(const Person& person, DrawStream* draws);
  void AddUses(const Person& person);
  void AddCampaigns(const Person& person);
  void AddKyc(const Person& person);

  const World& world_;
  const Day last_day_;
  std::vector<FaultPlanter> planters_;   // by kCustomerTables
  std::vector<DrawStream> fault_draws_;  // of the customer at hand, likewise
  MadeTables made_;
};

// Tables of no customer.
MadeTable MakeProducts(const World& world);
MadeTable MakeMarket(const World& world);

}  // namespace strata

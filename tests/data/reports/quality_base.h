// A base with rows of several tables, among them missing, odd and orphaned values, in shards as reports see them. The
// same rows in any split.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "data/reports/report.h"
#include "run/job_file.h"
#include "tests/base/status_matchers.h"
#include "tests/data/reports/made_table.h"
#include "tests/model/customer_table.h"

namespace strata {

inline constexpr char kQualityJob[] = R"(name: quality
currency: EUR
sources:
  transactions: {uri: t.csv, columns: {customer_id: c, time: t, amount: a, quantity: q, order_id: o, product_id: p, due_date: d}}
  customers: {uri: c.csv, columns: {customer_id: c, age: a, region: r, referrer_id: f}, extra: {tier: {column: t, type: number}}}
  products: {uri: p.csv, columns: {product_id: p, unit_cost: u}}
  costs: {uri: k.csv, columns: {customer_id: c, activity: x, period: p, type: t, amount: a}}
  visits: {uri: v.csv, columns: {customer_id: c, time: t, page: p, duration: s}}
)";

class QualityBase {
 public:
  static constexpr Day kAsOf = 10'500;
  static constexpr int kCustomers = 300;

  explicit QualityBase(uint32_t shards)
      : job_(*ParseJob(kQualityJob, "quality.yaml")),
        base_(RandomRows(5, kCustomers, kAsOf - 400, kAsOf), kAsOf, 0, shards) {
    MakeRows();
    const std::vector<TableId> tables = {TableId::kTransactions, TableId::kCustomers, TableId::kProducts,
                                         TableId::kCosts,        TableId::kVisits,    TableId::kLinks};
    std::array<const TableShard*, kTableCount + 1> reference{};
    for (const TableId table : tables) reference.at(Place(table)) = Made(table, shards, shards);
    for (uint32_t shard = 0; shard <= shards; ++shard) {
      ShardTables& open = open_.emplace_back();
      open.reference = reference;
      ReportShard& view = shards_.emplace_back();
      view.as_of = kAsOf;
      view.job = &job_;
      view.tables = &open;
      if (shard == shards) continue;
      for (const TableId table : tables) open.tables.at(Place(table)) = Made(table, shard, shards);
      view.today = &base_.shards()[shard].today;
      view.id = [this, today = view.today](size_t row) { return std::string_view(id_of_.at(today->hash[row])); };
      customers_ += static_cast<int64_t>(view.today->size());
    }
    FillRegistry();
  }

  const std::vector<ReportShard>& shards() const { return shards_; }
  ReportFacts facts() const { return {.as_of = kAsOf, .job = &job_, .registry = &registry_, .customers = customers_}; }
  const Job& job() const { return job_; }
  // Of the whole base, rows of no customer included.
  const std::vector<MadeRow>& rows(TableId table) const { return rows_.at(table); }
  TableLayout layout(TableId table) const {
    if (table == TableId::kLinks) {
      return {.table = table,
              .names = {"kind"},
              .types = {ValueType::kChoice},
              .has_key = false,
              .effect = Effect::kEvent,
              .entity = {}};
    }
    return table == TableId::kTransactions ? LineLayoutOf(job_.transactions) : LayoutOf(*job_.Find(table));
  }

 private:
  static size_t Place(TableId table) { return static_cast<size_t>(table); }

  const TableShard* Made(TableId table, uint32_t shard, uint32_t shards) {
    std::vector<MadeRow> own;
    for (const MadeRow& row : rows_[table]) {
      if ((row.id.empty() ? shards : ShardOf(Hash64(row.id), shards)) == shard) own.push_back(row);
    }
    return made_.emplace_back(layout(table), own, kAsOf).shard();
  }

  void MakeRows() {
    for (uint64_t customer = 0; customer < 2 * kCustomers; ++customer) {
      id_of_[HashOfCustomer(customer)] = std::to_string(customer);
    }
    std::mt19937_64 random(77);
    const auto below = [&random](uint64_t n) { return static_cast<int64_t>(random() % n); };
    const auto maybe = [&](MadeRow* row, const char* column, int64_t value) {
      if (below(4) != 0) row->whole[column] = value;
    };
    for (int64_t i = 0; i < 900; ++i) {
      MadeRow line{std::to_string(below(kCustomers)), static_cast<Day>(kAsOf - below(400) + 2)};
      line.whole = {{"net", below(40) == 0 ? 900'000'000'000 : below(90'000'000)}, {"is_return", below(9) == 0}};
      maybe(&line, "quantity", below(5) * 1'000'000);
      maybe(&line, "order_id", below(500));
      maybe(&line, "due_date", kAsOf - 20 + below(40));
      if (below(5) != 0) line.words["product_id"] = "P" + std::to_string(below(30));
      rows_[TableId::kTransactions].push_back(line);
      MadeRow visit{std::to_string(below(2 * kCustomers)), static_cast<Day>(kAsOf - below(400))};
      maybe(&visit, "duration", below(3000));
      if (below(3) != 0) visit.words["page"] = "/" + std::to_string(below(7'000));
      rows_[TableId::kVisits].push_back(visit);
    }
    for (int64_t i = 0; i < kCustomers; ++i) {
      MadeRow customer{std::to_string(i), kTimelessDay};
      maybe(&customer, "age", below(90));
      maybe(&customer, "tier", below(5) * 1'000'000);
      if (below(4) != 0) customer.words["region"] = std::string(1, static_cast<char>('a' + below(6)));
      if (below(4) == 0) {
        const std::string referrer = std::to_string(below(2 * kCustomers));
        customer.whole["referrer_id"] = static_cast<int64_t>(Hash64(referrer) >> 1);
        rows_[TableId::kLinks].push_back({referrer, kTimelessDay, {{"kind", "referrer"}}});
      }
      rows_[TableId::kCustomers].push_back(customer);
      MadeRow cost{i % 3 == 0 ? "" : std::to_string(below(2 * kCustomers)), static_cast<Day>(kAsOf - below(300))};
      cost.words = {{"type", "service"}};
      cost.whole = {{"amount", below(5'000'000)}};
      if (cost.id.empty()) cost.words["activity"] = "fair";
      rows_[TableId::kCosts].push_back(cost);
    }
    for (int64_t i = 0; i < 25; ++i) {
      MadeRow product{"", kTimelessDay, {{"product_id", "P" + std::to_string(i)}}};
      maybe(&product, "unit_cost", below(1'000'000));
      rows_[TableId::kProducts].push_back(product);
    }
  }

  void FillRegistry() {
    int32_t number = 1;
    for (const auto& [table, rows] : rows_) {
      if (table == TableId::kLinks) continue;
      RegisteredFile& file = registry_.files.emplace_back();
      file.number = number++;
      file.table = table;
      const auto accepted = static_cast<int64_t>(rows.size());
      file.counts = {.read = accepted + 3, .accepted = accepted, .rejected = 3};
      file.rejected_by_reason = {{"DATE_IMPOSSIBLE", 1}, {"MISSING_CUSTOMER", 2}};
      std::map<Day, int64_t> days;
      for (const MadeRow& row : rows) ++days[row.day];
      if (table == TableId::kTransactions) {
        registry_.rows_by_day = days;
      } else {
        RegisteredTable& registered = registry_.tables.emplace_back();
        registered.table = table;
        registered.rows = accepted;
        registered.rows_by_day = days;
      }
    }
  }

  const Job job_;
  TestBase base_;
  std::map<uint64_t, std::string> id_of_;
  std::map<TableId, std::vector<MadeRow>> rows_;
  std::deque<MadeTable> made_;
  std::deque<ShardTables> open_;
  std::vector<ReportShard> shards_;
  LedgerRegistry registry_;
  int64_t customers_ = 0;
};

}  // namespace strata

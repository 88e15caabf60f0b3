#include "data/reports/customer_orphans.h"

#include <utility>

namespace strata {
namespace {

using Identity = std::pair<uint64_t, std::string_view>;  // hash and id: the order of customers in a shard

const TableShard* Find(const ReportShard& shard, TableId table) {
  return shard.tables == nullptr ? nullptr : shard.tables->tables.at(static_cast<size_t>(table));
}

// Who is known, in order.
class KnownCustomers {
 public:
  explicit KnownCustomers(const ReportShard& shard) : shard_(shard), customers_(Find(shard, TableId::kCustomers)) {}

  // Whether the customer is known. Customers are asked for in ascending order.
  bool Has(const Identity& customer) {
    while (next_ < size() && At(next_) < customer) ++next_;
    return next_ < size() && At(next_) == customer;
  }

 private:
  size_t size() const { return customers_ != nullptr ? customers_->owners().size() : shard_.today->size(); }
  Identity At(size_t i) const {
    if (customers_ != nullptr) return {customers_->owners()[i].hash, customers_->owners()[i].id};
    return {shard_.today->hash[i], shard_.id(i)};
  }

  const ReportShard& shard_;
  const TableShard* customers_;
  size_t next_ = 0;
};

int64_t CountLinks(const TableShard& links, size_t begin, size_t end, std::string_view kind) {
  const int column = links.Column("kind");
  if (column < 0) return 0;
  int64_t count = 0;
  for (size_t row = begin; row < end; ++row) {
    const int32_t code = links.code(column)[row];
    if (code >= 0 && links.word(column, code) == kind) ++count;
  }
  return count;
}

}  // namespace

std::optional<int64_t> CountOrphans(const ReportShard& shard, TableId table, std::string_view link) {
  if (shard.today == nullptr || table == TableId::kCustomers) return std::nullopt;
  KnownCustomers known(shard);
  int64_t orphans = 0;
  if (table == TableId::kTransactions) {
    if (Find(shard, TableId::kCustomers) == nullptr) return std::nullopt;
    for (size_t i = 0; i < shard.today->size(); ++i) {
      if (!known.Has({shard.today->hash[i], shard.id(i)})) orphans += shard.today->rows[i];
    }
    return orphans;
  }
  const TableShard* rows = Find(shard, table);
  if (rows == nullptr) return std::nullopt;
  for (const TableShard::Owner& owner : rows->owners()) {
    if (known.Has({owner.hash, owner.id})) continue;
    orphans +=
        link.empty() ? static_cast<int64_t>(owner.end - owner.begin) : CountLinks(*rows, owner.begin, owner.end, link);
  }
  return orphans;
}

}  // namespace strata

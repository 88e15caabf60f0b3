#include "run/churn_attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/churn_rules.h"
#include "run/customer_traits.h"
#include "run/job_segments.h"

namespace strata {
namespace {

constexpr std::array<std::string_view, 2> kNeverChange = {"registered_at", "birth_date"};
constexpr std::array<std::string_view, 3> kNeverFeatures = {"consent_marketing", "consent_profiling", "contract_end"};

bool Has(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string NoFeature(std::string_view column, const ChurnSettings& settings, const std::string& name) {
  if (Has(kNeverFeatures, column)) {
    return column == "contract_end" ? "the end of a contract is the answer" : "consent is no feature";
  }
  if (settings.label.has_value() && (settings.label->column == name || settings.label->as_of_column == name)) {
    return "it is the label";
  }
  if (settings.contract.has_value() && (settings.contract->start == name || settings.contract->end == name)) {
    return "it is the contract that is asked about";
  }
  return "";
}

void AddLines(const Job& job, ChurnAttributes* attributes) {
  const ColumnCatalogue catalogue = CatalogueOf(job);
  const auto lines = catalogue.events.find("transactions");
  const auto has = [&](std::string_view detail) {
    return lines != catalogue.events.end() && (detail.empty() || lines->second.contains(detail));
  };
  for (const ChurnLineFeature& feature : kChurnLineFeatures) {
    if (has(feature.needs) || (feature.needs == "category" && has("products.category"))) {
      attributes->lines.emplace_back(feature.name);
    } else {
      attributes->lacking.emplace(feature.name, feature.needs.empty()
                                                    ? "a detail of transactions (order_id, product_id, ...)"
                                                    : fmt::format("sources.transactions.columns.{}", feature.needs));
    }
  }
}

}  // namespace

ChurnAttributes ChurnAttributesOf(const Job& job, const ChurnSettings& settings) {
  ChurnAttributes attributes;
  AddLines(job, &attributes);
  const TableSource* const customers = job.Find(TableId::kCustomers);
  if (customers == nullptr) return attributes;
  const CustomerTraits traits(job);
  const bool is_dated = customers->Maps("valid_from") || !customers->valid_from.empty();
  const auto add = [&](std::string_view column, ValueType stored) {
    const std::string name = fmt::format("customers.{}", column);
    const NameInfo* const info = traits.Find(name);
    if (info == nullptr) return;  // an id
    if (std::string why = NoFeature(column, settings, name); !why.empty()) {
      attributes.left_out.emplace(name, std::move(why));
      return;
    }
    // Where rows have dates, that a customer is known at all is news of its date.
    const bool fixed = (!is_dated && Has(kNeverChange, column)) || Has(settings.fixed_columns, name);
    if (fixed || is_dated) {
      attributes.offered.push_back({name, info->type, stored, fixed});
    } else {
      attributes.left_out.emplace(name, "no valid_from; name it under churn.static if it never changes");
    }
  };
  for (const ColumnSchema& column : SchemaOf(TableId::kCustomers).columns) {
    if (customers->Maps(column.name)) add(column.name, column.type);
  }
  for (const ExtraColumn& extra : customers->extra) add(extra.name, extra.type);
  return attributes;
}

}  // namespace strata

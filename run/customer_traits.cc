#include "run/customer_traits.h"

#include <fmt/format.h>

#include <utility>

#include "run/job_segments.h"
#include "run/nearest_name.h"

namespace strata {

CustomerTraits::CustomerTraits(const Job& job) {
  ColumnCatalogue catalogue = CatalogueOf(job);
  for (auto& [name, info] : catalogue.columns) {
    if (name.find('.') != std::string::npos) infos_.emplace(name, std::move(info));
  }
  absent_ = std::move(catalogue.absent);
}

const NameInfo* CustomerTraits::Find(const std::string& name) const {
  const auto found = infos_.find(name);
  return found == infos_.end() ? nullptr : &found->second;
}

std::string CustomerTraits::Problem(const std::string& name, std::string_view allowed,
                                    std::vector<std::string> also) const {
  const auto lacks = absent_.find(name);
  if (lacks != absent_.end()) {
    return fmt::format("found '{}', for which the job lacks {}; allowed: {}", name, lacks->second, allowed);
  }
  for (const auto& entry : infos_) also.push_back(entry.first);
  return fmt::format("found '{}'{}; allowed: {}", name, DidYouMean(name, also), allowed);
}

}  // namespace strata

// Columns of the customers' own tables, as the sections of models name them: "customers.gender". Immutable;
// thread-safe.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "run/job.h"
#include "run/segments/catalogue.h"

namespace strata {

class CustomerTraits {
 public:
  // `job` must have its sources; it is not kept.
  explicit CustomerTraits(const Job& job);

  // Null: there is none, as Problem() says.
  const NameInfo* Find(const std::string& name) const;
  // "found 'customers.sex'; did you mean ...; allowed: ...", or which key the job lacks for it. `also`: other names
  // that somebody may have meant.
  std::string Problem(const std::string& name, std::string_view allowed, std::vector<std::string> also = {}) const;

 private:
  NameInfos infos_;
  std::map<std::string, std::string, std::less<>> absent_;
};

}  // namespace strata

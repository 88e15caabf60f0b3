#include "client/class_sizes.h"

namespace strata {

std::map<std::string, ClassSizes> SizesOf(const std::vector<ClassMove>& moves, std::vector<std::string>* order) {
  std::map<std::string, ClassSizes> sizes;
  const auto of = [&](const std::string& name) -> ClassSizes& {
    const auto [at, fresh] = sizes.try_emplace(name);
    if (fresh) order->push_back(name);
    return at->second;
  };
  for (const ClassMove& move : moves) {
    if (!move.from.empty()) of(move.from).base += move.customers;
  }
  for (const ClassMove& move : moves) {
    if (!move.to.empty()) of(move.to).other += move.customers;
    if (move.from == move.to) of(move.to).stayed += move.customers;
  }
  return sizes;
}

}  // namespace strata

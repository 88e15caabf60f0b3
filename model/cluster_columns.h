// What the clustering of a night says of a shard's customers beyond their scores: the columns that a snapshot's Parquet
// parts have and its lookup tables do not. Row i is customer i of the as_of view. Plain values.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace strata {

inline constexpr int32_t kNoGridValue = std::numeric_limits<int32_t>::min();  // of a customer who is not clustered

struct ClusterColumns {
  // A feature that is a number. A value that is missing in the data is NaN in `raw`, while `scaled` has what stands for
  // it. A customer who is not clustered has neither.
  struct Number {
    std::string name;
    std::vector<double> raw;
    std::vector<int32_t> scaled;  // in units of 2^-grid_bits; kNoGridValue: none
  };
  // A feature that is a text: a place in the words per customer, -1: none.
  struct Category {
    std::string name;
    std::vector<std::string> words;
    std::vector<int32_t> code;
  };
  std::map<int, std::string> names;  // of clusters, by id
  std::vector<Number> numbers;
  std::vector<Category> categories;
  // Of a customer in the fit, about 1 on average; NaN: not clustered. Empty: all weigh the same.
  std::vector<double> weight;
};

}  // namespace strata

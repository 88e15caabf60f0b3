// The distinct texts of a column and the place of each one, found in about ten nanoseconds: nearly every value of a row
// goes through it. Not thread-safe.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "data/row_batch.h"

namespace strata {

class WordTable {
 public:
  WordTable();

  // The place of the word in words(), where it is put when it is new. Precondition: fewer than 2^31 words.
  int32_t CodeOf(std::string_view word);
  const TextColumn& words() const { return words_; }

 private:
  struct Slot {
    uint64_t hash = 0;
    int32_t code = -1;  // -1: free
  };
  void Grow();

  std::vector<Slot> slots_;  // open addressing; a power of two, at most half full
  TextColumn words_;
};

}  // namespace strata

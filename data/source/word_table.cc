#include "data/source/word_table.h"

#include "base/hash.h"

namespace strata {
namespace {

constexpr size_t kFirstSlots = 64;

}  // namespace

WordTable::WordTable() : slots_(kFirstSlots) {}

int32_t WordTable::CodeOf(std::string_view word) {
  const uint64_t hash = Hash64(word);
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  for (; slots_[at].code >= 0; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.hash == hash && words_[static_cast<size_t>(slot.code)] == word) return slot.code;
  }
  const auto code = static_cast<int32_t>(words_.size());
  slots_[at] = {.hash = hash, .code = code};
  words_.Append(word);
  if (2 * words_.size() > slots_.size()) Grow();
  return code;
}

void WordTable::Grow() {
  std::vector<Slot> larger(2 * slots_.size());
  const size_t mask = larger.size() - 1;
  for (const Slot& slot : slots_) {
    if (slot.code < 0) continue;
    size_t at = slot.hash & mask;
    while (larger[at].code >= 0) at = (at + 1) & mask;
    larger[at] = slot;
  }
  slots_.swap(larger);
}

}  // namespace strata

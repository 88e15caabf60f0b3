#include "data/source/glob.h"

#include <cstddef>

namespace strata {
namespace {

constexpr size_t kNone = std::string_view::npos;

// The bracket class at `at` (its '['): its end after ']' and whether it holds `c`. End is kNone when it is not closed.
struct Class {
  size_t end = kNone;
  bool holds = false;
};

Class MatchClass(std::string_view pattern, size_t at, char c) {
  size_t i = at + 1;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool found = false;
  // A ] right at the start is a member.
  for (const size_t first = i; i < pattern.size() && (pattern[i] != ']' || i == first); ++i) {
    const bool range = i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']';
    const char high = range ? pattern[i + 2] : pattern[i];
    found = found || (pattern[i] <= c && c <= high);
    if (range) i += 2;
  }
  if (i >= pattern.size()) return {};
  return {.end = i + 1, .holds = found != negated};
}

// Whether the pattern's element at `at` matches `c`, and where the next element begins.
bool MatchOne(std::string_view pattern, size_t at, char c, size_t* next) {
  *next = at + 1;
  if (pattern[at] == '?') return true;
  if (pattern[at] == '[') {
    const Class bracket = MatchClass(pattern, at, c);
    if (bracket.end != kNone) {
      *next = bracket.end;
      return bracket.holds;
    }
  }
  return pattern[at] == c;
}

}  // namespace

bool HasWildcard(std::string_view text) { return text.find_first_of("*?[") != kNone; }

bool GlobMatches(std::string_view pattern, std::string_view name) {
  if (name.starts_with('.') && !pattern.starts_with('.')) return false;
  size_t p = 0;
  size_t n = 0;
  size_t star = kNone;  // the last * seen, and how far it has eaten
  size_t star_name = 0;
  while (n < name.size()) {
    size_t next = 0;
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_name = n;
    } else if (p < pattern.size() && MatchOne(pattern, p, name[n], &next)) {
      p = next;
      ++n;
    } else if (star != kNone) {
      p = star + 1;
      n = ++star_name;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace strata

// A table of text in columns as wide as their widest cell. Widths are counted in characters (UTF-8 code points), so
// that names in any script line up where the terminal draws one column per character. A plain value; not thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

enum class Align { kLeft, kRight };

class Table {
 public:
  struct Column {
    std::string title;  // all titles empty: no head
    Align align = Align::kLeft;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // Precondition: one cell per column. Line breaks and other control characters in a cell become "\xNN".
  void AddRow(std::vector<std::string> cells);
  // A line of dashes across the table, as above a total.
  void AddRule() { rows_.emplace_back(); }

  // Every line begins with `indent` and ends in a line break, without blanks before it.
  std::string Render(std::string_view indent = "") const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  // an empty row is a rule
};

// Characters of a UTF-8 text; a byte that begins no character counts as one.
size_t CharacterCount(std::string_view text);

// Control characters as "\xNN": what comes from data must not move the cursor.
std::string Printable(std::string_view text);

}  // namespace strata

#include "client/text/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata {
namespace {

constexpr std::string_view kGap = "  ";

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

void AppendCell(std::string_view cell, size_t width, Align align, std::string* line) {
  const std::string padding(width - std::min(width, CharacterCount(cell)), ' ');
  if (align == Align::kRight) *line += padding;
  *line += cell;
  if (align == Align::kLeft) *line += padding;
}

}  // namespace

size_t CharacterCount(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

std::string Printable(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      result += fmt::format("\\x{:02x}", byte);
    } else {
      result += c;
    }
  }
  return result;
}

void Table::AddRow(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = Printable(cell);
  rows_.push_back(std::move(cells));
}

std::string Table::Render(std::string_view indent) const {
  std::vector<size_t> widths;
  bool has_head = false;
  for (const Column& column : columns_) {
    widths.push_back(CharacterCount(column.title));
    has_head = has_head || !column.title.empty();
  }
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], CharacterCount(row[i]));
  }
  size_t total = widths.empty() ? 0 : kGap.size() * (widths.size() - 1);
  for (const size_t width : widths) total += width;

  std::string text;
  const auto add_line = [&](auto cell_of) {
    std::string line(indent);
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) line += kGap;
      AppendCell(cell_of(i), widths[i], columns_[i].align, &line);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  if (has_head) add_line([&](size_t i) -> std::string_view { return columns_[i].title; });
  for (const auto& row : rows_) {
    if (row.empty()) {
      text += fmt::format("{}{:-<{}}\n", indent, "", total);
    } else {
      add_line([&](size_t i) -> std::string_view { return row[i]; });
    }
  }
  return text;
}

}  // namespace strata

#include "data/rows/table_shard.h"

#include <algorithm>
#include <utility>

#include "data/rows/merged_words.h"
#include "data/rows/row_rules.h"

namespace strata {

struct TableShard::Rows {
  struct Values {
    std::vector<int64_t> whole;
    std::vector<int32_t> code;
    std::vector<std::string_view> words;
  };

  std::vector<TableSegment> segments;  // keep what ids and words view alive
  std::vector<std::string> names;
  std::vector<Owner> owners;
  std::vector<Day> day;
  std::vector<int16_t> minute;
  std::vector<int32_t> file;
  std::vector<Values> columns;
  std::vector<size_t> begin, end;  // by customer; empty until aligned
  int64_t orphans = 0;
  int64_t after_as_of = 0;
  std::map<int32_t, int64_t> after_as_of_by_file;
};

namespace {

// Finds the rows that a view shows.
class RowSelection {
 public:
  RowSelection(const TableLayout& layout, std::span<const RowSpans> sources, const std::vector<MergedWords>& words,
               Day as_of, Versions versions)
      : layout_(layout),
        words_(words),
        as_of_(as_of),
        applying_(layout.effect == Effect::kVersion && versions == Versions::kApplying),
        rules_(layout, sources) {}

  // The customer's rows; valid until the next call.
  std::span<const RowAt> Select(std::span<const RowAt> rows) {
    rules_.Settle(rows);
    shown_.clear();
    for (const RowAt& at : rules_.winners()) {
      if (at.day <= as_of_) {
        shown_.push_back(at);
        continue;
      }
      ++after_as_of_;
      ++after_as_of_by_file_[static_cast<int32_t>(rules_.SourceOf(at).file[at.row])];
    }
    if (applying_) KeepApplying();
    return shown_;
  }

  int64_t after_as_of() const { return after_as_of_; }
  const std::map<int32_t, int64_t>& after_as_of_by_file() const { return after_as_of_by_file_; }

 private:
  int32_t EntityCode(size_t column, const RowAt& at) const {
    return words_[column].Code(at.source, rules_.SourceOf(at).columns[column].Code(at.row));
  }
  int64_t EntityValue(size_t column, const RowAt& at) const {
    if (IsCoded(layout_.types[column])) return EntityCode(column, at);
    return rules_.SourceOf(at).columns[column].Whole(at.row);
  }
  int CompareEntities(const RowAt& a, const RowAt& b) const {
    for (const size_t column : layout_.entity) {
      const int64_t in_a = EntityValue(column, a), in_b = EntityValue(column, b);
      if (in_a != in_b) return in_a < in_b ? -1 : 1;
    }
    return 0;
  }
  bool AppliesBefore(const RowAt& a, const RowAt& b) const {
    if (a.day != b.day) return a.day < b.day;
    return rules_.RowHash(a) < rules_.RowHash(b);
  }

  // Leaves the last version of every entity, by entity. Rows that agree in day and row hash keep their order.
  void KeepApplying() {
    std::stable_sort(shown_.begin(), shown_.end(), [this](const RowAt& a, const RowAt& b) {
      const int order = CompareEntities(a, b);
      return order != 0 ? order < 0 : AppliesBefore(a, b);
    });
    size_t kept = 0;
    for (size_t i = 0; i < shown_.size(); ++i) {
      if (i + 1 < shown_.size() && CompareEntities(shown_[i], shown_[i + 1]) == 0) continue;
      shown_[kept++] = shown_[i];
    }
    shown_.resize(kept);
  }

  const TableLayout& layout_;
  const std::vector<MergedWords>& words_;
  const Day as_of_;
  const bool applying_;
  RowRules rules_;
  std::vector<RowAt> shown_;
  int64_t after_as_of_ = 0;
  std::map<int32_t, int64_t> after_as_of_by_file_;
};

CustomerOrder OrderOf(std::span<const RowSpans> sources, std::span<const int32_t> removed_files) {
  std::vector<RowAt> rows;
  size_t count = 0;
  for (const RowSpans& source : sources) count += source.rows();
  rows.reserve(count);
  for (size_t i = 0; i < sources.size(); ++i) {
    for (size_t owner = 0; owner < sources[i].owners(); ++owner) AppendRows(sources, i, owner, removed_files, &rows);
  }
  return {sources, std::move(rows)};
}

std::vector<MergedWords> WordsOf(const TableLayout& layout, std::span<const RowSpans> sources) {
  std::vector<MergedWords> words(layout.types.size());
  for (size_t i = 0; i < words.size(); ++i) {
    if (IsCoded(layout.types[i])) words[i] = MergeWords(sources, i);
  }
  return words;
}

}  // namespace

absl::StatusOr<TableShard> TableShard::Open(const TableLayout& layout, std::vector<std::string_view> segments,
                                            std::vector<int32_t> removed_files, Day as_of, Versions versions) {
  std::vector<TableSegment> opened;
  for (const std::string_view bytes : segments) {
    STRATA_ASSIGN_OR_RETURN(TableSegment segment, TableSegment::Open(layout, bytes));
    opened.push_back(std::move(segment));
  }
  return Read(layout, std::move(opened), removed_files, as_of, versions);
}

TableShard TableShard::Read(const TableLayout& layout, std::vector<TableSegment> segments,
                            std::span<const int32_t> removed_files, Day as_of, Versions versions) {
  std::vector<RowSpans> sources;
  for (const TableSegment& segment : segments) sources.push_back(segment.rows());
  std::vector<MergedWords> words = WordsOf(layout, sources);
  auto rows = std::make_shared<Rows>();
  std::vector<RowAt> shown;
  {
    const CustomerOrder order = OrderOf(sources, removed_files);
    shown.reserve(order.rows());
    RowSelection selection(layout, sources, words, as_of, versions);
    for (size_t i = 0; i < order.customers(); ++i) {
      const std::span<const RowAt> of_customer = selection.Select(order.RowsOf(i));
      if (of_customer.empty()) continue;
      const size_t begin = shown.size();
      shown.insert(shown.end(), of_customer.begin(), of_customer.end());
      rows->owners.push_back({.hash = order.hash(i), .id = order.id(i), .begin = begin, .end = shown.size()});
    }
    rows->after_as_of = selection.after_as_of();
    rows->after_as_of_by_file = selection.after_as_of_by_file();
  }
  for (const RowAt& at : shown) {
    const RowSpans& from = sources[at.source];
    rows->day.push_back(at.day);
    rows->minute.push_back(static_cast<int16_t>(from.minute[at.row]));
    rows->file.push_back(static_cast<int32_t>(from.file[at.row]));
  }
  for (size_t i = 0; i < layout.types.size(); ++i) {
    Rows::Values& values = rows->columns.emplace_back();
    if (IsCoded(layout.types[i])) {
      values.code.reserve(shown.size());
      for (const RowAt& at : shown) {
        values.code.push_back(words[i].Code(at.source, sources[at.source].columns[i].Code(at.row)));
      }
      values.words = std::move(words[i].words);
    } else {
      values.whole.reserve(shown.size());
      for (const RowAt& at : shown) values.whole.push_back(sources[at.source].columns[i].Whole(at.row));
    }
  }
  rows->names = layout.names;
  rows->segments = std::move(segments);
  TableShard shard;
  shard.rows_ = std::move(rows);
  return shard;
}

void TableShard::Align(std::span<const uint64_t> hash, const std::function<std::string_view(size_t)>& id) {
  rows_->begin.assign(hash.size(), 0);
  rows_->end.assign(hash.size(), 0);
  rows_->orphans = static_cast<int64_t>(rows());
  size_t next = 0;
  const std::vector<Owner>& all = rows_->owners;
  for (size_t customer = 0; customer < hash.size(); ++customer) {
    while (next < all.size() && all[next].hash < hash[customer]) ++next;
    if (next == all.size()) break;
    if (all[next].hash != hash[customer]) continue;
    const std::string_view wanted = id(customer);
    while (next < all.size() && all[next].hash == hash[customer] && all[next].id < wanted) ++next;
    if (next == all.size() || all[next].hash != hash[customer] || all[next].id != wanted) continue;
    rows_->begin[customer] = all[next].begin;
    rows_->end[customer] = all[next].end;
    rows_->orphans -= static_cast<int64_t>(all[next].end - all[next].begin);
  }
}

size_t TableShard::rows() const { return rows_->day.size(); }
std::span<const Day> TableShard::day() const { return rows_->day; }
std::span<const int16_t> TableShard::minute() const { return rows_->minute; }
std::span<const int32_t> TableShard::file() const { return rows_->file; }
std::span<const TableShard::Owner> TableShard::owners() const { return rows_->owners; }
size_t TableShard::begin(size_t customer) const { return rows_->begin[customer]; }
size_t TableShard::end(size_t customer) const { return rows_->end[customer]; }
int64_t TableShard::orphans() const { return rows_->orphans; }
int64_t TableShard::after_as_of() const { return rows_->after_as_of; }
const std::map<int32_t, int64_t>& TableShard::after_as_of_by_file() const { return rows_->after_as_of_by_file; }

int TableShard::Column(std::string_view name) const {
  const auto found = std::find(rows_->names.begin(), rows_->names.end(), name);
  return found == rows_->names.end() ? -1 : static_cast<int>(found - rows_->names.begin());
}

std::span<const int64_t> TableShard::whole(int column) const {
  return rows_->columns[static_cast<size_t>(column)].whole;
}
std::span<const int32_t> TableShard::code(int column) const { return rows_->columns[static_cast<size_t>(column)].code; }
std::string_view TableShard::word(int column, int32_t code) const {
  return rows_->columns[static_cast<size_t>(column)].words[static_cast<size_t>(code)];
}
size_t TableShard::words(int column) const { return rows_->columns[static_cast<size_t>(column)].words.size(); }

}  // namespace strata

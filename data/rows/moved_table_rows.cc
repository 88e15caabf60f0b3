#include <algorithm>

#include "data/rows/merged_words.h"
#include "data/rows/table_shard.h"

namespace strata {
namespace {

void AppendRow(const TableLayout& layout, const RowSpans& from, const RowAt& at, std::string_view target,
               TableBatch* to) {
  to->hash.push_back(Hash64(target));
  to->id.Append(target);
  to->day.push_back(at.day);
  to->minute.push_back(static_cast<int16_t>(from.minute[at.row]));
  to->file.push_back(static_cast<int32_t>(from.file[at.row]));
  if (!layout.has_key) return;
  to->key.push_back(from.Key(at.row));
  to->version.push_back(from.version[at.row]);
  to->row_hash.push_back(from.row_hash[at.row]);
  to->differs.push_back(at.differs ? 1 : 0);
}

// The words that the codes of a column use, in place of all that there are.
void TakeWords(const MergedWords& words, TableColumn* column) {
  std::vector<int32_t> place(words.words.size(), -1);
  for (int32_t& code : column->code) {
    if (code < 0) continue;
    int32_t& own = place[static_cast<size_t>(code)];
    if (own < 0) {
      own = static_cast<int32_t>(column->words.size());
      column->words.Append(words.words[static_cast<size_t>(code)]);
    }
    code = own;
  }
}

}  // namespace

std::vector<TableBatch> CollectMovedRows(const TableLayout& layout, std::span<const TableSegment> segments,
                                         std::span<const int32_t> removed_files, const AliasTable& moves,
                                         uint32_t shards) {
  std::vector<RowSpans> sources;
  for (const TableSegment& segment : segments) sources.push_back(segment.rows());
  std::vector<MergedWords> words(layout.types.size());
  for (size_t i = 0; i < words.size(); ++i) {
    if (IsCoded(layout.types[i])) words[i] = MergeWords(sources, i);
  }
  std::vector<TableBatch> moved(shards + 1);
  std::vector<RowAt> rows;
  for (size_t source = 0; source < sources.size(); ++source) {
    const RowSpans& from = sources[source];
    for (size_t owner = 0; owner < from.owners(); ++owner) {
      const auto target = moves.Find(from.hash[owner], from.id[owner]);
      if (!target.has_value()) continue;
      TableBatch& to = moved[ShardOf(Hash64(*target), shards)];
      if (to.columns.empty()) {
        for (const ValueType type : layout.types)
          to.columns.push_back({.type = type, .whole = {}, .code = {}, .words = {}});
      }
      rows.clear();
      AppendRows(sources, source, owner, removed_files, &rows);
      for (const RowAt& at : rows) {
        AppendRow(layout, from, at, *target, &to);
        for (size_t i = 0; i < layout.types.size(); ++i) {
          if (IsCoded(layout.types[i])) {
            to.columns[i].code.push_back(words[i].Code(at.source, from.columns[i].Code(at.row)));
          } else {
            to.columns[i].whole.push_back(from.columns[i].Whole(at.row));
          }
        }
      }
    }
  }
  for (TableBatch& batch : moved) {
    for (size_t i = 0; i < batch.columns.size(); ++i) {
      if (IsCoded(layout.types[i])) TakeWords(words[i], &batch.columns[i]);
    }
  }
  return moved;
}

}  // namespace strata

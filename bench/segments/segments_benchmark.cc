// Evaluates conditions over made-up customers and writes who is a member, as the report stage does, so that
// bench/segments/measure can hold it beside another engine on the same columns and rows:
//
//   segments_benchmark CONDITIONS CUSTOMERS ROWS THREADS FOLDER
//
// CONDITIONS has one condition a line; ROWS events are there for them where it is not 0. FOLDER gets columns.csv and
// events.csv, the members of every shard, and counts.csv, the members by condition. Prints the seconds of the quickest
// of three passes; neither making the base nor opening its tables is in them.
#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <fstream>
#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/hash.h"
#include "bench/segments/made_base.h"
#include "data/segments/program.h"
#include "data/snapshot/members_file.h"

namespace strata {
namespace {

ColumnSet SliceOf(const std::vector<MadeColumn>& columns, size_t begin, size_t end) {
  ColumnSet set;
  for (const MadeColumn& made : columns) {
    Column column{.name = made.name, .type = made.type};
    if (!made.whole.empty()) column.whole = std::span(made.whole).subspan(begin, end - begin);
    if (!made.number.empty()) column.number = std::span(made.number).subspan(begin, end - begin);
    if (!made.code.empty()) column.code = std::span(made.code).subspan(begin, end - begin);
    column.words = made.words;
    set.Add(std::move(column));
  }
  return set;
}

TableLayout EventLayout() {
  return {.table = TableId::kTransactions,
          .names = {"net", "quantity", "category"},
          .types = {ValueType::kMoney, ValueType::kDecimal, ValueType::kCategory}};
}

// A shard as a report task has it.
struct Shard {
  ColumnSet columns;
  std::string segment;
  std::unique_ptr<TableShard> events;
  ShardTables tables;
};

TableBatch BatchOf(std::span<const MadeEvent> events, const std::vector<std::string>& ids) {
  TableBatch batch;
  batch.columns.resize(3);
  for (size_t i = 0; i < 3; ++i) batch.columns[i].type = EventLayout().types[i];
  int32_t known = 0;  // categories that have a word
  for (const MadeEvent& event : events) {
    batch.hash.push_back(Hash64(ids[event.customer]));
    batch.id.Append(ids[event.customer]);
    batch.day.push_back(event.day);
    batch.minute.push_back(0);
    batch.file.push_back(1);
    batch.columns[0].whole.push_back(event.net);
    batch.columns[1].whole.push_back(event.quantity);
    batch.columns[2].code.push_back(event.category);
    for (; known <= event.category; ++known) batch.columns[2].words.Append(CategoryName(known));
  }
  return batch;
}

absl::Status OpenEvents(std::span<const MadeEvent> events, const std::vector<std::string>& ids, size_t begin,
                        size_t end, Shard* shard) {
  STRATA_ASSIGN_OR_RETURN(TableUpdate update, UpdateTableShard(EventLayout(), {}, {}, {BatchOf(events, ids)}));
  shard->segment = std::move(update.segment);
  STRATA_ASSIGN_OR_RETURN(TableShard open, TableShard::Open(EventLayout(), {shard->segment}, {}, kMadeAsOf));
  std::vector<uint64_t> hash;
  for (size_t i = begin; i < end; ++i) hash.push_back(Hash64(ids[i]));
  open.Align(hash, [&ids, begin](size_t i) { return std::string_view(ids[begin + i]); });
  shard->events = std::make_unique<TableShard>(std::move(open));
  shard->tables.tables[static_cast<size_t>(TableId::kTransactions)] = shard->events.get();
  return absl::OkStatus();
}

absl::StatusOr<SegmentProgram> ProgramOf(const std::string& path, const std::vector<MadeColumn>& columns) {
  ColumnCatalogue catalogue;
  for (const MadeColumn& column : columns) catalogue.columns[column.name] = NameInfo{column.type};
  catalogue.events["transactions"] = {{"day", {ColumnType::kDay}},
                                      {"days_ago", {ColumnType::kInteger}},
                                      {"net", {ColumnType::kMoney}},
                                      {"quantity", {ColumnType::kShare}},
                                      {"category", {ColumnType::kText}}};
  std::vector<SegmentDefinition> segments;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const int number = static_cast<int>(segments.size()) + 1;
    segments.push_back({fmt::format("s{:03}", number), "", line, number});
  }
  STRATA_ASSIGN_OR_RETURN(const std::vector<Condition> conditions, ParseSegments(segments, catalogue, path));
  return SegmentProgram::Compile(conditions, {});
}

// One pass over all customers; the counts by segment.
absl::StatusOr<std::vector<int64_t>> Pass(const SegmentProgram& program, const std::vector<Shard>& shards,
                                          const std::string& folder) {
  std::vector<absl::StatusOr<std::vector<int64_t>>> counts(shards.size(), std::vector<int64_t>());
  tbb::parallel_for(size_t{0}, shards.size(), [&](size_t i) {
    counts[i] = [&]() -> absl::StatusOr<std::vector<int64_t>> {
      const Shard& shard = shards[i];
      STRATA_ASSIGN_OR_RETURN(const MemberBits members, program.Run(shard.columns, shard.tables, kMadeAsOf));
      STRATA_ASSIGN_OR_RETURN(const std::string bytes, EncodeMembers(members, shard.columns.rows()));
      std::ofstream(fmt::format("{}/{:05}.members", folder, i), std::ios::binary) << bytes;
      std::vector<int64_t> of_shard;
      for (const std::vector<uint64_t>& bits : members.bits) {
        int64_t& count = of_shard.emplace_back(0);
        for (const uint64_t word : bits) count += std::popcount(word);
      }
      return of_shard;
    }();
  });
  std::vector<int64_t> sums;
  for (const auto& of_shard : counts) {
    if (!of_shard.ok()) return of_shard.status();
    sums.resize(of_shard->size());
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += (*of_shard)[i];
  }
  return sums;
}

struct Flags {
  std::string conditions;
  size_t customers = 0, rows = 0;
  int threads = 0;
  std::string folder;
};

absl::StatusOr<std::vector<Shard>> ShardsOf(const Flags& flags, const std::vector<MadeColumn>& columns) {
  const std::vector<std::string> ids = MakeIds(flags.customers);
  WriteColumns(columns, ids, flags.folder + "/columns.csv");
  const std::vector<MadeEvent> events =
      flags.rows == 0 ? std::vector<MadeEvent>() : MakeEvents(flags.customers, flags.rows);
  if (flags.rows > 0) WriteEvents(events, ids, flags.folder + "/events.csv");
  std::vector<Shard> shards(kMadeShards);
  for (size_t i = 0; i < shards.size(); ++i) {
    const size_t begin = SliceBegin(flags.customers, i), end = SliceBegin(flags.customers, i + 1);
    shards[i].columns = SliceOf(columns, begin, end);
    if (flags.rows == 0) continue;
    const auto by_customer = [](const MadeEvent& event, size_t customer) { return event.customer < customer; };
    const auto first = std::lower_bound(events.begin(), events.end(), begin, by_customer);
    const auto last = std::lower_bound(first, events.end(), end, by_customer);
    STRATA_RETURN_IF_ERROR(OpenEvents({first, last}, ids, begin, end, &shards[i]));
  }
  return shards;
}

absl::Status Measure(const Flags& flags) {
  const std::vector<MadeColumn> columns = MakeColumns(flags.customers);
  STRATA_ASSIGN_OR_RETURN(const SegmentProgram program, ProgramOf(flags.conditions, columns));
  STRATA_ASSIGN_OR_RETURN(const std::vector<Shard> shards, ShardsOf(flags, columns));
  double best = std::numeric_limits<double>::max();
  std::vector<int64_t> counts;
  tbb::task_arena arena(flags.threads);
  for (int pass = 0; pass < 3; ++pass) {
    absl::StatusOr<std::vector<int64_t>> found = absl::InternalError("nothing was run");
    const auto begin = std::chrono::steady_clock::now();
    arena.execute([&] { found = Pass(program, shards, flags.folder); });
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    if (!found.ok()) return found.status();
    counts = *std::move(found);
  }
  std::ofstream file(flags.folder + "/counts.csv");
  for (const int64_t count : counts) file << count << "\n";
  std::cout << fmt::format("{:.3f}\n", best);
  return absl::OkStatus();
}

}  // namespace
}  // namespace strata

int main(int argc, char** argv) {
  if (argc != 6) {
    std::cerr << "usage: segments_benchmark CONDITIONS CUSTOMERS ROWS THREADS FOLDER\n";
    return 2;
  }
  const absl::Status done =
      strata::Measure({argv[1], std::stoul(argv[2]), std::stoul(argv[3]), std::stoi(argv[4]), argv[5]});
  if (done.ok()) return 0;
  std::cerr << done.ToString() << "\n";
  return 1;
}

// The files of a table from night to night, told as stories, and a living source whose books are compared with what
// anybody can count in it.
#include "coordinator/night/table_files_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "tests/base/status_matchers.h"

namespace strata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A source: what lies at each path. The content stands for the bytes; a file has as many rows as it is large.
struct SourceFile {
  uint64_t content = 0;
  int64_t rows = 0;
  int64_t modified_ns = 0;
};
using Source = std::map<std::string, SourceFile>;

// A table of a ledger, night after night: every row is accepted, none is a duplicate.
class Nights {
 public:
  explicit Nights(OnVanished on_vanished = OnVanished::kKeep, OnChanged on_changed = OnChanged::kError)
      : on_vanished_(on_vanished), on_changed_(on_changed) {}

  absl::Status Run(const Source& source, bool scan_all = false) {
    TableFilesBook book(TableId::kVisits, on_vanished_, on_changed_, files_);
    std::vector<FileInfo> listed;
    for (const auto& [path, file] : source) {
      listed.push_back({.path = path, .size_bytes = static_cast<uint64_t>(file.rows), .modified_ns = file.modified_ns});
    }
    STRATA_RETURN_IF_ERROR(book.Compare(listed, scan_all));
    scanned_ = book.to_scan().size();
    for (const FileInfo& info : book.to_scan()) {
      const SourceFile& file = source.at(info.path);
      const ScanResult scan{.size_bytes = info.size_bytes,
                            .modified_ns = info.modified_ns,
                            .checksum = file.content,
                            .records = file.rows,
                            .splits = {}};
      STRATA_RETURN_IF_ERROR(book.Take(info, scan, &next_number_));
    }
    for (const int32_t number : book.Settle()) counting_.erase(number);
    for (const TableFilesBook::NewFile& added : book.new_files()) {
      const RowCounts counts{.read = added.scan.records, .accepted = added.scan.records};
      STRATA_RETURN_IF_ERROR(book.AddMapped(added.number, counts, {}));
      counting_[added.number] = added.scan.records;
    }
    STRATA_RETURN_IF_ERROR(book.CheckRead());
    STRATA_RETURN_IF_ERROR(book.SetAccepted(counting_, Rows()));
    files_ = book.files();
    warnings_ = book.TakeWarnings();
    changed_ = book.changed();
    new_rows_ = book.NewRows();
    return absl::OkStatus();
  }

  // Rows in the ledger.
  int64_t Rows() const {
    int64_t rows = 0;
    for (const auto& [number, count] : counting_) rows += count;
    return rows;
  }
  const std::vector<RegisteredFile>& files() const { return files_; }
  const RegisteredFile& At(const std::string& path) const {
    for (const RegisteredFile& file : files_) {
      if (file.path == path) return file;
    }
    ADD_FAILURE() << path << " is in no book";
    return files_.front();
  }
  const std::vector<std::string>& warnings() const { return warnings_; }
  const RowCounts& new_rows() const { return new_rows_; }
  size_t scanned() const { return scanned_; }
  bool changed() const { return changed_; }

 private:
  const OnVanished on_vanished_;
  const OnChanged on_changed_;
  std::vector<RegisteredFile> files_;
  int32_t next_number_ = 1;
  std::map<int32_t, int64_t> counting_;  // rows that count, by file
  std::vector<std::string> warnings_;
  RowCounts new_rows_;
  size_t scanned_ = 0;
  bool changed_ = false;
};

TEST(TableFiles, AreReadOnce) {
  Nights nights;
  Source source = {{"a", {.content = 1, .rows = 10}}, {"b", {.content = 2, .rows = 20}}};
  ASSERT_THAT(nights.Run(source), IsOk());
  EXPECT_EQ(nights.new_rows().read, 30);
  source["c"] = {.content = 3, .rows = 5};
  ASSERT_THAT(nights.Run(source), IsOk());
  EXPECT_EQ(nights.scanned(), 1u);
  EXPECT_EQ(nights.new_rows().accepted, 5);
  EXPECT_EQ(nights.Rows(), 35);
  ASSERT_THAT(nights.Run(source), IsOk());
  EXPECT_EQ(nights.scanned(), 0u);
  EXPECT_FALSE(nights.changed());
}

TEST(TableFiles, ThatWereTouchedAreLookedAtAndKept) {
  Nights nights;
  Source source = {{"a", {.content = 1, .rows = 10}}};
  ASSERT_THAT(nights.Run(source), IsOk());
  source["a"].modified_ns = 77;
  ASSERT_THAT(nights.Run(source), IsOk());
  EXPECT_EQ(nights.scanned(), 1u);
  EXPECT_EQ(nights.At("a").modified_ns, 77);
  EXPECT_EQ(nights.Rows(), 10);
  EXPECT_EQ(nights.new_rows(), RowCounts());
  ASSERT_THAT(nights.Run(source, true), IsOk());
  EXPECT_EQ(nights.scanned(), 1u) << "whoever does not trust times has all files looked at";
  EXPECT_FALSE(nights.changed());
}

TEST(TableFiles, ThatChangedAreErrorsUnlessTheyMayBeReplaced) {
  const Source before = {{"a", {.content = 1, .rows = 10}}};
  const Source after = {{"a", {.content = 2, .rows = 11}}};
  Nights strict;
  ASSERT_THAT(strict.Run(before), IsOk());
  EXPECT_THAT(strict.Run(after), FailsWith(absl::StatusCode::kFailedPrecondition, "FILE_CHANGED"));
  Nights nights(OnVanished::kKeep, OnChanged::kReplace);
  ASSERT_THAT(nights.Run(before), IsOk());
  ASSERT_THAT(nights.Run(after), IsOk());
  EXPECT_EQ(nights.Rows(), 11);
  ASSERT_EQ(nights.files().size(), 1u);
  EXPECT_EQ(nights.files().front().number, 2) << "numbers are never used twice";
  EXPECT_THAT(nights.warnings(), ElementsAre(HasSubstr("a was replaced")));
}

TEST(TableFiles, ThatVanishedStayInTheLedgerUnlessTheyAreToGo) {
  const Source both = {{"a", {.content = 1, .rows = 10}}, {"b", {.content = 2, .rows = 20}}};
  const Source one = {{"b", {.content = 2, .rows = 20}}};
  Nights keeping;
  ASSERT_THAT(keeping.Run(both), IsOk());
  ASSERT_THAT(keeping.Run(one), IsOk());
  EXPECT_EQ(keeping.Rows(), 30);
  EXPECT_THAT(keeping.warnings(), ElementsAre(HasSubstr("their rows are kept; the first: a")));
  Nights strict(OnVanished::kError);
  ASSERT_THAT(strict.Run(both), IsOk());
  EXPECT_THAT(strict.Run(one), FailsWith(absl::StatusCode::kFailedPrecondition, "FILE_VANISHED"));
  Nights removing(OnVanished::kRemove);
  ASSERT_THAT(removing.Run(both), IsOk());
  ASSERT_THAT(removing.Run(one), IsOk());
  EXPECT_EQ(removing.Rows(), 20);
  EXPECT_EQ(removing.files().size(), 1u);
}

TEST(TableFiles, WithTheSameBytesCountOnce) {
  Nights nights(OnVanished::kRemove);
  ASSERT_THAT(nights.Run({{"a", {.content = 1, .rows = 10}}, {"copy", {.content = 1, .rows = 10}}}), IsOk());
  EXPECT_EQ(nights.Rows(), 10);
  EXPECT_EQ(nights.new_rows().read, 20);
  EXPECT_EQ(nights.new_rows().skipped_known_file, 10);
  EXPECT_TRUE(nights.new_rows().Balances());
  const int32_t number = nights.At("a").number;
  ASSERT_THAT(nights.Run({{"copy", {.content = 1, .rows = 10}}}), IsOk());
  EXPECT_EQ(nights.Rows(), 10) << "the copy takes over";
  EXPECT_EQ(nights.At("copy").number, number);
  EXPECT_EQ(nights.At("copy").counts.accepted, 10);
}

TEST(TableFiles, KeepBooksThatMustAddUp) {
  TableFilesBook book(TableId::kVisits, OnVanished::kKeep, OnChanged::kError, {});
  const FileInfo info{.path = "a", .size_bytes = 5, .modified_ns = 0};
  ASSERT_THAT(book.Compare({info}, false), IsOk());
  int32_t next = 1;
  ASSERT_THAT(book.Take(info, {.size_bytes = 5, .modified_ns = 0, .checksum = 1, .records = 5, .splits = {}}, &next),
              IsOk());
  EXPECT_THAT(book.AddMapped(1, {.read = 3, .accepted = 2}, {}), FailsWith(absl::StatusCode::kInternal, "ACCOUNTING"));
  ASSERT_THAT(book.AddMapped(1, {.read = 3, .accepted = 2, .rejected = 1}, {{"AGE_OUT_OF_RANGE", 1}}), IsOk());
  EXPECT_THAT(book.CheckRead(), FailsWith(absl::StatusCode::kInternal, "ACCOUNTING"));
  ASSERT_THAT(book.AddMapped(1, {.read = 2, .rejected = 2}, {{"AGE_MALFORMED", 1}, {"AGE_OUT_OF_RANGE", 1}}), IsOk());
  ASSERT_THAT(book.CheckRead(), IsOk());
  EXPECT_THAT(book.NewRejects(), ElementsAre(testing::Pair("AGE_MALFORMED", 1), testing::Pair("AGE_OUT_OF_RANGE", 2)));
  EXPECT_THAT(book.SetAccepted({{1, 1}}, 2), FailsWith(absl::StatusCode::kInternal, "ACCOUNTING"));
  ASSERT_THAT(book.SetAccepted({{1, 1}}, 1), IsOk());
  EXPECT_EQ(book.AllRows().duplicates, 1);
  EXPECT_TRUE(book.AllRows().Balances());
}

// Files come, change, go, are copied and renamed: what counts afterwards is every content that lies there, once.
TEST(TableFiles, HoldEveryContentOfTheSourceOnce) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random(seed);
    Nights nights(OnVanished::kRemove, OnChanged::kReplace);
    Source source;
    for (int night = 1; night <= 12; ++night) {
      for (int change = 0; change < 4; ++change) {
        const std::string path = "file-" + std::to_string(random() % 6);
        if (random() % 3 == 0) {
          source.erase(path);
          continue;
        }
        const uint64_t content = 1 + random() % 9;
        source[path] = {.content = content, .rows = static_cast<int64_t>(content * 7), .modified_ns = night};
      }
      ASSERT_THAT(nights.Run(source), IsOk()) << "night " << night;
      std::set<uint64_t> contents;
      for (const auto& [path, file] : source) contents.insert(file.content);
      int64_t rows = 0;
      for (const uint64_t content : contents) rows += static_cast<int64_t>(content * 7);
      ASSERT_EQ(nights.Rows(), rows) << "night " << night;
      ASSERT_EQ(nights.files().size(), source.size()) << "night " << night;
    }
  }
}

}  // namespace
}  // namespace strata

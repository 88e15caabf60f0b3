// The CSV reader against the oracle: hand-picked texts and random ones, read in one piece and in splits of every size.
#include <gtest/gtest.h>

#include <random>

#include "base/hash.h"
#include "data/source/csv_source.h"
#include "tests/data/source/csv_oracle.h"

namespace strata {
namespace {

using std::string_literals::operator""s;

class RecordingSink final : public RowSink {
 public:
  void OnBlank(int64_t line) override { records.push_back(std::to_string(line) + ":blank"); }
  void OnMalformed(int64_t line, const Fault& fault) override {
    records.push_back(std::to_string(line) + ":" + ReasonOf(fault.kind, SourceField()));
  }
  void OnRow(int64_t line, const Cells& cells) override {
    std::string shown = std::to_string(line) + ":row:";
    for (size_t i = 0; i < 3; ++i) shown += std::string(cells[i].text) + "|";
    records.push_back(shown);
  }
  std::vector<std::string> records;
};

SourceFields ThreeColumns(char delimiter) {
  SourceFields source;
  for (const char* name : {"a", "b", "c"}) source.fields.push_back(FieldNamed(name, name, "", FieldRead::kText));
  source.delimiter = delimiter;
  return source;
}

struct Reading {
  std::vector<std::string> records;
  FileScan scan;
};

Reading ReadInSplits(std::string_view text, char delimiter, const CsvLimits& limits) {
  Reading reading;
  const SourceFields source = ThreeColumns(delimiter);
  EXPECT_TRUE(ScanCsv(text, "f.csv", source, limits, &reading.scan).ok());
  const CsvLayout layout = ReadCsvLayout(text, "f.csv", source, limits.max_record_bytes).value();
  RecordingSink sink;
  for (const Split& split : reading.scan.splits) {
    ReadCsvRows(text, layout, split, delimiter, limits.max_record_bytes, INT64_MAX, &sink);
  }
  reading.records = sink.records;
  return reading;
}

// Splits lie end to end and hold everything after the header.
void ExpectTiling(const Reading& reading, std::string_view text, const std::string& what) {
  if (reading.scan.splits.empty()) return;
  for (size_t i = 1; i < reading.scan.splits.size(); ++i) {
    ASSERT_EQ(reading.scan.splits[i].begin, reading.scan.splits[i - 1].end) << what;
  }
  ASSERT_EQ(reading.scan.splits.back().end, text.size()) << what;
}

void ExpectLikeOracle(const std::string& text, char delimiter, size_t max_record_bytes, const std::string& what) {
  const std::vector<std::string> expected = OracleRecords(text, delimiter, max_record_bytes);
  for (uint64_t split_bytes = 1; split_bytes <= text.size() + 1; ++split_bytes) {
    const Reading reading =
        ReadInSplits(text, delimiter, {.split_bytes = split_bytes, .max_record_bytes = max_record_bytes});
    ASSERT_EQ(reading.records, expected) << what << ", splits of " << split_bytes << " bytes:\n" << text;
    ASSERT_EQ(reading.scan.records, static_cast<int64_t>(expected.size())) << what;
    ASSERT_NO_FATAL_FAILURE(ExpectTiling(reading, text, what));
  }
}

TEST(Csv, ReadsTheClassicTraps) {
  struct Case {
    std::string body;
    std::vector<std::string> records;
  };
  const Case cases[] = {
      {"", {}},
      {"1,2,3", {"2:row:1|2|3|"}},
      {"1,2,3\r\n4,5,6\r\n", {"2:row:1|2|3|", "3:row:4|5|6|"}},
      {"\"1\",\"2,2\",\"3\"\"3\"\n", {"2:row:1|2,2|3\"3|"}},
      {"\"1\n1\",2,3\n4,5,6\n", {"2:row:1\n1|2|3|", "4:row:4|5|6|"}},
      {"\"1\r\n1\",2,3\r\n", {"2:row:1\r\n1|2|3|"}},
      {"\n\r\n,,\n ,\t, \n1,2,3\n", {"2:blank", "3:blank", "4:blank", "5:blank", "6:row:1|2|3|"}},
      {"\"\",,\n", {"2:row:|||"}},
      {"1,2\n1,2,3,4\n", {"2:RECORD_FIELD_COUNT", "3:RECORD_FIELD_COUNT"}},
      {"1,2\"2,3\n", {"2:row:1|2\"2|3|"}},      // a stray quote is an ordinary character
      {"1, \"2\",3\n", {"2:row:1| \"2\"|3|"}},  // so is one after a blank
      {"1,\"2\"2,3\n4,5,6\n", {"2:QUOTE_TRAILING_TEXT", "3:row:4|5|6|"}},
      {"1,\"2,3\n4,5,6\n7,8,9\n", {"2:QUOTE_UNCLOSED", "3:row:4|5|6|", "4:row:7|8|9|"}},
      {"\"1\n1\",\"2,3\n4,5,6", {"2:QUOTE_UNCLOSED", "4:row:4|5|6|"}},
      {"1,2,\"", {"2:QUOTE_UNCLOSED"}},
      {"1,2\0,3\n4,5,6\n"s, {"2:RECORD_NUL_BYTE", "3:row:4|5|6|"}},
      {"1,2,3\r", {"2:row:1|2|3|"}},
      {"1\r,2,3\n", {"2:row:1\r|2|3|"}},
  };
  for (const Case& c : cases) {
    const std::string text = "a,b,c\n" + c.body;
    EXPECT_EQ(ReadInSplits(text, ',', {}).records, c.records) << c.body;
    ExpectLikeOracle(text, ',', kMaxRecordBytes, "case");
  }
}

TEST(Csv, AForgottenQuoteCostsOneRecordWhereverTheLimitFalls) {
  std::string text = "a,b,c\n1,\"2,3\n";
  for (int i = 0; i < 30; ++i) text += "4,5,6\n";
  text += "7,8\",9\n";  // closes the quote, but too late
  const Reading reading = ReadInSplits(text, ',', {.split_bytes = 1, .max_record_bytes = 50});
  EXPECT_EQ(reading.records[0], "2:QUOTE_UNCLOSED");
  EXPECT_EQ(reading.records[1], "3:row:4|5|6|");
  EXPECT_EQ(reading.records.size(), 32u);
  ExpectLikeOracle(text, ',', 50, "forgotten quote");
}

TEST(Csv, ARecordLongerThanTheLimitIsRejectedWhole) {
  const std::string text = "a,b,c\n1," + std::string(100, 'x') + ",3\n4,5,6\n";
  EXPECT_EQ(ReadInSplits(text, ',', {.max_record_bytes = 60}).records,
            (std::vector<std::string>{"2:RECORD_TOO_LONG", "3:row:4|5|6|"}));
}

// Pieces that meet one another in all the wrong ways.
std::string RandomCsv(uint64_t seed, char delimiter) {
  const std::vector<std::string> pieces = {
      "x",  "12",   " ",  "\t", "\"", "\"\"", "\"quoted\"", "\"a\nb\"", "\"a\r\nb\"", "\"say \"\"hi\"\"\"",
      "\n", "\r\n", "\r", "é",  "",   ";",    ",",          "\n\n",     "\0"s,        "\"open"};
  std::string text = std::string("a") + delimiter + "b" + delimiter + "c\n";
  const size_t records = 1 + Mix(seed) % 8;
  for (size_t i = 0; i < records; ++i) {
    const size_t fields = KeyedDraw(seed, i, 0) % 4 == 0 ? KeyedDraw(seed, i, 1) % 5 : 3;
    for (size_t f = 0; f < fields; ++f) {
      if (f > 0) text.push_back(delimiter);
      // Mostly tame, so that rows survive next to the broken ones.
      const uint64_t draw = KeyedDraw(seed, i * 8 + f, 2);
      const size_t count = draw % 5 == 0 ? 2 : 1;
      for (size_t p = 0; p < count; ++p) {
        const uint64_t choice = KeyedDraw(seed, i * 8 + f, 3 + p);
        text += choice % 3 == 0 ? pieces[(choice >> 8) % pieces.size()] : pieces[(choice >> 8) % 2];
      }
    }
    if (i + 1 < records || seed % 3 != 0) text += KeyedDraw(seed, i, 9) % 3 == 0 ? "\r\n" : "\n";
  }
  return text;
}

TEST(Csv, EqualsTheOracleOnRandomTextsInSplitsOfEverySize) {
  int64_t rows = 0;
  int64_t others = 0;
  for (uint64_t seed = 1; seed <= 3000; ++seed) {
    const char delimiter = seed % 4 == 0 ? ';' : ',';
    const size_t max_record_bytes = seed % 2 == 0 ? 24 : kMaxRecordBytes;
    const std::string text = RandomCsv(seed, delimiter);
    ASSERT_NO_FATAL_FAILURE(ExpectLikeOracle(text, delimiter, max_record_bytes, "seed " + std::to_string(seed)));
    for (const std::string& record : OracleRecords(text, delimiter, max_record_bytes)) {
      ++(record.find(":row:") != std::string::npos ? rows : others);
    }
  }
  EXPECT_GT(rows, 1000);  // the texts reach both
  EXPECT_GT(others, 1000);
}

TEST(Csv, LooksFarAheadWithoutLosingTheWay) {
  // Quotes and NULs far apart, so that the search for the next one runs over many records.
  std::string text = "a,b,c\n";
  for (int i = 0; i < 40'000; ++i) {
    text += i % 9'973 == 5 ? "\"1\n1\",2,3\n" : i % 7'919 == 7 ? "1,\0,3\n"s : "1,2,3\n";
  }
  const std::vector<std::string> expected = OracleRecords(text.substr(0, 60'000), ',', kMaxRecordBytes);
  const Reading whole = ReadInSplits(text, ',', {});
  for (size_t i = 0; i + 1 < expected.size(); ++i) ASSERT_EQ(whole.records[i], expected[i]);
  EXPECT_EQ(whole.records.size(), 40'000u);
  EXPECT_EQ(ReadInSplits(text, ',', {.split_bytes = 1'000}).records, whole.records);
}

}  // namespace
}  // namespace strata

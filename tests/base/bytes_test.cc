#include "base/bytes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/base/status_matchers.h"

namespace strata {
namespace {

TEST(Bytes, TheEncodingIsFixedToTheByte) {
  ByteWriter writer;
  writer.U8(0xab);
  writer.U32(0x01020304);
  writer.I64(-2);
  writer.F64(1.0);
  writer.Text("hi");
  writer.Array(std::vector<int32_t>{1, -1});
  const std::string expected = std::string("\xab", 1) + std::string("\x04\x03\x02\x01", 4) +
                               std::string("\xfe\xff\xff\xff\xff\xff\xff\xff", 8) +
                               std::string("\0\0\0\0\0\0\xf0\x3f", 8) + std::string("\x02\0\0\0hi", 6) +
                               std::string("\x02\0\0\0\x01\0\0\0\xff\xff\xff\xff", 12);
  EXPECT_EQ(writer.bytes(), expected);
}

// Everything that can be written, with the edges of each type.
std::string WriteAll() {
  ByteWriter writer;
  writer.U8(255);
  writer.U32(std::numeric_limits<uint32_t>::max());
  writer.U64(std::numeric_limits<uint64_t>::max());
  writer.I32(std::numeric_limits<int32_t>::min());
  writer.I64(std::numeric_limits<int64_t>::min());
  writer.I128((Int128{1} << 100) + 3);
  writer.F64(-0.0);
  writer.F64(std::numeric_limits<double>::denorm_min());
  writer.Text(std::string("a\0b", 3));
  writer.Text("");
  writer.Array(std::vector<double>{0.1, 0.2, 0.3});
  writer.Array(std::vector<Int128>{-1, Int128{1} << 90});
  writer.Array(std::vector<int64_t>{});
  return writer.Take();
}

TEST(Bytes, WhatIsWrittenIsRead) {
  const std::string bytes = WriteAll();
  ByteReader reader(bytes);
  EXPECT_EQ(reader.U8(), 255);
  EXPECT_EQ(reader.U32(), std::numeric_limits<uint32_t>::max());
  EXPECT_EQ(reader.U64(), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(reader.I32(), std::numeric_limits<int32_t>::min());
  EXPECT_EQ(reader.I64(), std::numeric_limits<int64_t>::min());
  EXPECT_TRUE(reader.I128() == (Int128{1} << 100) + 3);
  const double zero = reader.F64();
  EXPECT_EQ(zero, 0.0);
  EXPECT_TRUE(std::signbit(zero)) << "bits are kept, the sign of zero included";
  EXPECT_EQ(reader.F64(), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(reader.Text(), std::string_view("a\0b", 3));
  EXPECT_EQ(reader.Text(), "");
  EXPECT_EQ(reader.Array<double>(), (std::vector<double>{0.1, 0.2, 0.3}));
  EXPECT_TRUE(reader.Array<Int128>() == (std::vector<Int128>{-1, Int128{1} << 90}));
  EXPECT_TRUE(reader.Array<int64_t>().empty());
  EXPECT_OK(reader.Finish("everything"));
}

// Reads what WriteAll wrote and answers what Finish says.
absl::Status ReadAll(std::string_view bytes) {
  ByteReader reader(bytes);
  reader.U8();
  reader.U32();
  reader.U64();
  reader.I32();
  reader.I64();
  reader.I128();
  reader.F64();
  reader.F64();
  reader.Text();
  reader.Text();
  reader.Array<double>();
  reader.Array<Int128>();
  reader.Array<int64_t>();
  return reader.Finish("the test's bytes");
}

TEST(Bytes, EveryCutIsNoticed) {
  const std::string bytes = WriteAll();
  ASSERT_OK(ReadAll(bytes));
  for (size_t size = 0; size < bytes.size(); ++size) {
    const absl::Status status = ReadAll(std::string_view(bytes).substr(0, size));
    EXPECT_THAT(status, FailsWith(absl::StatusCode::kDataLoss, "TRUNCATED")) << size;
    EXPECT_THAT(status, SaysThat("the test's bytes"));
  }
  EXPECT_THAT(ReadAll(bytes + "x"), FailsWith(absl::StatusCode::kDataLoss, "TRAILING_BYTES"));
}

TEST(Bytes, ALengthThatLiesAllocatesNothing) {
  for (const std::string& bytes : {std::string("\xff\xff\xff\xff", 4), std::string("\x05\0\0\0abcd", 8)}) {
    ByteReader text(bytes);
    EXPECT_EQ(text.Text(), "");
    EXPECT_FALSE(text.ok());
    EXPECT_EQ(text.U8(), 0) << "after a failure everything is zero";
    ByteReader array(bytes);
    EXPECT_TRUE(array.Array<int64_t>().empty());
    EXPECT_FALSE(array.ok());
  }
}

}  // namespace
}  // namespace strata

// Arrow files as texts: writing to a string, reading from mapped bytes without copying, and arrays over columns that
// live elsewhere. Only .cc files of data/ include this. Pure functions; thread-safe.
#pragma once

#include <arrow/api.h>
#include <arrow/io/api.h>

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace strata {

// An output stream that appends to a string, which must outlive it.
class StringOutput final : public arrow::io::OutputStream {
 public:
  explicit StringOutput(std::string* bytes) : bytes_(bytes) {}
  ~StringOutput() override = default;

  using arrow::io::OutputStream::Write;
  arrow::Status Write(const void* data, int64_t size) override;
  arrow::Status Close() override;
  arrow::Result<int64_t> Tell() const override { return static_cast<int64_t>(bytes_->size()); }
  bool closed() const override { return closed_; }

 private:
  std::string* bytes_;
  bool closed_ = false;
};

// DATA_LOSS with `reason`; `what` says which file.
absl::Status FromArrow(const arrow::Status& status, std::string_view reason, std::string_view what);

// What an Arrow file of Strata is; written into the schema's metadata.
struct ArrowFormat {
  std::string_view name;  // "strata ledger segment"
  int version = 0;
  std::string_view reason;            // of the error when bytes are not as they must be
  std::array<int, 2> also_read = {};  // other versions that are read as well; 0: none
};
std::shared_ptr<arrow::KeyValueMetadata> FormatMetadata(const ArrowFormat& format);

// Equal batches give equal bytes: no compression, no threads.
absl::StatusOr<std::string> WriteArrowFile(const ArrowFormat& format, const std::shared_ptr<arrow::Schema>& schema,
                                           const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches);

struct ArrowFile {
  std::shared_ptr<arrow::Schema> schema;  // with metadata
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
};
// Views of `bytes`, which must outlive the result. Checks format, version, every offset, text and the absence of nulls;
// FAILED_PRECONDITION (FORMAT_UNKNOWN) or DATA_LOSS (format.reason). Comparing the schema is the caller's business.
absl::StatusOr<ArrowFile> ReadArrowFile(const ArrowFormat& format, std::string_view bytes);

// An array without nulls over `values`, which must outlive it.
template <typename T>
std::shared_ptr<arrow::ArrayData> ArrayOver(std::span<const T> values) {
  return arrow::ArrayData::Make(arrow::CTypeTraits<T>::type_singleton(), static_cast<int64_t>(values.size()),
                                {nullptr, arrow::Buffer::Wrap(values.data(), values.size())}, 0);
}
template <typename T>
std::shared_ptr<arrow::ArrayData> ArrayOver(const std::vector<T>& values) {
  return ArrayOver(std::span<const T>(values));
}

// Texts and lists by their offsets: one more than there are values, the first 0, the last the length of what they
// divide.
std::shared_ptr<arrow::ArrayData> TextsOver(std::span<const int32_t> offsets, std::string_view bytes);
std::shared_ptr<arrow::ArrayData> ListsOver(std::shared_ptr<arrow::DataType> type, std::span<const int32_t> offsets,
                                            std::shared_ptr<arrow::ArrayData> items);

// The values of a checked array where they lie.
template <typename T>
std::span<const T> ValuesOf(const arrow::ArrayData& data) {
  return {data.GetValues<T>(1), static_cast<size_t>(data.length)};
}
// The offsets of a checked text or list array: always one more than there are values, also for none.
std::span<const int32_t> OffsetsOf(const arrow::ArrayData& data);

}  // namespace strata

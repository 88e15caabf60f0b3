// The model files of a snapshot as one object, for the tasks that score with them before they are published. Pure
// functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace strata {

using ModelFiles = std::vector<std::pair<std::string, std::string>>;  // (name, JSON), by name

inline std::string EncodeModelFiles(const ModelFiles& files) {
  ByteWriter writer;
  writer.U32(static_cast<uint32_t>(files.size()));
  for (const auto& [name, json] : files) {
    writer.Text(name);
    writer.Text(json);
  }
  return writer.Take();
}

inline absl::StatusOr<ModelFiles> DecodeModelFiles(std::string_view bytes) {
  ByteReader reader(bytes);
  ModelFiles files;
  const uint32_t count = reader.U32();
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    std::string name(reader.Text());
    files.emplace_back(std::move(name), std::string(reader.Text()));
  }
  STRATA_RETURN_IF_ERROR(reader.Finish("model files"));
  return files;
}

}  // namespace strata

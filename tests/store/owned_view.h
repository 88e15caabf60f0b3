// Bytes in memory as a mapped file. Immutable; thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "store/file_system.h"

namespace strata {

class OwnedView final : public FileView {
 public:
  // `bytes` must not be null.
  explicit OwnedView(std::shared_ptr<const std::string> bytes) : bytes_(std::move(bytes)) {}
  static std::shared_ptr<const FileView> Of(std::string bytes) {
    return std::make_shared<OwnedView>(std::make_shared<const std::string>(std::move(bytes)));
  }
  std::string_view bytes() const override { return *bytes_; }

 private:
  std::shared_ptr<const std::string> bytes_;
};

}  // namespace strata

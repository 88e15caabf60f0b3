#include "store/cache_flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/byte_size.h"
#include "store/object_cache.h"

namespace strata {

void AddCacheFlags(CLI::App* command, const std::string& default_dir, std::string* cache_dir, uint64_t* cache_bytes) {
  command->add_option("--cache-dir", *cache_dir, "local copies of what lies in S3 (default: " + default_dir + ")")
      ->type_name("DIR")
      ->check(CLI::Validator(
          [](const std::string& text) {
            return text.empty() ? std::string("found ''; allowed is the name of a folder") : std::string();
          },
          ""));
  command
      ->add_option_function<std::string>(
          "--cache-bytes", [cache_bytes](const std::string& text) { *cache_bytes = *ParseByteSize(text); },
          fmt::format("at most this much in the cache folder; KiB, MiB and GiB are known (default: {})",
                      FormatByteSize(kDefaultCacheBytes)))
      ->type_name("BYTES")
      ->check(CLI::Validator(
          [](const std::string& text) {
            const auto bytes = ParseByteSize(text);
            return bytes.ok() ? std::string() : std::string(StdView(bytes.status().message()));
          },
          ""));
}

}  // namespace strata

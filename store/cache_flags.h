// --cache-dir and --cache-bytes: the flags of every program that may map objects from S3.
#pragma once

#include <cstdint>
#include <string>

namespace CLI {
class App;
}

namespace strata {

// A wrong value is told while parsing. `default_dir` is for people; both values must outlive the parsing.
void AddCacheFlags(CLI::App* command, const std::string& default_dir, std::string* cache_dir, uint64_t* cache_bytes);

}  // namespace strata

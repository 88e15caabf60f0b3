#include "base/build_id.h"

#include <fmt/format.h>
#include <link.h>

#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "strata_build_id.h"

namespace strata {
namespace {

int CollectPath(dl_phdr_info* info, size_t, void* paths) {
  const std::string_view path = info->dlpi_name == nullptr ? "" : info->dlpi_name;
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (name.starts_with("libm.so") || name.starts_with("libm-") || name.starts_with("libarrow.so")) {
    static_cast<std::vector<std::string>*>(paths)->emplace_back(path);
  }
  return 0;
}

}  // namespace

const char* BuildId() { return STRATA_BUILD_ID; }
const char* Version() { return STRATA_VERSION; }

std::string BuildVersion() { return fmt::format("{} (build {})", STRATA_VERSION, BuildId()); }

std::string RunningBuildId() {
  std::vector<std::string> paths;
  dl_iterate_phdr(CollectPath, &paths);
  std::string id = BuildId();
  for (const std::string& path : paths) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    id += "-" + Hex(Hash64(bytes.view()));
  }
  return id;
}

}  // namespace strata

// What lies where in a state folder: one SQLite file for metadata, one folder for objects unless
// they lie elsewhere, and one for copies of those that do. Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace strata {

inline std::string MetadataPath(std::string_view state) { return std::string(state) + "/metadata.db"; }
inline std::string ObjectsRoot(std::string_view state) { return std::string(state) + "/objects"; }
inline std::string CacheFolder(std::string_view state) { return std::string(state) + "/cache"; }

}  // namespace strata

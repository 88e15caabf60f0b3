// What lies where in a state folder: one SQLite file for metadata, one folder for objects. Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace strata {

inline std::string MetadataPath(std::string_view state) { return std::string(state) + "/metadata.db"; }
inline std::string ObjectsRoot(std::string_view state) { return std::string(state) + "/objects"; }

}  // namespace strata

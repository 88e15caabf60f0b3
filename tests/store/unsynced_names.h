// What a power cut would take: the bytes of files and the names in folders that no fsync has reached yet.
#pragma once

#include <fcntl.h>

#include <map>
#include <set>
#include <string>

#include "store/posix_file_system.h"

namespace strata {

class UnsyncedNames {
 public:
  // The system's calls, watched. This object must outlive them.
  PosixCalls Watch() {
    const PosixCalls real;
    PosixCalls calls;
    calls.open = [this, real](const char* path, int flags, mode_t mode) {
      const int descriptor = real.open(path, flags, mode);
      if (descriptor >= 0) open_[descriptor] = path;
      if (descriptor >= 0 && (flags & O_CREAT) != 0) {
        names_.insert(path);
        bytes_.insert(path);
      }
      return descriptor;
    };
    calls.fsync = [this, real](int descriptor) {
      Synced(open_[descriptor]);
      return real.fsync(descriptor);
    };
    calls.mkdir = [this, real](const char* path, mode_t mode) {
      const int made = real.mkdir(path, mode);
      if (made == 0) names_.insert(path);
      return made;
    };
    calls.rename_no_replace = [this, real](const char* from, const char* to) {
      const int renamed = real.rename_no_replace(from, to);
      if (renamed == 0) names_.insert(to);
      if (renamed == 0 && bytes_.erase(from) > 0) bytes_.insert(to);
      return renamed;
    };
    return calls;
  }

  // A name that somebody made without any fsync of its folder.
  void MadeByOthers(const std::string& path) { names_.insert(path); }

  // What of `path` would be lost: its bytes, its name or that of a folder above it.
  std::set<std::string> LostWith(const std::string& path) const {
    std::set<std::string> lost;
    if (bytes_.contains(path)) lost.insert("bytes of " + path);
    for (const std::string& name : names_) {
      if (path == name || path.starts_with(name + "/")) lost.insert("name " + name);
    }
    return lost;
  }

 private:
  void Synced(const std::string& path) {
    bytes_.erase(path);
    std::erase_if(names_, [&](const std::string& name) { return name.substr(0, name.find_last_of('/')) == path; });
  }

  std::map<int, std::string> open_;
  std::set<std::string> names_;
  std::set<std::string> bytes_;
};

}  // namespace strata

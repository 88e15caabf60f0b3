// SQLite's files with a plan of failures: while it lives, connections opened in this process go through it. Only one at
// a time. The n-th write, sync or truncation fails; a failing write takes half of its bytes.
#pragma once

#include <sqlite3.h>

#include <cerrno>
#include <new>

#include "tests/store/faulty_calls.h"

namespace strata {

class FaultyVfs {
 public:
  // `plan` must outlive this object, and this object every connection opened in its life.
  explicit FaultyVfs(FaultPlan* plan) : real_(sqlite3_vfs_find(nullptr)), vfs_(*real_) {
    vfs_.zName = "strata-faulty";
    vfs_.pNext = nullptr;
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.xOpen = &Open;
    Current() = {.real = real_, .plan = plan};
    sqlite3_vfs_register(&vfs_, 1);
  }
  ~FaultyVfs() {
    sqlite3_vfs_unregister(&vfs_);
    sqlite3_vfs_register(real_, 1);
  }
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;

  int syncs() const { return Current().syncs; }  // so far

 private:
  struct File {
    sqlite3_file base;
    // The real file lies behind this one, as SQLite allocates szOsFile bytes.
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  struct Behind {
    sqlite3_vfs* real = nullptr;
    FaultPlan* plan = nullptr;
    int syncs = 0;
  };

  // SQLite's callbacks get no pointer of ours except through the file, which has none for xOpen.
  static Behind& Current() {
    static Behind behind;
    return behind;
  }
  static sqlite3_file* Real(sqlite3_file* file) { return reinterpret_cast<File*>(file)->real(); }
  static FaultPlan& Plan() { return *Current().plan; }
  static int Code() { return Plan().error == ENOSPC ? SQLITE_FULL : SQLITE_IOERR_WRITE; }

  static int Open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    file->pMethods = nullptr;
    const int code = Current().real->xOpen(Current().real, name, Real(file), flags, out_flags);
    if (code == SQLITE_OK) file->pMethods = &Methods();
    return code;
  }

  static int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    sqlite3_file* const real = Real(file);
    if (!Plan().Fails()) return real->pMethods->xWrite(real, data, size, offset);
    real->pMethods->xWrite(real, data, size / 2, offset);
    return Code();
  }
  // No power is cut here, so the disk need not be waited for.
  static int Sync(sqlite3_file*, int) {
    ++Current().syncs;
    return Plan().Fails() ? SQLITE_IOERR_FSYNC : SQLITE_OK;
  }
  static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    return Plan().Fails() ? SQLITE_IOERR_TRUNCATE : Real(file)->pMethods->xTruncate(Real(file), size);
  }

  // The rest goes to the real file. A table, because SQLite wants one function per operation.
  static const sqlite3_io_methods& Methods() {
    using F = sqlite3_file;
    static const sqlite3_io_methods methods = {
        .iVersion = 2,
        .xClose = [](F* f) { return Real(f)->pMethods->xClose(Real(f)); },
        .xRead = [](F* f, void* to, int n, sqlite3_int64 at) { return Real(f)->pMethods->xRead(Real(f), to, n, at); },
        .xWrite = &Write,
        .xTruncate = &Truncate,
        .xSync = &Sync,
        .xFileSize = [](F* f, sqlite3_int64* n) { return Real(f)->pMethods->xFileSize(Real(f), n); },
        .xLock = [](F* f, int kind) { return Real(f)->pMethods->xLock(Real(f), kind); },
        .xUnlock = [](F* f, int kind) { return Real(f)->pMethods->xUnlock(Real(f), kind); },
        .xCheckReservedLock = [](F* f, int* out) { return Real(f)->pMethods->xCheckReservedLock(Real(f), out); },
        .xFileControl = [](F* f, int op, void* arg) { return Real(f)->pMethods->xFileControl(Real(f), op, arg); },
        .xSectorSize = [](F* f) { return Real(f)->pMethods->xSectorSize(Real(f)); },
        .xDeviceCharacteristics = [](F* f) { return Real(f)->pMethods->xDeviceCharacteristics(Real(f)); },
        .xShmMap = [](F* f, int page, int size, int extend,
                      void volatile** out) { return Real(f)->pMethods->xShmMap(Real(f), page, size, extend, out); },
        .xShmLock = [](F* f, int at, int n, int flags) { return Real(f)->pMethods->xShmLock(Real(f), at, n, flags); },
        .xShmBarrier = [](F* f) { Real(f)->pMethods->xShmBarrier(Real(f)); },
        .xShmUnmap = [](F* f, int remove) { return Real(f)->pMethods->xShmUnmap(Real(f), remove); },
    };
    return methods;
  }

  sqlite3_vfs* const real_;
  sqlite3_vfs vfs_;
};

}  // namespace strata

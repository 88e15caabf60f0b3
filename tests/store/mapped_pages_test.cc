// Pages that are given back are read again as they were, and only then.
#include "store/file_system.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "base/hash.h"
#include "store/posix_file_system.h"
#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"

namespace strata {
namespace {

constexpr size_t kFileBytes = 8u << 20;

// Reads everything; how many page faults that took.
int64_t FaultsOf(const FileView& view, uint64_t* hash) {
  rusage before{};
  rusage after{};
  getrusage(RUSAGE_THREAD, &before);
  *hash = Hash64(view.bytes());
  getrusage(RUSAGE_THREAD, &after);
  return after.ru_minflt + after.ru_majflt - before.ru_minflt - before.ru_majflt;
}

TEST(MappedPages, ComeBackAsTheyWere) {
  TemporaryFolder folder;
  const auto files = NewPosixFileSystem();
  std::string text;
  while (text.size() < kFileBytes) text += Hex(Mix(text.size()));
  ASSERT_OK(files->WriteNew(folder.Under("a"), text, 0600));
  const auto view = files->Map(folder.Under("a"));
  ASSERT_OK(view);
  uint64_t hash = 0;
  FaultsOf(**view, &hash);
  EXPECT_EQ(hash, Hash64(text));
  // How much a fault brings in is the system's choice: 64 KiB, or megabytes.
  const int64_t kept = FaultsOf(**view, &hash);
  (*view)->Release(0, kFileBytes);
  EXPECT_GT(FaultsOf(**view, &hash), kept) << "nothing was given back";
  EXPECT_EQ(hash, Hash64(text));
  (*view)->Release(100, 200);  // less than a page: nothing to give
  (*view)->Release(kFileBytes / 2, kFileBytes);
  EXPECT_GT(FaultsOf(**view, &hash), kept);
  EXPECT_EQ(hash, Hash64(text));
}

TEST(MappedPages, AViewThatIsNotMappedStays) {
  class Owned final : public FileView {
   public:
    std::string_view bytes() const override { return "abc"; }
  };
  const Owned view;
  view.Release(0, 3);
  EXPECT_EQ(view.bytes(), "abc");
}

}  // namespace
}  // namespace strata

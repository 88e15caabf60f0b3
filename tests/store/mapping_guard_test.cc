#include "store/mapping_guard.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "store/file_system.h"
#include "store/posix_file_system.h"
#include "tests/base/status_matchers.h"
#include "tests/base/temporary_folder.h"

namespace strata {
namespace {

constexpr size_t kBytes = 1 << 20;

class MappingGuardTest : public testing::Test {
 protected:
  std::shared_ptr<const FileView> NewMapping(const std::string& name, size_t cut_to) {
    const std::string path = folder_.Under(name);
    EXPECT_THAT(files_->WriteNew(path, std::string(kBytes, 'x'), 0600), IsOk());
    const auto view = files_->Map(path);
    EXPECT_THAT(view, IsOk());
    EXPECT_EQ(truncate(path.c_str(), static_cast<off_t>(cut_to)), 0);
    return *view;
  }

  TemporaryFolder folder_;
  std::unique_ptr<FileSystem> files_ = NewPosixFileSystem();
};

TEST_F(MappingGuardTest, WhatWasCutOffReadsAsZerosAndTheRestStays) {
  const size_t cut_to = 300'000;
  const auto view = NewMapping("a", cut_to);
  const MappingGuard guard(view->bytes());
  EXPECT_EQ(view->bytes().back(), '\0');
  EXPECT_EQ(view->bytes()[cut_to + 4096], '\0');
  EXPECT_EQ(view->bytes()[cut_to - 1], 'x');
}

TEST_F(MappingGuardTest, SaysWhetherAnythingThatWasReadWasMissing) {
  const size_t cut_to = 300'000;
  const auto view = NewMapping("a", cut_to);
  const auto other = NewMapping("b", cut_to);
  {
    const MappingGuard guard(view->bytes());
    const MappingGuard beside(view->bytes());
    const MappingGuard of_another(other->bytes());
    EXPECT_EQ(view->bytes()[cut_to - 1], 'x');
    EXPECT_FALSE(guard.hit());
    EXPECT_EQ(view->bytes()[cut_to + 4096], '\0');
    EXPECT_TRUE(guard.hit());
    EXPECT_TRUE(beside.hit()) << "its reader meets no signal any more";
    EXPECT_FALSE(of_another.hit());
  }
  const MappingGuard next(other->bytes());
  EXPECT_FALSE(next.hit()) << "the place of another guard comes without its past";
  EXPECT_FALSE(MappingGuard("").hit());
}

TEST_F(MappingGuardTest, ManyThreadsMeetTheEndOfTheirFilesAtOnce) {
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, i] {
      for (int round = 0; round < 20; ++round) {
        const auto view = NewMapping(std::to_string(i) + "-" + std::to_string(round), 4096);
        const MappingGuard guard(view->bytes());
        size_t whole = 0;
        for (const char byte : view->bytes()) whole += byte == 'x' ? 1 : 0;
        EXPECT_EQ(whole, 4096u);
        EXPECT_TRUE(guard.hit());
      }
    });
  }
}

using MappingGuardDeathTest = MappingGuardTest;

TEST_F(MappingGuardDeathTest, WithoutAGuardTheProcessEnds) {
  const auto view = NewMapping("a", 0);
  { const MappingGuard guard(view->bytes()); }
  EXPECT_EXIT(
      {
        const volatile char byte = view->bytes()[0];
        _exit(byte);
      },
      testing::KilledBySignal(SIGBUS), "");
}

}  // namespace
}  // namespace strata

// The counting wrappers change nothing, and count what went through.
#include <gtest/gtest.h>

#include "store/counting_metadata.h"
#include "store/counting_object_store.h"
#include "tests/base/fake_clock.h"
#include "tests/base/telemetry/exposition.h"
#include "tests/base/temporary_folder.h"
#include "tests/store/object_store_conformance.h"

namespace strata {
namespace {

class CountedStore final : public ObjectStore {
 public:
  CountedStore(std::unique_ptr<ObjectStore> inner, MetricsRegistry* registry)
      : inner_(std::move(inner)), counted_(CountObjects(inner_.get(), registry)) {}
  absl::Status Put(const std::string& key, std::string_view bytes, uint32_t mode) override {
    return counted_->Put(key, bytes, mode);
  }
  absl::StatusOr<std::string> Get(const std::string& key, uint64_t offset, uint64_t size) override {
    return counted_->Get(key, offset, size);
  }
  absl::StatusOr<std::shared_ptr<const FileView>> Map(const std::string& key) override { return counted_->Map(key); }
  absl::StatusOr<std::vector<ObjectInfo>> List(const std::string& prefix) override { return counted_->List(prefix); }
  absl::Status Delete(const std::string& key) override { return counted_->Delete(key); }

 private:
  std::unique_ptr<ObjectStore> inner_;
  std::unique_ptr<ObjectStore> counted_;
};

class CountedWorld final : public ObjectStoreWorld {
 public:
  std::unique_ptr<ObjectStore> Open() override {
    return std::make_unique<CountedStore>(*NewLocalObjectStore(files_.get(), folder_.Under("objects")), &registry_);
  }

 private:
  TemporaryFolder folder_;
  MetricsRegistry registry_;
  std::unique_ptr<FileSystem> files_ = NewPosixFileSystem();
};

INSTANTIATE_TEST_SUITE_P(Counted, ObjectStoreConformance,
                         testing::Values(ObjectStoreWorldFactory([] { return std::make_unique<CountedWorld>(); })));

TEST(CountingObjectStore, CountsOperationsAndBytes) {
  const TemporaryFolder folder;
  const auto files = NewPosixFileSystem();
  const auto inner = *NewLocalObjectStore(files.get(), folder.Under("objects"));
  MetricsRegistry registry;
  const auto store = CountObjects(inner.get(), &registry);
  ASSERT_OK(store->Put("a/b", "12345"));
  EXPECT_FALSE(store->Put("a/b", "other").ok());
  ASSERT_OK(store->Get("a/b", 1, 3));
  ASSERT_OK(store->Map("a/b"));
  EXPECT_FALSE(store->Map("a/c").ok());
  ASSERT_OK(store->List(""));
  ASSERT_OK(store->Delete("a/b"));
  const Exposition scraped = Exposition::Parse(registry.Scrape());
  const auto operations = [&scraped](const char* operation, const char* outcome) {
    return scraped.Value("strata_object_store_operations_total", {{"operation", operation}, {"outcome", outcome}});
  };
  EXPECT_EQ(operations("put", "ok"), 1);
  EXPECT_EQ(operations("put", "error"), 1);
  EXPECT_EQ(operations("get", "ok"), 1);
  EXPECT_EQ(operations("map", "ok"), 1);
  EXPECT_EQ(operations("map", "error"), 1);
  EXPECT_EQ(operations("list", "ok"), 1);
  EXPECT_EQ(operations("delete", "ok"), 1);
  EXPECT_EQ(scraped.Value("strata_object_store_bytes_total", {{"direction", "written"}}), 5);
  EXPECT_EQ(scraped.Value("strata_object_store_bytes_total", {{"direction", "read"}}), 3 + 5);
}

TEST(CountingMetadata, CountsCommitsByOutcome) {
  const TemporaryFolder folder;
  const FakeClock clock;
  const auto inner = *OpenSqliteMetadata(folder.Under("metadata.db"), &clock);
  MetricsRegistry registry;
  const auto metadata = CountCommits(inner.get(), &registry);
  const CommitRequest first{.compares = {{"a", 0}}, .puts = {{"a", "1"}}, .deletes = {}};
  ASSERT_OK(metadata->Commit(first));
  ASSERT_OK(metadata->Commit(first));  // answered: a conflict, the key is there
  EXPECT_FALSE(metadata->Commit({.compares = {}, .puts = {{"", "1"}}, .deletes = {}}).ok());
  const auto stored = metadata->Get("a");
  ASSERT_OK(stored);
  EXPECT_EQ((*stored)->value, "1");
  const Exposition scraped = Exposition::Parse(registry.Scrape());
  EXPECT_EQ(scraped.Value("strata_metadata_commits_total", {{"outcome", "committed"}}), 1);
  EXPECT_EQ(scraped.Value("strata_metadata_commits_total", {{"outcome", "conflict"}}), 1);
  EXPECT_EQ(scraped.Value("strata_metadata_commits_total", {{"outcome", "error"}}), 1);
  EXPECT_EQ(scraped.Value("strata_metadata_commits_total", {{"outcome", "unknown"}}), 0);
}

}  // namespace
}  // namespace strata

#include "data/snapshot/current_objects.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "run/keys.h"

namespace strata {
namespace {

struct Ignored {
  std::vector<std::string> named;
  size_t total = 0;

  void Add(const std::string& key, std::string_view why) {
    if (++total <= kMaxIgnoredObjectsNamed) named.push_back(fmt::format("{}: {}", key, why));
  }
  std::vector<std::string> Lines() && {
    if (total > named.size()) named.push_back(fmt::format("and {} more", total - named.size()));
    return std::move(named);
  }
};

// The pointer in an object; DATA_LOSS or FAILED_PRECONDITION where it is none, NOT_FOUND where it is gone.
absl::StatusOr<CurrentPointer> ReadPointer(ObjectStore& objects, const std::string& key, int64_t generation) {
  STRATA_ASSIGN_OR_RETURN(const std::string text, objects.Get(key, 0, kMaxPointerBytes + 1));
  STRATA_ASSIGN_OR_RETURN(const CurrentPointer pointer, CurrentPointer::FromJson(text));
  if (pointer.generation != generation) {
    return MakeError(absl::StatusCode::kDataLoss, "CURRENT_CORRUPT",
                     fmt::format("it holds generation {}", pointer.generation));
  }
  return pointer;
}

// Reading it again gives the same: it is no pointer, or there no longer.
bool IsFinal(const absl::Status& status) {
  return absl::IsDataLoss(status) || absl::IsFailedPrecondition(status) || absl::IsNotFound(status);
}

// Generations that are there, by number, and what else lies in the folder.
absl::StatusOr<std::vector<int64_t>> ListGenerations(ObjectStore& objects, const std::string& job, Ignored* ignored) {
  STRATA_ASSIGN_OR_RETURN(const std::vector<ObjectInfo> listed, objects.List(CurrentObjectsPrefix(job)));
  std::vector<int64_t> generations;
  for (const ObjectInfo& object : listed) {
    const std::optional<int64_t> generation = GenerationOf(job, object.key);
    if (generation.has_value()) {
      generations.push_back(*generation);
    } else {
      ignored->Add(object.key, "no generation");
    }
  }
  std::sort(generations.begin(), generations.end());
  return generations;
}

}  // namespace

absl::StatusOr<FoundPointer> FindCurrentObject(ObjectStore& objects, const std::string& job) {
  Ignored ignored;
  STRATA_ASSIGN_OR_RETURN(const std::vector<int64_t> generations, ListGenerations(objects, job, &ignored));
  FoundPointer found;
  size_t tried = 0;
  for (auto generation = generations.rbegin(); generation != generations.rend(); ++generation) {
    if (++tried > kMaxPointersTried) {
      return MakeError(absl::StatusCode::kDataLoss, "CURRENT_CORRUPT",
                       fmt::format("{}: the {} highest of {} objects are no pointers", CurrentObjectsPrefix(job),
                                   kMaxPointersTried, generations.size()));
    }
    const std::string key = CurrentObject(job, *generation);
    absl::StatusOr<CurrentPointer> pointer = ReadPointer(objects, key, *generation);
    if (pointer.ok()) {
      found.pointer = *pointer;
      break;
    }
    if (!IsFinal(pointer.status())) return WithContext(pointer.status(), key);
    ignored.Add(key, StdView(pointer.status().message()));
  }
  found.ignored = std::move(ignored).Lines();
  return found;
}

absl::Status WriteCurrentObject(ObjectStore& objects, const std::string& job, const CurrentPointer& pointer) {
  const std::string key = CurrentObject(job, pointer.generation);
  absl::Status written = objects.Put(key, pointer.ToJson());
  if (absl::IsAlreadyExists(written) && absl::IsDataLoss(ReadPointer(objects, key, pointer.generation).status())) {
    STRATA_RETURN_IF_ERROR(objects.Delete(key));
    written = objects.Put(key, pointer.ToJson());
  }
  STRATA_RETURN_IF_ERROR(written);
  Ignored ignored;  // what is not ours stays; readers report it
  STRATA_ASSIGN_OR_RETURN(const std::vector<int64_t> generations, ListGenerations(objects, job, &ignored));
  // The oldest first: whoever finds one gone finds none below it.
  for (const int64_t generation : generations) {
    if (generation > pointer.generation - kKeptGenerations) break;
    STRATA_RETURN_IF_ERROR(objects.Delete(CurrentObject(job, generation)));
  }
  return absl::OkStatus();
}

}  // namespace strata

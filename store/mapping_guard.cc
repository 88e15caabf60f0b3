#include "store/mapping_guard.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <mutex>

namespace strata {
namespace {

// A handler of signals has no other way to its data. Lock-free: it may interrupt anything.
struct Guarded {
  std::atomic<bool> taken = false;
  std::atomic<uintptr_t> begin = 0;  // 0: none
  std::atomic<uintptr_t> end = 0;
  std::atomic<bool> hit = false;

  // Whether the address is among its bytes, and where they end. Their thread may give the slot up and another one take
  // it meanwhile: an end counts only if the beginning is still the one that was read before it.
  bool Covers(uintptr_t address, uintptr_t* last) const {
    const uintptr_t first = begin.load(std::memory_order_acquire);
    *last = end.load(std::memory_order_acquire);
    return first != 0 && begin.load(std::memory_order_acquire) == first && address >= first && address < *last;
  }
};
std::array<Guarded, kGuardsMax> guarded;
static_assert(std::atomic<uintptr_t>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

uintptr_t PageBytes() {
  static const auto bytes = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

void OnBusError(int, siginfo_t* info, void*) {
  const auto address = reinterpret_cast<uintptr_t>(info->si_addr);
  bool is_mended = false;
  for (Guarded& slot : guarded) {
    uintptr_t end = 0;
    if (!slot.Covers(address, &end)) continue;
    const uintptr_t page = address - address % PageBytes();
    const void* const zeros =
        mmap(reinterpret_cast<void*>(page), end - page, PROT_READ, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (zeros == MAP_FAILED) continue;
    // Every guard of these bytes is told: nobody else meets the signal again.
    slot.hit.store(true, std::memory_order_release);
    is_mended = true;
  }
  if (is_mended) return;    // the read is repeated
  signal(SIGBUS, SIG_DFL);  // and meets the default
}

void SetHandler() {
  static std::once_flag once;
  std::call_once(once, [] {
    PageBytes();
    struct sigaction action = {};
    action.sa_sigaction = OnBusError;
    action.sa_flags = SA_SIGINFO;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, nullptr);
  });
}

}  // namespace

MappingGuard::MappingGuard(std::string_view bytes) {
  if (bytes.empty()) return;
  SetHandler();
  for (int i = 0; i < kGuardsMax; ++i) {
    Guarded& slot = guarded[static_cast<size_t>(i)];
    if (slot.taken.exchange(true)) continue;
    const auto begin = reinterpret_cast<uintptr_t>(bytes.data());
    slot.hit.store(false, std::memory_order_release);
    slot.end.store(begin + bytes.size(), std::memory_order_release);
    slot.begin.store(begin, std::memory_order_release);
    slot_ = i;
    return;
  }
}

MappingGuard::~MappingGuard() {
  if (slot_ < 0) return;
  Guarded& slot = guarded[static_cast<size_t>(slot_)];
  slot.begin.store(0, std::memory_order_release);
  slot.taken.store(false, std::memory_order_release);
}

bool MappingGuard::hit() const {
  return slot_ >= 0 && guarded[static_cast<size_t>(slot_)].hit.load(std::memory_order_acquire);
}

}  // namespace strata

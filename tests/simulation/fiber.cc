#include "tests/simulation/fiber.h"

#include <sys/mman.h>
#include <ucontext.h>

#include <cstdlib>
#include <vector>

namespace strata::simulation {
namespace {

constexpr size_t kStackBytes = size_t{1} << 20;  // only touched pages count; readers of YAML and JSON recurse

// Stacks are used again: mapping one costs more than most fibers do.
class Stacks {
 public:
  void* Take() {
    if (!free_.empty()) {
      void* stack = free_.back();
      free_.pop_back();
      return stack;
    }
    void* stack =
        mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED) std::abort();
    return stack;
  }
  void Give(void* stack) { free_.push_back(stack); }
  ~Stacks() {
    for (void* stack : free_) munmap(stack, kStackBytes);
  }

 private:
  std::vector<void*> free_;
};

thread_local Stacks stacks;
thread_local Fiber* current = nullptr;
thread_local ucontext_t outside;

}  // namespace

struct Fiber::Context {
  ucontext_t context;
  void* stack = nullptr;
};

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)), context_(std::make_unique<Context>()) {}

Fiber::~Fiber() {
  if (context_->stack != nullptr) stacks.Give(context_->stack);
}

void Fiber::Enter() {
  Fiber* self = current;
  try {
    if (!self->die_) self->body_();
  } catch (const Crash&) {  // the end of a process is a normal end of its fibers
  }
  self->body_ = nullptr;
  self->done_ = true;
  swapcontext(&self->context_->context, &outside);
}

void Fiber::Resume(bool die) {
  die_ = die;
  if (context_->stack == nullptr) {
    context_->stack = stacks.Take();
    getcontext(&context_->context);
    context_->context.uc_stack.ss_sp = context_->stack;
    context_->context.uc_stack.ss_size = kStackBytes;
    context_->context.uc_link = nullptr;
    makecontext(&context_->context, &Fiber::Enter, 0);
  }
  current = this;
  swapcontext(&outside, &context_->context);
  current = nullptr;
}

void Fiber::Yield() {
  Fiber* self = current;
  swapcontext(&self->context_->context, &outside);
  if (self->die_) throw Crash();
}

Fiber* Fiber::Current() { return current; }

}  // namespace strata::simulation

// A function with a stack of its own that can stop in the middle and go on later: how production code that waits runs
// inside a simulation of one thread. Not thread-safe; a fiber is resumed only from outside of all fibers.
#pragma once

#include <functional>
#include <memory>

namespace strata::simulation {

// Thrown where a process dies; passes through production code, which catches no such thing.
struct Crash {};

class Fiber {
 public:
  explicit Fiber(std::function<void()> body);
  ~Fiber();  // precondition: done, or never resumed
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Runs until the body yields or ends. With `die`, the body meets a Crash where it yielded.
  void Resume(bool die = false);
  bool done() const { return done_; }

  // Stops the running fiber. Precondition: Current() is not null.
  static void Yield();
  static Fiber* Current();  // null outside of fibers

 private:
  struct Context;
  static void Enter();

  std::function<void()> body_;
  std::unique_ptr<Context> context_;
  bool done_ = false;
  bool die_ = false;
};

}  // namespace strata::simulation

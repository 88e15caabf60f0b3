#include "client/text/progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/text/numbers.h"

namespace strata {
namespace {

constexpr int64_t kBarCharacters = 20;     // leaves room for the counts within 80 columns
constexpr char kClearLine[] = "\r\x1b[K";  // ECMA-48: to the line's start, erase to its end

std::string Counts(const StageProgress& progress) {
  std::string text;
  if (progress.round > 0) {
    text += Counted(progress.round, "round", "rounds") + ", ";
  } else if (progress.total > 0) {
    text += progress.done == progress.total
                ? Counted(progress.total, "task", "tasks") + ", "
                : fmt::format("{}/{} tasks, ", Grouped(progress.done), Grouped(progress.total));
  }
  if (progress.workers > 0) text += Counted(progress.workers, "worker", "workers") + ", ";
  return text + Duration(progress.seconds);
}

}  // namespace

std::string ProgressBar(const StageProgress& progress) {
  int64_t filled = 0;
  if (progress.total > 0)
    filled = std::clamp(progress.done * kBarCharacters / progress.total, int64_t{0}, kBarCharacters);
  return fmt::format("{:<8} [{:#<{}}{:-<{}}]  {}", progress.stage, "", filled, "", kBarCharacters - filled,
                     Counts(progress));
}

std::string PlainProgress(const StageProgress& progress) {
  return fmt::format("{}: {}", progress.stage, Counts(progress));
}

void ProgressPrinter::Update(const StageProgress& progress) {
  if (progress.stage != last_.stage) {
    // The next stage begins only when all tasks of this one are done.
    Finish(true);
  }
  last_ = progress;
  if (terminal_) Draw();
}

void ProgressPrinter::Say(const std::string& sentence) {
  if (terminal_ && !last_.stage.empty()) *out_ << kClearLine;
  *out_ << sentence << "\n";
  if (terminal_ && !last_.stage.empty()) Draw();
  out_->flush();
}

void ProgressPrinter::Finish(bool completed) {
  if (completed) last_.done = last_.total;
  EndStage();
  last_ = StageProgress();
}

void ProgressPrinter::Draw() { *out_ << kClearLine << ProgressBar(last_) << std::flush; }

void ProgressPrinter::EndStage() {
  if (last_.stage.empty()) return;
  if (terminal_) {
    Draw();
    *out_ << "\n";
  } else {
    *out_ << PlainProgress(last_) << "\n";
  }
  out_->flush();
}

}  // namespace strata

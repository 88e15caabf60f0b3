// How far a run is, on the standard error: on a terminal one line that is drawn over and over, a bar per stage;
// elsewhere (a log, a pipe) one plain line per stage when it ends. Not thread-safe; `out` must outlive it.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>

namespace strata {

struct StageProgress {
  std::string stage;
  int64_t done = 0;   // tasks committed
  int64_t total = 0;  // tasks; 0: not known
  int64_t round = 0;  // of the fit stage, whose tasks say little; 0 in others
  int64_t workers = 0;
  double seconds = 0;  // in this stage
};

class ProgressPrinter {
 public:
  ProgressPrinter(std::ostream* out, bool terminal) : out_(out), terminal_(terminal) {}
  ~ProgressPrinter() { Finish(); }
  ProgressPrinter(const ProgressPrinter&) = delete;
  ProgressPrinter& operator=(const ProgressPrinter&) = delete;

  void Update(const StageProgress& progress);
  // A sentence on a line of its own, e.g. that the connection is being tried again.
  void Say(const std::string& sentence);
  // Ends the stage in progress; nothing more is drawn over. `completed`: all its tasks are done, whether or not that
  // was reported.
  void Finish(bool completed = false);

 private:
  void Draw();
  void EndStage();

  std::ostream* out_;
  bool terminal_;
  StageProgress last_;  // stage empty: none in progress
};

// "map      [########------------]  12/30 tasks, 2 workers, 3.1 s"
std::string ProgressBar(const StageProgress& progress);
// "map: 30 tasks, 2 workers, 3.1 s"
std::string PlainProgress(const StageProgress& progress);

}  // namespace strata

#include "client/commands/top.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <optional>

#include "client/connection.h"
#include "client/exit_status.h"
#include "client/flags.h"
#include "client/interrupts.h"
#include "client/json/top_json.h"
#include "client/text/top_screen.h"
#include "wire/cluster_status.h"

namespace strata {
namespace {

constexpr int64_t kIntervalMs = 1'000;
constexpr int64_t kIntervalMinMs = 100;  // a look costs the server about a millisecond
constexpr int64_t kIntervalMaxMs = 60'000;
constexpr char kRedraw[] = "\x1b[H\x1b[J";  // ECMA-48: to the upper left corner, erase to the end of the screen

struct TopFlags {
  std::string target;
  bool once = false;
  bool json = false;
  int64_t interval_ms = kIntervalMs;
};

// Also CANCELLED, with which a server that stops ends the calls it has.
bool MayPass(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable || status.code() == absl::StatusCode::kDeadlineExceeded ||
         status.code() == absl::StatusCode::kCancelled;
}

// Draws looks at a server, one after another, each with the rates since the one before.
class TopView {
 public:
  TopView(const TopFlags& flags, const Console& console)
      : flags_(flags), console_(console), redraw_(console.out_is_terminal && !flags.once && !flags.json) {}

  void Show(ClusterStatus status) {
    const auto rates = RatesOf(status, last_.has_value() ? &*last_ : nullptr);
    if (flags_.json) {
      console_.PrintLine(TopJson(flags_.target, status, rates));
    } else {
      const std::string screen = TopScreen(flags_.target, status, rates);
      console_.Print(redraw_ ? kRedraw + screen : last_.has_value() ? "\n" + screen : screen);
    }
    last_ = std::move(status);
    said_.clear();
  }

  // A server that went away may come back; said once for each time.
  void Miss(const absl::Status& status) {
    std::string message = fmt::format("{}; trying again", StdView(status.message()));
    if (said_ == message) return;
    if (redraw_) {
      console_.Print(kRedraw + message + "\n");
    } else {
      console_.Note("strata: " + message);
    }
    said_ = std::move(message);
  }

  bool began() const { return last_.has_value(); }

 private:
  const TopFlags& flags_;
  const Console& console_;
  bool redraw_;
  std::optional<ClusterStatus> last_;
  std::string said_;
};

int Top(const TopFlags& flags, const Console& console) {
  const Interrupts interrupts;  // before any thread
  const auto connection = Connection::ToTarget(flags.target);
  if (!connection.ok()) return Fail(console, connection.status(), flags.json);
  TopView view(flags, console);
  while (true) {
    absl::StatusOr<ClusterStatus> status = (*connection)->Status();
    if (status.ok()) {
      view.Show(*std::move(status));
    } else if (view.began() && MayPass(status.status())) {
      view.Miss(status.status());
    } else {
      return Fail(console, status.status(), flags.json);
    }
    if (flags.once || interrupts.Wait(flags.interval_ms)) return kExitDone;
  }
}

}  // namespace

void AddTopCommand(CLI::App* program, CommandContext* context) {
  const auto flags = std::make_shared<TopFlags>();
  CLI::App* command = program->add_subcommand("top", "what a cluster is doing: workers, runs, snapshots, calls");
  command->add_option("--target", flags->target, "the server to look at: a coordinator or a read replica")
      ->type_name("HOST:PORT")
      ->required();
  command->add_flag("--once", flags->once, "look once and end; rates are then those since the server started");
  CLI::Option* interval = command->add_option("--interval-ms", flags->interval_ms, "time between two looks");
  AllowRange(interval->type_name("N")->capture_default_str(), kIntervalMinMs, kIntervalMaxMs);
  AddJsonFlag(command, &flags->json);
  command->footer(
      "On a terminal the screen is drawn anew at every look; elsewhere looks are written one after another, with\n"
      "--json as one object a line. Calls a second, p50 and p99 are of the time since the look before, measured in "
      "the\n"
      "server without the network. A read replica knows no workers and runs. Ctrl-C ends it.\n\n"
      "Examples:\n"
      "  strata top --target coordinator.internal:7070\n"
      "  strata top --target replica.internal:7070 --once --json");
  command->callback([flags, context] { context->action = [flags, context] { return Top(*flags, context->console); }; });
}

}  // namespace strata

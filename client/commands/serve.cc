#include "client/commands/serve.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/build_id.h"
#include "base/telemetry/telemetry.h"
#include "client/embedded/local_state.h"
#include "client/exit_status.h"
#include "client/flags.h"
#include "client/interrupts.h"
#include "client/json/score_json.h"

namespace strata {
namespace {

constexpr int64_t kRefreshMs = 1'000;       // a new snapshot answers within a second of its activation
constexpr int64_t kStopDeadlineMs = 5'000;  // calls under way at the end; an export resumes by its token

struct ServeFlags {
  StateFlags state;
  std::string listen = "127.0.0.1:7070";
  TelemetryOptions telemetry;
};

// "127.0.0.1:0" with the port that it became.
std::string BoundAddress(const std::string& listen, int port) {
  return fmt::format("{}:{}", listen.substr(0, listen.rfind(':')), port);
}

absl::Status CheckListen(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  const std::string port = colon == std::string::npos ? "" : listen.substr(colon + 1);
  const bool digits = !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
  if (digits && colon > 0 && std::stoi(port) <= 65535) return absl::OkStatus();
  return FlagInvalid("--listen", listen, "an address is HOST:PORT with a port from 0 (any free one) to 65535");
}

int Serve(const ServeFlags& flags, const Console& console) {
  const bool json = flags.state.json;
  if (const absl::Status status = CheckListen(flags.listen); !status.ok()) return Fail(console, status, json);
  const Interrupts interrupts;  // before any thread
  const SystemClock clock;
  Telemetry telemetry({"strata serve", Version(), BuildId()}, flags.telemetry, &clock);
  const auto server = LocalServer::Open(flags.state.place(), flags.state.max_age_hours, &telemetry.metrics());
  if (!server.ok()) return Fail(console, server.status(), json);
  const auto port = (*server)->Start(flags.listen);
  if (!port.ok()) return Fail(console, WithContext(port.status(), "--listen " + flags.listen), json);
  (*server)->KeepFresh(kRefreshMs, [&console](const absl::Status& status) {
    if (!status.ok()) console.Note("strata: warning: " + std::string(StdView(status.message())));
  });
  const absl::Status watched = telemetry.Start([&server] { return (*server)->NotReady(); });
  if (!watched.ok()) return Fail(console, watched, json);
  const std::string address = BoundAddress(flags.listen, *port);
  if (json) {
    nlohmann::ordered_json line = {{"address", address}, {"port", *port}, {"state", flags.state.state_folder()}};
    if (telemetry.port() > 0) line["metrics_port"] = telemetry.port();
    console.PrintLine(OneLine(line));
  } else {
    if (telemetry.port() > 0) console.PrintLine(fmt::format("metrics at port {}", telemetry.port()));
    console.PrintLine(fmt::format("strata serves {} at {}", flags.state.state_folder(), address));
  }
  interrupts.Wait(-1);
  console.Note("strata: stopping");
  telemetry.Stop();
  (*server)->Stop(kStopDeadlineMs);
  return kExitDone;
}

}  // namespace

void AddServeCommand(CLI::App* program, CommandContext* context) {
  const auto flags = std::make_shared<ServeFlags>();
  CLI::App* command = program->add_subcommand("serve", "answer from a state folder over gRPC, until SIGINT or SIGTERM");
  AddStateOption(command, &flags->state, "the state folder to serve (default: .strata)");
  command->add_option("--listen", flags->listen, "the address to listen at; port 0: any free one")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  CLI::Option* max_age = command->add_option("--max-age-hours", flags->state.max_age_hours,
                                             "answers from an older snapshot are marked stale");
  AllowRange(max_age->type_name("N")->capture_default_str(), 1, kMaxAgeHoursMax);
  AddMetricsListenFlag(command, &flags->telemetry);
  AddJsonFlag(command, &flags->state.json);
  command->footer(
      "Prints one line with the bound address when it is ready. Reads only: snapshots are activated and deleted with\n"
      "`strata snapshots ... --state DIR` or by a coordinator; what they change answers here within a second. Runs of "
      "the\n"
      "same state may go on meanwhile.\n\n"
      "Examples:\n"
      "  strata serve\n"
      "  strata serve --state /var/lib/strata --listen 0.0.0.0:7070 --max-age-hours 30");
  command->callback(
      [flags, context] { context->action = [flags, context] { return Serve(*flags, context->console); }; });
}

}  // namespace strata

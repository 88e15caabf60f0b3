#include "client/console.h"

#include "client/exit_status.h"
#include "client/json/score_json.h"

namespace strata {

int Fail(const Console& console, const absl::Status& status, bool json) {
  console.Note("strata: error: " + std::string(StdView(status.message())));
  if (json) console.PrintLine(ErrorJson(status));
  return ExitStatusOf(status);
}

}  // namespace strata

#include "run/stage.h"

namespace strata {

const char* Name(Stage stage) {
  switch (stage) {
    case Stage::kPlan:
      return "plan";
    case Stage::kMap:
      return "map";
    case Stage::kLedger:
      return "ledger";
    case Stage::kFeature:
      return "feature";
    case Stage::kFit:
      return "fit";
    case Stage::kScore:
      return "score";
    case Stage::kPublish:
      return "publish";
    case Stage::kReport:
      return "report";
  }
  return "unknown";
}

}  // namespace strata

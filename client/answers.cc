#include "client/answers.h"

namespace strata {

const char* Name(LookupOutcome outcome) {
  switch (outcome) {
    case LookupOutcome::kFound:
      return "found";
    case LookupOutcome::kNotFound:
      return "not_found";
    case LookupOutcome::kInvalidId:
      return "invalid_id";
  }
  return "unknown";
}

}  // namespace strata

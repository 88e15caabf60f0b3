#include "model/fitted_models.h"

namespace strata {

const char* Name(RfmSegment segment) {
  switch (segment) {
    case RfmSegment::kNone: return "none";
    case RfmSegment::kChampions: return "champions";
    case RfmSegment::kLoyal: return "loyal";
    case RfmSegment::kPotentialLoyalist: return "potential_loyalist";
    case RfmSegment::kNew: return "new";
    case RfmSegment::kPromising: return "promising";
    case RfmSegment::kNeedAttention: return "need_attention";
    case RfmSegment::kAboutToSleep: return "about_to_sleep";
    case RfmSegment::kAtRisk: return "at_risk";
    case RfmSegment::kCantLose: return "cant_lose";
    case RfmSegment::kHibernating: return "hibernating";
    case RfmSegment::kLost: return "lost";
  }
  return "none";
}

const char* Name(Grade grade) {
  switch (grade) {
    case Grade::kNone: return "";
    case Grade::kA: return "A";
    case Grade::kB: return "B";
    case Grade::kC: return "C";
    case Grade::kD: return "D";
  }
  return "";
}

const char* Name(ChurnAlgorithm algorithm) {
  switch (algorithm) {
    case ChurnAlgorithm::kLogistic: return "logistic";
    case ChurnAlgorithm::kTrees: return "gbdt";
    case ChurnAlgorithm::kLifetime: return "lifetime";
  }
  return "";
}

}  // namespace strata

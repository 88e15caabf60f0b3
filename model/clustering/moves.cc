#include "model/clustering/moves.h"

namespace strata {
namespace {

ModelPart PartOf(const ClusterMove& move) {
  if (move.then_vanished || move.now_appeared) return ModelPart::kK;
  return move.by_last_centres == move.now ? ModelPart::kTransform : ModelPart::kCentres;
}

MoveCause CauseOf(ModelPart part) {
  switch (part) {
    case ModelPart::kTransform:
      return MoveCause::kTransform;
    case ModelPart::kK:
      return MoveCause::kK;
    case ModelPart::kNone:
    case ModelPart::kCentres:
      break;
  }
  return MoveCause::kCentres;
}

}  // namespace

const char* Name(MoveCause cause) {
  switch (cause) {
    case MoveCause::kStayed:
      return "stayed";
    case MoveCause::kBought:
      return "bought";
    case MoveCause::kAged:
      return "aged";
    case MoveCause::kTransform:
      return "transform";
    case MoveCause::kCentres:
      return "centres";
    case MoveCause::kK:
      return "k";
    case MoveCause::kBothBought:
      return "both_bought";
    case MoveCause::kBothAged:
      return "both_aged";
    case MoveCause::kEntered:
      return "entered";
    case MoveCause::kLeft:
      return "left";
  }
  return "";
}

const char* Name(ModelPart part) {
  switch (part) {
    case ModelPart::kNone:
      return "";
    case ModelPart::kTransform:
      return "transform";
    case ModelPart::kCentres:
      return "centres";
    case ModelPart::kK:
      return "k";
  }
  return "";
}

MoveReason WhyMoved(const ClusterMove& move, Day last_row_day, Day previous_as_of) {
  if (move.now == move.then) return {};
  if (move.then == 0) return {.cause = MoveCause::kEntered, .part = ModelPart::kNone};
  if (move.now == 0) return {.cause = MoveCause::kLeft, .part = ModelPart::kNone};
  const bool has_bought = last_row_day > previous_as_of;
  if (move.by_last_model == move.now) {
    return {.cause = has_bought ? MoveCause::kBought : MoveCause::kAged, .part = ModelPart::kNone};
  }
  const ModelPart part = PartOf(move);
  if (move.by_last_model == move.then) return {.cause = CauseOf(part), .part = part};
  return {.cause = has_bought ? MoveCause::kBothBought : MoveCause::kBothAged, .part = part};
}

}  // namespace strata

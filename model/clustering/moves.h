// Why a customer is in another cluster than in the followed snapshot. Pure; thread-safe.
//
// With a the id then, b the id that the last model gives to today's features and c today's id: where c differs from a
// it is the customer's behaviour if b = c, the model if b = a, else both. Behaviour is bought where there is a row
// since then, else the customer only aged. The model's part is the number of clusters where a vanished or c appeared;
// else the transform where the last centres give c once today's transform is used; else the centres.
#pragma once

#include <cstdint>

#include "base/date.h"

namespace strata {

// Stored in reports by name; numbers are for partials alone.
enum class MoveCause : uint8_t {
  kStayed = 0,
  kBought = 1,
  kAged = 2,
  kTransform = 3,
  kCentres = 4,
  kK = 5,
  kBothBought = 6,
  kBothAged = 7,
  kEntered = 8,  // had no cluster: not in the base, or set aside
  kLeft = 9,     // has none any more
};
const char* Name(MoveCause cause);  // "stayed", "bought", "aged", "transform", "centres", "k", "both_bought", ...

enum class ModelPart : uint8_t { kNone = 0, kTransform = 1, kCentres = 2, kK = 3 };
const char* Name(ModelPart part);  // "" for kNone, "transform", "centres", "k"

struct MoveReason {
  MoveCause cause = MoveCause::kStayed;
  ModelPart part = ModelPart::kNone;  // where the model had a part
  bool operator==(const MoveReason&) const = default;
};

// Ids; 0: no cluster.
struct ClusterMove {
  int then = 0;             // a
  int by_last_model = 0;    // b
  int by_last_centres = 0;  // the nearest of the last centres after today's transform
  int now = 0;              // c
  bool then_vanished = false, now_appeared = false;
};

MoveReason WhyMoved(const ClusterMove& move, Day last_row_day, Day previous_as_of);

}  // namespace strata

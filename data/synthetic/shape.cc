#include "data/synthetic/shape.h"

namespace strata {

std::string_view Name(BaseShape shape) {
  switch (shape) {
    case BaseShape::kRetail:
      return "retail";
    case BaseShape::kSparse:
      return "sparse";
    case BaseShape::kNights:
      return "nights";
    case BaseShape::kCauses:
      return "causes";
  }
  return "";
}

namespace {

// Nobody leaves but who is planned to, and members of a group are alike.
constexpr double kNobodyLeaves = 1e6;

std::vector<GroupShape> GroupsOfNights() {
  std::vector<GroupShape> groups = {
      {.name = "regulars", .share = 0.34, .rate_factor = 4, .spend_v = 400, .return_share = 0},        // 40 a purchase
      {.name = "connoisseurs", .share = 0.22, .rate_factor = 2, .spend_v = 6'000, .return_share = 0},  // 600
      {.name = "occasionals", .share = 0.26, .rate_factor = 1.5, .spend_v = 60, .return_share = 0},    // 6
      {.name = "returners", .share = 0.18, .rate_factor = 2.5, .spend_v = 600, .return_share = 0.45},  // 60
  };
  for (GroupShape& group : groups) {
    group.rate_shape = 40;
    group.drop_reluctance = kNobodyLeaves;
    group.spend_q = 61;
    group.start_end = 0.1;
  }
  return groups;
}

// Nobody leaves but at a cutoff, and hardly anybody pauses for a horizon.
std::vector<GroupShape> GroupOfCauses() {
  return {{.name = "everybody",
           .rate_shape = 8,
           .drop_reluctance = kNobodyLeaves,
           .spend_q = 20,
           .spend_v = 190,  // 60 a purchase
           .lines_mean = 4,
           .return_share = 0.03,
           .start_end = 0.1,
           .channels = {40, 30, 20, 7, 3}}};
}

}  // namespace

std::vector<GroupShape> GroupsOf(BaseShape shape) {
  if (shape == BaseShape::kSparse) {
    return {
        {.name = "everybody", .rate_shape = 0.9, .drop_reluctance = 2, .spend_q = 4, .channels = {40, 30, 20, 7, 3}}};
  }
  if (shape == BaseShape::kNights) return GroupsOfNights();
  if (shape == BaseShape::kCauses) return GroupOfCauses();
  // The groups lie apart in what a clustering sees: number of purchases, spend a purchase, tenure, share of returns.
  return {
      {.name = "regulars",
       .share = 0.30,
       .rate_factor = 5,
       .spend_v = 127,  // 40 a purchase
       .lines_mean = 2.6,
       .return_share = 0.02,
       .start_end = 0.25,
       .channels = {20, 30, 45, 2, 3}},
      {.name = "connoisseurs",
       .share = 0.16,
       .rate_factor = 1,
       .spend_v = 1'267,  // 400 a purchase
       .lines_mean = 1.6,
       .return_share = 0.02,
       .start_end = 0.25,
       .channels = {25, 5, 40, 25, 5}},
      {.name = "newcomers",
       .share = 0.22,
       .rate_factor = 4,
       .spend_v = 127,  // 40 a purchase
       .lines_mean = 1.5,
       .return_share = 0.02,
       .start_begin = 0.93,
       .start_end = 0.98,
       .channels = {30, 60, 5, 2, 3}},
      {.name = "returners",
       .share = 0.14,
       .rate_factor = 2,
       .spend_v = 222,  // 70 a purchase
       .lines_mean = 2,
       .return_share = 0.5,
       .start_begin = 0.1,
       .start_end = 0.4,
       .channels = {60, 35, 2, 1, 2}},
      {.name = "occasionals",
       .share = 0.18,
       .rate_factor = 0.5,
       .spend_v = 16,  // 5 a purchase
       .lines_mean = 1.1,
       .return_share = 0.02,
       .start_end = 0.3,
       .channels = {25, 10, 60, 1, 4}},
  };
}

}  // namespace strata

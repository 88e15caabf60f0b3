#include "client/text/words.h"

#include <fmt/format.h>

#include <array>

#include "model/customer_score.h"

namespace strata {
namespace {

struct SegmentWords {
  RfmSegment segment;
  std::string_view title;
  std::string_view meaning;
};

constexpr std::array<SegmentWords, kRfmSegments + 1> kSegmentWords = {{
    {RfmSegment::kNone, "No segment", "has no purchase yet"},
    {RfmSegment::kChampions, "Champions", "bought lately and often"},
    {RfmSegment::kLoyal, "Loyal", "buy regularly"},
    {RfmSegment::kPotentialLoyalist, "Potential loyalists", "bought lately, and more than once"},
    {RfmSegment::kNew, "New", "bought lately for the first time"},
    {RfmSegment::kPromising, "Promising", "bought rather lately, once"},
    {RfmSegment::kNeedAttention, "Need attention", "average in how lately and how often they buy"},
    {RfmSegment::kAboutToSleep, "About to sleep", "below average and slipping away"},
    {RfmSegment::kAtRisk, "At risk", "bought often, but not for a while"},
    {RfmSegment::kCantLose, "Cannot lose", "bought most often, but not for long"},
    {RfmSegment::kHibernating, "Hibernating", "bought seldom, and long ago"},
    {RfmSegment::kLost, "Lost", "bought once, longest ago"},
}};

struct FlagWords {
  uint32_t flag;
  std::string_view name;
  std::string_view sentence;
};

constexpr std::array<FlagWords, 7> kFlagWords = {{
    {kFlagNoPurchase, "no_purchase", "No purchase so far, so there is no segment, cluster, value or churn to tell."},
    {kFlagSpendFromPopulation, "spend_from_population",
     "No repeat purchase to judge the own spend by: the expected spend is that of the whole base."},
    {kFlagSpendNotPositive, "spend_not_positive",
     "The repeat purchases add up to nothing or less, so the own spend is not used: the expected spend is that of the "
     "whole "
     "base."},
    {kFlagChurnInactive, "churn_inactive",
     "Inactive for so long that the churn model does not apply: there is no churn probability."},
    {kFlagOutlier, "outlier", "Unlike everybody else: set aside as an outlier, so there is no cluster."},
    {kFlagClusterMissing, "cluster_missing", "A value that clusters are made of is missing, so there is no cluster."},
    {kFlagChurnFromLifetime, "churn_from_lifetime",
     "The history is too short for a churn model: the churn probability is the lifetime model's."},
}};

}  // namespace

std::string_view Title(RfmSegment segment) { return kSegmentWords.at(static_cast<size_t>(segment)).title; }

std::string_view Meaning(RfmSegment segment) { return kSegmentWords.at(static_cast<size_t>(segment)).meaning; }

std::string TitleOfName(std::string_view name) {
  for (const SegmentWords& words : kSegmentWords) {
    if (words.segment != RfmSegment::kNone && name == Name(words.segment)) return std::string(words.title);
  }
  constexpr std::string_view kCluster = "cluster-";
  if (name.substr(0, kCluster.size()) == kCluster) return fmt::format("Cluster {}", name.substr(kCluster.size()));
  if (name == "no_purchase") return "No purchase";
  return std::string(name);
}

std::vector<std::string> ExplainFlags(uint32_t flags) {
  std::vector<std::string> sentences;
  for (const FlagWords& words : kFlagWords) {
    if ((flags & words.flag) != 0) sentences.emplace_back(words.sentence);
  }
  return sentences;
}

std::vector<std::string> FlagNames(uint32_t flags) {
  std::vector<std::string> names;
  for (const FlagWords& words : kFlagWords) {
    if ((flags & words.flag) != 0) names.emplace_back(words.name);
  }
  return names;
}

std::string_view Meaning(Grade grade) {
  switch (grade) {
    case Grade::kA:
      return "clearly better than any simple rule: fit to steer a campaign";
    case Grade::kB:
      return "better than any simple rule";
    case Grade::kC:
      return "a little better than the best simple rule";
    case Grade::kD:
      return "no better than the best simple rule: use that rule instead";
    case Grade::kNone:
      return "not graded";
  }
  return "not graded";
}

}  // namespace strata

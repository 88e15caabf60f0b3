#include "wire/segments.h"

#include <fmt/format.h>

#include <cmath>

#include "strata/v1/segment_service.pb.h"
#include "wire/errors.h"
#include "wire/pages.h"

namespace strata {
namespace {

constexpr char kKindNames[][8] = {"", "rfm", "cluster", "class", "user"};  // by v1::SegmentKind
static_assert(std::size(kKindNames) == v1::SegmentKind_ARRAYSIZE);

std::string Scope(const v1::ListSegmentsRequest& request) {
  return fmt::format("ListSegments {} kind {}", request.parent(), static_cast<int>(request.kind()));
}

std::string Scope(const v1::ListSegmentMembersRequest& request) {
  return fmt::format("ListSegmentMembers {} change {}", request.name(), static_cast<int>(request.change()));
}

double OrAbsent(bool has, double value) { return has ? value : std::nan(""); }

}  // namespace

absl::Status FillSegment(const SegmentLine& line, const std::string& job, v1::Segment* message) {
  for (int kind = v1::SEGMENT_KIND_RFM; kind < v1::SegmentKind_ARRAYSIZE; ++kind) {
    if (line.kind == kKindNames[kind]) message->set_kind(static_cast<v1::SegmentKind>(kind));
  }
  if (message->kind() == v1::SEGMENT_KIND_UNSPECIFIED) {
    return MakeError(absl::StatusCode::kInternal, "SEGMENT_KIND_UNKNOWN",
                     fmt::format("segment '{}' of job {} has kind '{}', must be rfm, cluster, class or user", line.name,
                                 job, line.kind));
  }
  message->set_name(SegmentResource(job, line.name));
  message->set_display_name(line.name);
  message->set_customers(line.customers);
  message->set_share(line.share);
  if (!std::isnan(line.mean_recency_days)) message->set_mean_recency_days(line.mean_recency_days);
  if (!std::isnan(line.mean_purchase_days)) message->set_mean_purchase_days(line.mean_purchase_days);
  if (!std::isnan(line.mean_net)) message->set_mean_net(line.mean_net);
  if (!std::isnan(line.mean_p_alive)) message->set_mean_p_alive(line.mean_p_alive);
  if (!std::isnan(line.mean_lifetime_value)) message->set_mean_lifetime_value(line.mean_lifetime_value);
  if (!std::isnan(line.mean_churn_probability)) message->set_mean_churn_probability(line.mean_churn_probability);
  if (!std::isnan(line.sum_net)) message->set_sum_net(line.sum_net);
  if (!std::isnan(line.sum_lifetime_value)) message->set_sum_lifetime_value(line.sum_lifetime_value);
  message->set_condition(line.condition);
  message->set_title(line.title);
  if (line.entered.has_value()) message->set_entered(*line.entered);
  if (line.left.has_value()) message->set_left(*line.left);
  return absl::OkStatus();
}

absl::StatusOr<SegmentLine> ReadSegment(const v1::Segment& message) {
  SegmentLine line;
  if (message.kind() == v1::SEGMENT_KIND_UNSPECIFIED || !v1::SegmentKind_IsValid(message.kind())) {
    return AnswerInvalid("kind", fmt::format("segment '{}' has kind {}, which this program does not know",
                                             message.display_name(), static_cast<int>(message.kind())));
  }
  line.kind = kKindNames[message.kind()];
  line.name = message.display_name();
  line.customers = message.customers();
  line.share = message.share();
  line.mean_recency_days = OrAbsent(message.has_mean_recency_days(), message.mean_recency_days());
  line.mean_purchase_days = OrAbsent(message.has_mean_purchase_days(), message.mean_purchase_days());
  line.mean_net = OrAbsent(message.has_mean_net(), message.mean_net());
  line.mean_p_alive = OrAbsent(message.has_mean_p_alive(), message.mean_p_alive());
  line.mean_lifetime_value = OrAbsent(message.has_mean_lifetime_value(), message.mean_lifetime_value());
  line.mean_churn_probability = OrAbsent(message.has_mean_churn_probability(), message.mean_churn_probability());
  line.sum_net = OrAbsent(message.has_sum_net(), message.sum_net());
  line.sum_lifetime_value = OrAbsent(message.has_sum_lifetime_value(), message.sum_lifetime_value());
  line.condition = message.condition();
  line.title = message.title();
  if (message.has_entered()) line.entered = message.entered();
  if (message.has_left()) line.left = message.left();
  return line;
}

absl::StatusOr<ListSegmentsQuestion> ReadListSegments(const v1::ListSegmentsRequest& request) {
  ListSegmentsQuestion question;
  STRATA_ASSIGN_OR_RETURN(question.snapshot, ParseSnapshotParent("parent", request.parent()));
  STRATA_ASSIGN_OR_RETURN(question.page_size, ReadPageSize(request.page_size()));
  if (!v1::SegmentKind_IsValid(request.kind())) {
    return MakeError(absl::StatusCode::kInvalidArgument, "KIND_INVALID",
                     fmt::format("kind is {}, must be 0 (all), 1 (rfm), 2 (cluster), 3 (class) or 4 (user)",
                                 static_cast<int>(request.kind())),
                     {{"field", "kind"}});
  }
  if (request.kind() != v1::SEGMENT_KIND_UNSPECIFIED) question.kind = kKindNames[request.kind()];
  if (request.page_token().empty()) return question;
  STRATA_ASSIGN_OR_RETURN(const PagePosition position, DecodePageToken(Scope(request), request.page_token()));
  question.snapshot.number = position.version;
  question.begin = position.major;
  return question;
}

std::string SegmentsToken(const v1::ListSegmentsRequest& request, const SnapshotName& snapshot, uint64_t begin) {
  return EncodePageToken(Scope(request), {.version = snapshot.number, .major = begin});
}

absl::StatusOr<ListMembersQuestion> ReadListMembers(const v1::ListSegmentMembersRequest& request) {
  ListMembersQuestion question;
  STRATA_ASSIGN_OR_RETURN(question.segment, ParseSegmentName("name", request.name()));
  STRATA_ASSIGN_OR_RETURN(question.page_size, ReadPageSize(request.page_size(), kDefaultMembers, kMaxMembers));
  if (!v1::MemberChange_IsValid(request.change())) {
    return MakeError(
        absl::StatusCode::kInvalidArgument, "CHANGE_INVALID",
        fmt::format("change is {}, must be 0 (all), 1 (entered) or 2 (left)", static_cast<int>(request.change())),
        {{"field", "change"}});
  }
  question.change = static_cast<MemberChange>(request.change());
  if (request.page_token().empty()) return question;
  STRATA_ASSIGN_OR_RETURN(const PagePosition position, DecodePageToken(Scope(request), request.page_token()));
  question.segment.snapshot.number = position.version;
  question.shard = position.major;
  question.row = position.minor;
  return question;
}

std::string MembersToken(const v1::ListSegmentMembersRequest& request, const SnapshotName& snapshot, uint64_t shard,
                         uint64_t row) {
  return EncodePageToken(Scope(request), {.version = snapshot.number, .major = shard, .minor = row});
}

}  // namespace strata

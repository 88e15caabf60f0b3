// The API's house style, checked on its descriptor set (comments included): AIP and buf's rules as far as they can be
// checked without judgement.
#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <functional>
#include <set>

namespace strata {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

// AIP-131 (Get returns the resource) and AIP-151 (long-running operations).
const std::set<std::string> kResponseExceptions = {"GetSnapshot", "GetJob", "GetLedger", "GetRun", "RunJob"};
constexpr int kHttpOption = 72295728;  // google/api/annotations.proto
// One to two words of a comment say nothing.
constexpr size_t kShortestComment = 8;

std::string UpperSnake(const std::string& name) {
  std::string snake;
  for (const char c : name) {
    if (std::isupper(static_cast<unsigned char>(c)) && !snake.empty()) snake += '_';
    snake += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return snake;
}

bool IsSnake(const std::string& name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return std::islower(static_cast<unsigned char>(c)) || std::isdigit(static_cast<unsigned char>(c)) || c == '_';
  });
}

class ApiStyle : public testing::Test {
 protected:
  void SetUp() override {
    google::protobuf::FileDescriptorSet set;
    std::ifstream file(STRATA_DESCRIPTOR_SET, std::ios::binary);
    ASSERT_TRUE(set.ParseFromIstream(&file)) << STRATA_DESCRIPTOR_SET;
    for (const auto& proto : set.file()) ASSERT_NE(pool_.BuildFile(proto), nullptr) << proto.name();
    for (const auto& proto : set.file()) {
      if (proto.name().starts_with("strata/")) files_.push_back(pool_.FindFileByName(proto.name()));
    }
    ASSERT_GE(files_.size(), 9u);
    for (const FileDescriptor* ours : files_) {
      for (int i = 0; i < ours->message_type_count(); ++i) Collect(ours->message_type(i));
      for (int i = 0; i < ours->enum_type_count(); ++i) enums_.push_back(ours->enum_type(i));
      for (int i = 0; i < ours->service_count(); ++i) services_.push_back(ours->service(i));
    }
  }

  void Collect(const Descriptor* message) {
    if (message->options().map_entry()) return;
    messages_.push_back(message);
    for (int i = 0; i < message->nested_type_count(); ++i) Collect(message->nested_type(i));
    for (int i = 0; i < message->enum_type_count(); ++i) enums_.push_back(message->enum_type(i));
  }

  std::vector<const MethodDescriptor*> Methods() const {
    std::vector<const MethodDescriptor*> methods;
    for (const ServiceDescriptor* service : services_) {
      for (int i = 0; i < service->method_count(); ++i) methods.push_back(service->method(i));
    }
    return methods;
  }

  template <typename Thing>
  static void ExpectComment(const Thing* thing, const std::string& name) {
    google::protobuf::SourceLocation location;
    ASSERT_TRUE(thing->GetSourceLocation(&location)) << name;
    EXPECT_GE(location.leading_comments.size(), kShortestComment) << name << " has no comment before it";
  }

  DescriptorPool pool_;
  std::vector<const FileDescriptor*> files_;
  std::vector<const Descriptor*> messages_;
  std::vector<const EnumDescriptor*> enums_;
  std::vector<const ServiceDescriptor*> services_;
};

TEST_F(ApiStyle, PackagesAreVersionedAndAreTheirFolders) {
  for (const FileDescriptor* file : files_) {
    std::string folder = file->name().substr(0, file->name().rfind('/'));
    std::replace(folder.begin(), folder.end(), '/', '.');
    EXPECT_EQ(file->package(), folder) << file->name();
    EXPECT_TRUE(file->package().ends_with(".v1")) << file->name();
  }
}

TEST_F(ApiStyle, EnumValuesBearTheirEnumsNameAndZeroIsUnspecified) {
  ASSERT_FALSE(enums_.empty());
  for (const EnumDescriptor* type : enums_) {
    const std::string prefix = UpperSnake(type->name()) + "_";
    EXPECT_EQ(type->value(0)->number(), 0) << type->full_name();
    EXPECT_EQ(type->value(0)->name(), prefix + "UNSPECIFIED") << type->full_name();
    for (int i = 0; i < type->value_count(); ++i) {
      EXPECT_TRUE(type->value(i)->name().starts_with(prefix)) << type->value(i)->full_name();
    }
  }
}

TEST_F(ApiStyle, ServicesAndTheirMessagesHaveStandardNames) {
  std::set<std::string> used;
  for (const ServiceDescriptor* service : services_) {
    EXPECT_TRUE(service->name().ends_with("Service")) << service->full_name();
  }
  for (const MethodDescriptor* method : Methods()) {
    EXPECT_EQ(method->input_type()->name(), method->name() + "Request") << method->full_name();
    EXPECT_TRUE(used.insert(method->input_type()->full_name()).second) << method->full_name();
    if (kResponseExceptions.contains(method->name())) continue;
    EXPECT_EQ(method->output_type()->name(), method->name() + "Response") << method->full_name();
    EXPECT_TRUE(used.insert(method->output_type()->full_name()).second) << method->full_name();
  }
}

TEST_F(ApiStyle, FieldsAreSnakeCaseAndListsPage) {
  for (const Descriptor* message : messages_) {
    for (int i = 0; i < message->field_count(); ++i) {
      EXPECT_TRUE(IsSnake(message->field(i)->name())) << message->field(i)->full_name();
    }
    const bool list = message->name().starts_with("List");
    if (list && message->name().ends_with("Request")) {
      EXPECT_NE(message->FindFieldByName("page_size"), nullptr) << message->full_name();
      EXPECT_NE(message->FindFieldByName("page_token"), nullptr) << message->full_name();
    }
    if (list && message->name().ends_with("Response")) {
      EXPECT_NE(message->FindFieldByName("next_page_token"), nullptr) << message->full_name();
    }
  }
}

TEST_F(ApiStyle, EverythingHasAComment) {
  for (const Descriptor* message : messages_) {
    ExpectComment(message, message->full_name());
    for (int i = 0; i < message->field_count(); ++i) ExpectComment(message->field(i), message->field(i)->full_name());
  }
  for (const EnumDescriptor* type : enums_) {
    ExpectComment(type, type->full_name());
    for (int i = 0; i < type->value_count(); ++i) ExpectComment(type->value(i), type->value(i)->full_name());
  }
  for (const ServiceDescriptor* service : services_) ExpectComment(service, service->full_name());
}

TEST_F(ApiStyle, EveryMethodNamesItsErrorsAndThePublicOnesTheirUrl) {
  for (const MethodDescriptor* method : Methods()) {
    google::protobuf::SourceLocation location;
    ASSERT_TRUE(method->GetSourceLocation(&location));
    EXPECT_NE(location.leading_comments.find("Errors:"), std::string::npos) << method->full_name();
    if (method->file()->package() != "strata.v1") continue;
    // The option's code is not linked in, so it shows as an unknown field.
    const auto& unknown = method->options().unknown_fields();
    bool has_http = false;
    for (int i = 0; i < unknown.field_count(); ++i) has_http |= unknown.field(i).number() == kHttpOption;
    EXPECT_TRUE(has_http) << method->full_name() << " has no google.api.http";
  }
}

TEST_F(ApiStyle, AnswersFromASnapshotSayWhichOneItWas) {
  for (const char* service : {"strata.v1.ScoreService", "strata.v1.SegmentService", "strata.v1.ReportService"}) {
    const ServiceDescriptor* descriptor = pool_.FindServiceByName(service);
    ASSERT_NE(descriptor, nullptr) << service;
    for (int i = 0; i < descriptor->method_count(); ++i) {
      const auto* info = descriptor->method(i)->output_type()->FindFieldByName("info");
      ASSERT_NE(info, nullptr) << descriptor->method(i)->full_name();
      EXPECT_EQ(info->message_type()->full_name(), "strata.v1.AnswerInfo");
    }
  }
}

}  // namespace
}  // namespace strata

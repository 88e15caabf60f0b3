// What docs/segments.md shows is what the parser takes. Runs at the root of the project.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "run/segments/parser.h"
#include "tests/base/status_matchers.h"
#include "tests/run/segments/sample_catalogue.h"

namespace strata {
namespace {

std::vector<std::string> ExamplesOfTheManual() {
  std::ifstream manual("docs/segments.md");
  std::vector<std::string> examples;
  bool inside = false;
  for (std::string line; std::getline(manual, line);) {
    if (line.starts_with("```")) {
      inside = line == "```sql";
    } else if (inside) {
      examples.push_back(line);
    }
  }
  return examples;
}

TEST(SegmentsManual, ShowsConditionsThatTheParserTakes) {
  const std::vector<std::string> examples = ExamplesOfTheManual();
  EXPECT_GE(examples.size(), 10U);
  for (const std::string& example : examples) EXPECT_OK(ParseCondition(example, SampleCatalogue())) << example;
}

}  // namespace
}  // namespace strata

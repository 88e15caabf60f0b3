// Reads Prometheus' text format (version 0.0.4) strictly: whatever a lenient scraper might forgive throws
// std::runtime_error with the line. Written from the format's description, not from the code that writes it.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace strata {

struct ExposedSample {
  std::string name;  // with _bucket, _sum, _count
  std::map<std::string, std::string> labels;
  double value = 0;
};

struct ExposedFamily {
  std::string help;
  std::string type;
  std::vector<ExposedSample> samples;
};

class Exposition {
 public:
  // Beyond the syntax: HELP and TYPE come before samples and once, families are not scattered, no series comes twice,
  // counters end in _total and are not negative, buckets rise to +Inf, which is the count.
  static Exposition Parse(const std::string& text);

  const std::map<std::string, ExposedFamily>& families() const { return families_; }
  // The one sample of that name with exactly these labels. Throws where there is none.
  double Value(const std::string& name, const std::map<std::string, std::string>& labels = {}) const;
  bool Has(const std::string& name, const std::map<std::string, std::string>& labels = {}) const;

 private:
  std::map<std::string, ExposedFamily> families_;
};

}  // namespace strata

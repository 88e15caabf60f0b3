#include "tests/base/telemetry/exposition.h"

#include <cmath>
#include <limits>
#include <set>
#include <sstream>
#include <stdexcept>

namespace strata {
namespace {

[[noreturn]] void Refuse(const std::string& line, const std::string& why) {
  throw std::runtime_error(why + ": " + line);
}

bool IsNameStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsNamePart(char c) { return IsNameStart(c) || (c >= '0' && c <= '9'); }

// Reads one line from left to right.
class Cursor {
 public:
  explicit Cursor(const std::string& line) : line_(line) {}

  bool AtEnd() const { return at_ >= line_.size(); }
  bool Accept(char c) {
    if (AtEnd() || line_[at_] != c) return false;
    ++at_;
    return true;
  }
  void Expect(char c) {
    if (!Accept(c)) Refuse(line_, std::string("expected '") + c + "' at " + std::to_string(at_));
  }
  std::string Name() {
    const size_t begin = at_;
    if (AtEnd() || !IsNameStart(line_[at_])) Refuse(line_, "expected a name at " + std::to_string(at_));
    while (!AtEnd() && IsNamePart(line_[at_])) ++at_;
    return line_.substr(begin, at_ - begin);
  }
  // Quoted, with \\, \" and \n.
  std::string LabelValue() {
    Expect('"');
    std::string value;
    while (!Accept('"')) {
      if (AtEnd()) Refuse(line_, "a label value without an end");
      char c = line_[at_++];
      if (c == '\\') {
        if (AtEnd()) Refuse(line_, "a backslash at the end");
        const char escaped = line_[at_++];
        if (escaped != '\\' && escaped != '"' && escaped != 'n') Refuse(line_, "an unknown escape");
        c = escaped == 'n' ? '\n' : escaped;
      }
      value += c;
    }
    return value;
  }
  std::string Rest() {
    const std::string rest = line_.substr(at_);
    at_ = line_.size();
    return rest;
  }

 private:
  const std::string& line_;
  size_t at_ = 0;
};

double Number(const std::string& text, const std::string& line) {
  if (text == "+Inf") return std::numeric_limits<double>::infinity();
  if (text == "-Inf") return -std::numeric_limits<double>::infinity();
  if (text == "NaN" || text == "Nan") return std::numeric_limits<double>::quiet_NaN();
  size_t used = 0;
  double value = 0;
  try {
    value = std::stod(text, &used);
  } catch (const std::exception&) {
    Refuse(line, "no number");
  }
  if (used != text.size() || text.find_first_of("xXpPiInN ") != std::string::npos) Refuse(line, "no number");
  return value;
}

ExposedSample Sample(const std::string& line) {
  Cursor cursor(line);
  ExposedSample sample;
  sample.name = cursor.Name();
  if (cursor.Accept('{')) {
    do {
      const std::string label = cursor.Name();
      cursor.Expect('=');
      if (!sample.labels.emplace(label, cursor.LabelValue()).second) Refuse(line, "a label twice");
    } while (cursor.Accept(','));
    cursor.Expect('}');
  }
  cursor.Expect(' ');
  sample.value = Number(cursor.Rest(), line);
  return sample;
}

bool BelongsTo(const std::string& sample, const std::string& family, const std::string& type) {
  if (type != "histogram") return sample == family;
  return sample == family + "_bucket" || sample == family + "_sum" || sample == family + "_count";
}

void CheckHistogram(const std::string& name, const ExposedFamily& family) {
  struct Series {
    double bound = -std::numeric_limits<double>::infinity();
    double cumulative = 0;
    bool infinite = false;
    bool sum = false;
    bool count = false;
  };
  std::map<std::map<std::string, std::string>, Series> by_labels;
  for (const ExposedSample& sample : family.samples) {
    auto labels = sample.labels;
    const auto le = labels.find("le");
    const bool bucket = sample.name == name + "_bucket";
    if (bucket != (le != labels.end())) Refuse(sample.name, "le belongs to buckets");
    const double bound = bucket ? Number(le->second, sample.name) : 0;
    if (bucket) labels.erase(le);
    Series& series = by_labels[labels];
    if (bucket) {
      if (!(bound > series.bound) || sample.value < series.cumulative) Refuse(sample.name, "buckets must rise");
      series.bound = bound;
      series.cumulative = sample.value;
      series.infinite = std::isinf(bound);
    } else if (sample.name == name + "_count") {
      series.count = true;
    } else {
      series.sum = true;
    }
  }
  for (const ExposedSample& sample : family.samples) {
    if (sample.name != name + "_count") continue;
    const Series& series = by_labels[sample.labels];
    if (!series.infinite || series.cumulative != sample.value) Refuse(name, "+Inf is not the count");
  }
  for (const auto& [labels, series] : by_labels) {
    if (!series.sum || !series.count) Refuse(name, "a histogram without sum or count");
  }
}

void CheckFamily(const std::string& name, const ExposedFamily& family) {
  if (family.type == "histogram") return CheckHistogram(name, family);
  for (const ExposedSample& sample : family.samples) {
    if (family.type == "counter" && (!name.ends_with("_total") || !(sample.value >= 0))) Refuse(name, "no counter");
  }
}

}  // namespace

Exposition Exposition::Parse(const std::string& text) {
  if (text.empty() || text.back() != '\n') throw std::runtime_error("the last line must end");
  Exposition parsed;
  std::istringstream lines(text);
  std::string line;
  std::string current;
  std::set<std::pair<std::string, std::map<std::string, std::string>>> seen;
  while (std::getline(lines, line)) {
    if (line.starts_with("# HELP ")) {
      Cursor cursor(line);
      for (const char c : std::string("# HELP ")) cursor.Expect(c);
      current = cursor.Name();
      cursor.Expect(' ');
      if (!parsed.families_.emplace(current, ExposedFamily{.help = cursor.Rest(), .type = {}, .samples = {}}).second) {
        Refuse(line, "a family twice");
      }
    } else if (line.starts_with("# TYPE ")) {
      const std::string type = line.substr(8 + current.size());
      if (current.empty() || line != "# TYPE " + current + " " + type) Refuse(line, "TYPE follows its HELP");
      if (type != "counter" && type != "gauge" && type != "histogram") Refuse(line, "an unknown type");
      parsed.families_[current].type = type;
    } else {
      ExposedSample sample = Sample(line);
      ExposedFamily& family = parsed.families_[current];
      if (family.type.empty() || !BelongsTo(sample.name, current, family.type)) Refuse(line, "not of its family");
      if (!seen.emplace(sample.name, sample.labels).second) Refuse(line, "a series twice");
      family.samples.push_back(std::move(sample));
    }
  }
  for (const auto& [name, family] : parsed.families_) CheckFamily(name, family);
  return parsed;
}

bool Exposition::Has(const std::string& name, const std::map<std::string, std::string>& labels) const {
  for (const auto& [family_name, family] : families_) {
    for (const ExposedSample& sample : family.samples) {
      if (sample.name == name && sample.labels == labels) return true;
    }
  }
  return false;
}

double Exposition::Value(const std::string& name, const std::map<std::string, std::string>& labels) const {
  for (const auto& [family_name, family] : families_) {
    for (const ExposedSample& sample : family.samples) {
      if (sample.name == name && sample.labels == labels) return sample.value;
    }
  }
  std::string text = name;
  for (const auto& [label, value] : labels) text += " " + label + "=" + value;
  throw std::runtime_error("no sample " + text);
}

}  // namespace strata

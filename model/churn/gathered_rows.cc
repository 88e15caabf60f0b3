#include "model/churn/gathered_rows.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "base/hash.h"

namespace strata {
namespace {

// view u8, churned u8, codes u16 each.
constexpr size_t kRowHead = 2;
size_t RowBytes(size_t features) { return kRowHead + features * sizeof(uint16_t); }

struct Place {
  uint64_t hash = 0;
  uint8_t view = 0;
  size_t i = 0;
};

}  // namespace

absl::StatusOr<KeyedRows> GatherRows(const ChurnPlan& plan, std::span<const ChurnView> views,
                                     std::span<const std::shared_ptr<const ChurnForecasts>> forecasts, uint64_t seed,
                                     uint32_t capacity, int64_t customers) {
  KeyedRows sample(seed, DrawPurpose::kChurnTrainSample, capacity, customers);
  std::vector<ChurnRows> rows;
  std::vector<Place> places;
  for (size_t v = 0; v < views.size(); ++v) {
    const WantedRows wanted(plan, views[v], [&sample](uint64_t hash) { return sample.Wants(hash); });
    STRATA_ASSIGN_OR_RETURN(ChurnRows of_view, wanted.Make(forecasts[v].get()));
    for (size_t i = 0; i < of_view.size(); ++i) {
      places.push_back({views[v].columns->hash[of_view.row()[i]], static_cast<uint8_t>(v), i});
    }
    rows.push_back(std::move(of_view));
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return std::tuple(a.hash, a.view, a.i) < std::tuple(b.hash, b.view, b.i);
  });
  const size_t features = plan.features.size();
  std::vector<uint16_t> codes(features);
  std::string bytes;
  for (size_t begin = 0; begin < places.size();) {
    size_t end = begin;
    bytes.clear();
    for (; end < places.size() && places[end].hash == places[begin].hash; ++end) {
      const ChurnRows& of_view = rows[places[end].view];
      bytes.push_back(static_cast<char>(places[end].view));
      bytes.push_back(static_cast<char>(of_view.label()[places[end].i]));
      for (size_t j = 0; j < features; ++j) codes[j] = of_view.codes(j)[places[end].i];
      bytes.append(reinterpret_cast<const char*>(codes.data()), features * sizeof(uint16_t));
    }
    sample.Add(places[begin].hash, bytes);
    begin = end;
  }
  sample.Sort();
  return sample;
}

absl::StatusOr<GatheredRows> GatheredRows::Of(const KeyedRows& sample, size_t features, int first_view, int end_view) {
  GatheredRows gathered;
  gathered.codes.resize(features);
  const size_t row_bytes = RowBytes(features);
  for (size_t customer = 0; customer < sample.size(); ++customer) {
    std::string_view bytes = sample.rows(customer);
    if (bytes.size() % row_bytes != 0) {
      return MakeError(absl::StatusCode::kInternal, "CHURN_SAMPLE", "a gathered customer's rows are of other features");
    }
    for (; !bytes.empty(); bytes.remove_prefix(row_bytes)) {
      const auto view = static_cast<uint8_t>(bytes[0]);
      if (view < first_view || view >= end_view) continue;
      gathered.hash.push_back(sample.hash(customer));
      gathered.view.push_back(view);
      gathered.churned.push_back(static_cast<uint8_t>(bytes[1]));
      for (size_t j = 0; j < features; ++j) {
        uint16_t code;
        std::memcpy(&code, bytes.data() + kRowHead + j * sizeof(code), sizeof(code));
        gathered.codes[j].push_back(code);
      }
    }
  }
  return gathered;
}

}  // namespace strata

// The features of each cluster beside those of the base (A1, A2).
#include <cmath>
#include <map>
#include <string>

#include "data/reports/cluster_reports.h"
#include "data/reports/cluster_shard.h"
#include "data/reports/keyed_sums.h"

namespace strata {
namespace {

constexpr double kRawUnit = 1e6;  // raw values are added as millionths, which money, shares, days and counts are

struct ClusterFeatures {
  static ReportInfo Info() {
    return {
        .name = "cluster_features",
        .title = "Features of clusters",
        .sources = {"A1", "A2"},
        .needs = {.clustering = true},
        .columns = {{"cluster", ReportType::kInteger, "id", "Id of the cluster."},
                    {"feature", ReportType::kText, "", "Feature of the clustering."},
                    {"word", ReportType::kText, "", "Of a category; none: the feature is a number."},
                    {"customers", ReportType::kInteger, "customers",
                     "Members with a value; of a category, with the word."},
                    {"mean", ReportType::kNumber, "", "Mean value of the members, in the column's unit."},
                    {"base_mean", ReportType::kNumber, "", "Of all customers with a cluster."},
                    {"mean_scaled", ReportType::kNumber, "1", "Mean of the members, transformed and scaled."},
                    {"effect", ReportType::kNumber, "1",
                     "Scaled mean less that of the base, in its standard deviations; of a category's commonest word: "
                     "share less base share."},
                    {"share", ReportType::kShare, "1", "Of a category: members with the word."},
                    {"base_share", ReportType::kShare, "1", "Of all customers with a cluster."}},
        .method =
            "Customers without a value are in no mean of raw values; scaled means have what the clustering puts "
            "in its place. Raw values are added in millionths."};
  }

  // Key: id, place of the feature (categories behind numbers), word.
  struct Line {
    int64_t customers = 0;  // with a value, or the word
    Int128 raw = 0;         // millionths
    int64_t members = 0;    // of numbers
    Int128 scaled = 0;      // grid units
    void Add(const Line& other) {
      customers += other.customers;
      raw += other.raw;
      members += other.members;
      scaled += other.scaled;
    }
  };
  using Key = std::array<int32_t, 3>;
  struct Partial {
    std::map<Key, Line> lines;

    void Merge(const Partial& other) {
      for (const auto& [key, line] : other.lines) lines[key].Add(line);
    }
    void Encode(ByteWriter* writer) const {
      writer->U32(static_cast<uint32_t>(lines.size()));
      for (const auto& [key, line] : lines) {
        EncodeKey(key, writer);
        writer->I64(line.customers);
        writer->I128(line.raw);
        writer->I64(line.members);
        writer->I128(line.scaled);
      }
    }
    static Partial Decode(ByteReader* reader) {
      Partial partial;
      const uint32_t size = reader->U32();
      for (uint32_t i = 0; i < size && reader->ok(); ++i) {
        Key key;
        DecodeKey(reader, &key);
        Line& line = partial.lines[key];
        line.customers = reader->I64();
        line.raw = reader->I128();
        line.members = reader->I64();
        line.scaled = reader->I128();
      }
      return partial;
    }
  };

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    if (shard.clusters == nullptr) return absl::OkStatus();
    const ClusterSpace& space = shard.models->clustering->space;
    const ClusterPredictor::Labels& labels = shard.clusters->labels;
    const RawValues& values = shard.clusters->values;
    const std::span<const uint32_t> rows = values.row();
    for (size_t feature = 0; feature < space.numeric.size(); ++feature) {
      for (size_t i = 0; i < rows.size(); ++i) {
        const int32_t id = labels.id[rows[i]];
        if (id == 0) continue;
        Line& line = partial->lines[{id, static_cast<int32_t>(feature), 0}];
        ++line.members;
        line.scaled += labels.scaled[feature][rows[i]];
        const double raw = values.numeric(feature)[i];
        if (std::isnan(raw)) continue;
        ++line.customers;
        line.raw += static_cast<Int128>(std::nearbyint(raw * kRawUnit));
      }
    }
    for (size_t category = 0; category < space.categories.size(); ++category) {
      const auto feature = static_cast<int32_t>(space.numeric.size() + category);
      for (size_t i = 0; i < rows.size(); ++i) {
        const int32_t id = labels.id[rows[i]];
        if (id != 0) ++partial->lines[{id, feature, values.codes(category)[i]}].customers;
      }
    }
    return absl::OkStatus();
  }

  static ReportCell Mean(Int128 sum, int64_t customers, double unit) {
    if (customers == 0) return {};
    return ToDouble(sum) / static_cast<double>(customers) / unit;
  }

  // Of one feature, by word.
  static Line OfBase(const Partial& merged, int32_t feature, int32_t word) {
    Line base;
    for (const auto& [key, line] : merged.lines) {
      if (key[1] == feature && key[2] == word) base.Add(line);
    }
    return base;
  }

  static Line OfCluster(const Partial& merged, int32_t id, int32_t feature, int32_t word) {
    const auto found = merged.lines.find({id, feature, word});
    return found == merged.lines.end() ? Line() : found->second;
  }

  static void AddNumbers(const Partial& merged, const ClusteringModel& model, ReportRows* rows) {
    const double grid = std::ldexp(1, model.space.grid_bits);
    for (size_t feature = 0; feature < model.space.numeric.size(); ++feature) {
      const auto place = static_cast<int32_t>(feature);
      const Line base = OfBase(merged, place, 0);
      for (const FittedCluster& cluster : model.clusters) {
        const Line line = OfCluster(merged, cluster.id, place, 0);
        rows->Add({int64_t{cluster.id},
                   model.space.numeric[feature].name,
                   {},
                   line.customers,
                   Mean(line.raw, line.customers, kRawUnit),
                   Mean(base.raw, base.customers, kRawUnit),
                   Mean(line.scaled, line.members, grid),
                   cluster.effects.at(feature),
                   {},
                   {}});
      }
    }
  }

  static void AddCategories(const Partial& merged, const ClusteringModel& model, ReportRows* rows) {
    for (size_t category = 0; category < model.space.categories.size(); ++category) {
      const CategoryFeature& feature = model.space.categories[category];
      const size_t effect = model.space.numeric.size() + category;
      const auto place = static_cast<int32_t>(effect);
      std::map<int32_t, int64_t> members;  // by id
      int64_t all = 0;
      for (const auto& [key, line] : merged.lines) {
        if (key[1] != place) continue;
        members[key[0]] += line.customers;
        all += line.customers;
      }
      for (size_t code = 0; code < feature.words.size(); ++code) {
        const auto word = static_cast<int32_t>(code);
        const Line base = OfBase(merged, place, word);
        if (base.customers == 0) continue;
        for (const FittedCluster& cluster : model.clusters) {
          const Line line = OfCluster(merged, cluster.id, place, word);
          const bool is_mode = cluster.centre.modes.at(category) == code;
          rows->Add({int64_t{cluster.id},
                     feature.name,
                     feature.words[code],
                     line.customers,
                     {},
                     {},
                     {},
                     is_mode ? ReportCell(cluster.effects.at(effect)) : ReportCell(),
                     ReportRows::Ratio(line.customers, members[cluster.id]),
                     ReportRows::Ratio(base.customers, all)});
        }
      }
    }
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    ReportRows rows("cluster_features", Info().columns);
    AddNumbers(merged, *facts.models->clustering, &rows);
    AddCategories(merged, *facts.models->clustering, &rows);
    return rows.Take();
  }
};

}  // namespace

RegisteredReport ClusterFeaturesReport() { return Registered<ClusterFeatures>(); }

}  // namespace strata

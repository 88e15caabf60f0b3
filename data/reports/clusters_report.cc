// What each cluster is (A1, A2).
#include <fmt/format.h>

#include <cmath>
#include <map>
#include <string>

#include "data/reports/class_cells.h"
#include "data/reports/cluster_reports.h"
#include "data/reports/cluster_shard.h"
#include "model/clustering/names.h"

namespace strata {
namespace {

constexpr int kDistanceBits = 20;    // distances are added on a grid of 2^-20 scaled units
constexpr int kSilhouetteBits = 40;  // as ClusterPredictor gives silhouettes

struct Clusters {
  static ReportInfo Info() {
    return {
        .name = "clusters",
        .title = "Clusters",
        .sources = {"A1", "A2"},
        .needs = {.clustering = true},
        .columns = {{"cluster", ReportType::kInteger, "id", "Id, which persists; none: customers without a cluster."},
                    {"name", ReportType::kText, "", "Given when the id appeared."},
                    {"name_now", ReportType::kText, "", "What it would be named tonight."},
                    {"customers", ReportType::kInteger, "customers", "Customers."},
                    {"share", ReportType::kShare, "1", "Of all customers."},
                    {"sum_net", ReportType::kMoney, "", "Their net of all days."},
                    {"share_net", ReportType::kNumber, "1", "Of the net of all customers."},
                    {"medoid", ReportType::kText, "", "Customer nearest to the centre; of several the first id."},
                    {"mean_distance", ReportType::kNumber, "1", "From the centre, scaled units."},
                    {"radius", ReportType::kNumber, "1", "Greatest distance from the centre."},
                    {"silhouette", ReportType::kNumber, "1", "Mean, by squared Euclidean distance."},
                    {"apart_1", ReportType::kText, "", "What sets the cluster apart most, with its effect."},
                    {"apart_2", ReportType::kText, "", "Next."},
                    {"apart_3", ReportType::kText, "", "Next."}},
        .method =
            "Distances are in scaled units of the clustering's features. A feature sets a cluster apart where the mean "
            "of its members is half a standard deviation or more from that of all (a category: where the share of the "
            "cluster's commonest word is half or more above that of all)."};
  }

  struct Medoid {
    float distance = 0;
    std::string id;
    bool operator<(const Medoid& other) const {
      return distance != other.distance ? distance < other.distance : id < other.id;
    }
  };
  struct Line {
    int64_t customers = 0;
    Int128 net = 0, distances = 0, silhouettes = 0;
    double radius = 0;
    std::optional<Medoid> medoid;

    void Merge(const Line& other) {
      customers += other.customers;
      net += other.net;
      distances += other.distances;
      silhouettes += other.silhouettes;
      radius = std::max(radius, other.radius);
      if (other.medoid.has_value() && (!medoid.has_value() || *other.medoid < *medoid)) medoid = other.medoid;
    }
  };
  struct Partial {
    std::map<int32_t, Line> lines;  // by id

    void Merge(const Partial& other) {
      for (const auto& [id, line] : other.lines) lines[id].Merge(line);
    }
    void Encode(ByteWriter* writer) const {
      writer->U32(static_cast<uint32_t>(lines.size()));
      for (const auto& [id, line] : lines) {
        writer->I32(id);
        writer->I64(line.customers);
        writer->I128(line.net);
        writer->I128(line.distances);
        writer->I128(line.silhouettes);
        writer->F64(line.radius);
        writer->U8(line.medoid.has_value() ? 1 : 0);
        if (!line.medoid.has_value()) continue;
        writer->F64(line.medoid->distance);
        writer->Text(line.medoid->id);
      }
    }
    static Partial Decode(ByteReader* reader) {
      Partial partial;
      const uint32_t size = reader->U32();
      for (uint32_t i = 0; i < size && reader->ok(); ++i) {
        Line& line = partial.lines[reader->I32()];
        line.customers = reader->I64();
        line.net = reader->I128();
        line.distances = reader->I128();
        line.silhouettes = reader->I128();
        line.radius = reader->F64();
        if (reader->U8() == 0) continue;
        line.medoid.emplace().distance = static_cast<float>(reader->F64());
        line.medoid->id = std::string(reader->Text());
      }
      return partial;
    }
  };

  static absl::Status Accumulate(const ReportShard& shard, Partial* partial) {
    if (shard.clusters == nullptr) return absl::OkStatus();
    const ClusterPredictor::Labels& labels = shard.clusters->labels;
    for (size_t row = 0; row < shard.today->size(); ++row) {
      Line& line = partial->lines[labels.id[row]];
      ++line.customers;
      line.net += shard.today->net_micros[row];
      if (labels.id[row] == 0) continue;
      const float distance = labels.distance[row];
      line.distances += std::llrint(std::ldexp(static_cast<double>(distance), kDistanceBits));
      line.silhouettes += labels.silhouette[row];
      line.radius = std::max(line.radius, static_cast<double>(distance));
      if (line.medoid.has_value() && distance > line.medoid->distance) continue;
      Medoid candidate{.distance = distance, .id = std::string(shard.id(row))};
      if (!line.medoid.has_value() || candidate < *line.medoid) line.medoid = std::move(candidate);
    }
    return absl::OkStatus();
  }

  static ReportCell MeanOnGrid(Int128 sum, int64_t customers, int bits) {
    if (customers == 0) return {};
    return std::ldexp(ToDouble(sum) / static_cast<double>(customers), -bits);
  }

  static ReportCell Apart(const std::vector<SetsApart>& apart, size_t place) {
    if (place >= apart.size()) return {};
    return fmt::format("{} ({:+.2f})", apart[place].phrase, apart[place].effect);
  }

  static absl::StatusOr<ReportTable> Finish(const Partial& merged, const ReportFacts& facts) {
    const ClusteringModel& model = *facts.models->clustering;
    Line all;
    for (const auto& [id, line] : merged.lines) all.Merge(line);
    const std::vector<std::string> names = NamesNow(model);
    ReportRows rows("clusters", Info().columns);
    const auto add = [&](const Line& line, ReportCell id, ReportCell name, ReportCell name_now,
                         const std::vector<SetsApart>& apart) {
      const bool has_cluster = line.medoid.has_value();
      rows.Add(
          {std::move(id), std::move(name), std::move(name_now), line.customers,
           ReportRows::Ratio(line.customers, all.customers), rows.Whole(line.net), ReportRows::Ratio(line.net, all.net),
           has_cluster ? ReportCell(line.medoid->id) : ReportCell(),
           has_cluster ? MeanOnGrid(line.distances, line.customers, kDistanceBits) : ReportCell(),
           has_cluster ? ReportCell(line.radius) : ReportCell(),
           has_cluster && model.k > 1 ? MeanOnGrid(line.silhouettes, line.customers, kSilhouetteBits) : ReportCell(),
           Apart(apart, 0), Apart(apart, 1), Apart(apart, 2)});
    };
    for (size_t place = 0; place < model.clusters.size(); ++place) {
      const FittedCluster& cluster = model.clusters[place];
      const auto found = merged.lines.find(cluster.id);
      add(found == merged.lines.end() ? Line() : found->second, int64_t{cluster.id}, cluster.name, names[place],
          WhatSetsApart(model, place));
    }
    if (const auto none = merged.lines.find(0); none != merged.lines.end()) add(none->second, {}, {}, {}, {});
    return rows.Take();
  }
};

}  // namespace

RegisteredReport ClustersReport() { return Registered<Clusters>(); }

}  // namespace strata

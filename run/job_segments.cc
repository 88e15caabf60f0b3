#include "run/job_segments.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "run/rfm_grid.h"
#include "run/segments/score_names.h"
#include "run/source_fields.h"

namespace strata {
namespace {

constexpr size_t kMaxTitleBytes = 256;  // a line for people
constexpr std::string_view kAllowed = "a mapping from names to conditions, or to {where: condition, title: text}";

std::vector<std::string> MappedFields(const SourceFields& fields) {
  std::vector<std::string> mapped;
  for (const SourceField& field : fields.fields) {
    if (field.is_mapped()) mapped.push_back(field.name);
  }
  return mapped;
}

CatalogueTable TableOf(const TableSchema& schema, const Job& job) {
  CatalogueTable table{.schema = &schema, .in_job = false, .mapped = {}, .extra = {}};
  if (schema.id == TableId::kTransactions) {
    table.mapped = MappedFields(FieldsOf(job.transactions));
    const auto is_detail = [](const std::string& field) {
      return FindColumn(TableId::kTransactions, field)->Is(kLineDetail);
    };
    table.in_job = job.transactions.keep_lines && std::any_of(table.mapped.begin(), table.mapped.end(), is_detail);
    if (!table.in_job) table.mapped.clear();
  } else if (const TableSource* source = job.Find(schema.id); source != nullptr) {
    table.in_job = true;
    table.mapped = MappedFields(FieldsOf(*source));
    table.extra = source->extra;
  }
  return table;
}

// The classes of the job's grid; a grid of its own was checked when its models were read.
std::vector<std::string> RfmClassesOf(const RfmRules& rfm) {
  const auto own = rfm.grids.find(rfm.grid);
  if (own == rfm.grids.end()) return BuiltInGridClasses(rfm.grid);
  const absl::StatusOr<CompiledGrid> grid = CompileGrid(own->second, rfm.scores);
  return grid.ok() ? grid->classes : std::vector<std::string>();
}

// Segments share one space of names with those of the models (strata segments).
bool IsNameOfAModel(std::string_view name) {
  const std::vector<std::string> rfm = BuiltInGridClasses("eleven");
  return name == "no_purchase" || name.starts_with("cluster-") || std::find(rfm.begin(), rfm.end(), name) != rfm.end();
}

absl::Status ReadSegment(const YamlSection& section, const std::string& name, SegmentDefinition* segment) {
  segment->name = name;
  segment->line = section.LineOf(name);
  if (IsNameOfAModel(name)) {
    return section.Problem(name, "is the name of a segment that models make; allowed: another name");
  }
  if (!section.IsMapping(name)) return section.ReadText(name, &segment->condition);
  STRATA_ASSIGN_OR_RETURN(const auto fields, section.Section(name, {"where", "title"}));
  STRATA_RETURN_IF_ERROR(fields->Require("where", "a condition (docs/segments.md)"));
  segment->line = fields->LineOf("where");
  STRATA_RETURN_IF_ERROR(fields->ReadText("where", &segment->condition));
  STRATA_RETURN_IF_ERROR(fields->ReadText("title", &segment->title));
  if (segment->title.size() <= kMaxTitleBytes) return absl::OkStatus();
  return fields->Problem("title",
                         fmt::format("found {} bytes; allowed: {} at most", segment->title.size(), kMaxTitleBytes));
}

}  // namespace

absl::Status ReadSegments(const YamlSection& root, std::string_view file_name, Job* job) {
  STRATA_ASSIGN_OR_RETURN(const auto section, root.OpenSection("segments", kAllowed, kMaxSegments));
  if (!section.has_value()) return absl::OkStatus();
  for (const std::string& name : section->keys()) {
    STRATA_RETURN_IF_ERROR(ReadSegment(*section, name, &job->segments.emplace_back()));
  }
  return ConditionsOf(*job, file_name).status();
}

ColumnCatalogue CatalogueOf(const Job& job) {
  CatalogueSources sources;
  for (const TableSchema& schema : AllTables()) sources.tables.push_back(TableOf(schema, job));
  sources.rfm = job.rfm.has_value();
  sources.windowed_rfm = job.rfm.has_value() && job.rfm->window.kind != RfmWindow::Kind::kAll;
  sources.clustering = job.clustering.has_value();
  sources.lifetime = job.lifetime.has_value();
  sources.churn = job.churn.has_value();
  sources.value = job.value.has_value();
  sources.levels = job.levels.has_value();
  sources.life_cycle = job.life_cycle.has_value();
  if (job.rfm.has_value()) sources.rfm_classes = RfmClassesOf(*job.rfm);
  return CatalogueOf(sources);
}

absl::StatusOr<std::vector<Condition>> ConditionsOf(const Job& job, std::string_view file_name) {
  if (job.segments.empty()) return std::vector<Condition>();
  return ParseSegments(job.segments, CatalogueOf(job), file_name);
}

}  // namespace strata

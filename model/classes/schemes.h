// Schemes: classes of customers that follow from their own values and fitted or fixed cuts.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/date.h"
#include "base/int128.h"
#include "model/columns.h"
#include "model/customer_columns.h"

namespace strata {

struct FittedModels;

// Numbers are slots of the lookup record's classes and must never change; class codes are 1.., 0: none.
enum class SchemeId : uint8_t { kRfm = 0, kRfmTen = 1, kRfmEight = 2, kValueClass = 3, kGrade = 4, kValueLevel = 5, kFrequencyLevel = 6,
  kAmountLevel = 7, kOrderLevel = 8, kSpendingLevel = 9, kCustomerKind = 10, kCore = 11, kNeedClass = 12, kLifeCycle = 13, kStage = 14 };
inline constexpr size_t kSchemes = 15;
const char* Name(SchemeId scheme);                              // "grade"
std::span<const std::string_view> ClassNames(SchemeId scheme);  // by code - 1; custom grids: SchemeModels::grid_classes
struct ValueModel { Day fitted_as_of = 0; int64_t customers = 0; std::optional<int64_t> a_from, b_from, c_from;  // margins; d below c_from
  Int128 sum_positive = 0, sum_losses = 0; int64_t positive = 0, zero = 0, losing = 0; double gini = 0; std::string basis;
  std::vector<Int128> curve;  // margin of the top 1..100 %
  int loyalty_up = 4, loyalty_down = 1; int64_t stability_up_max = 0, stability_down_min = 0; };
struct LevelModel { std::vector<int64_t> cuts; std::map<std::string, std::vector<int64_t>> by_group; };
struct PeerModel { struct Group { std::string region, tenure, category; int64_t customers = 0, quantile = 0; }; std::map<uint64_t, Group> groups; };
struct LifeCycleModel { Day fitted_as_of = 0; int gap_days = 365; std::array<int64_t, 3> days{}; int64_t opened = 0, closed = 0; std::string reason; };
struct SchemeModels { std::optional<ValueModel> value; std::optional<PeerModel> peers; std::optional<LifeCycleModel> life_cycle;
  std::array<std::optional<LevelModel>, 5> levels; std::vector<std::string> grid_classes; std::vector<uint8_t> grid_cells; };
struct ClassCodes { std::array<std::vector<uint8_t>, kSchemes> codes; std::vector<int64_t> growth_potential; };  // empty: not asked for
ClassCodes ClassifyCustomers(const FittedModels& models, const CustomerColumns& today, const ColumnSet& profile);
enum class Cause : uint8_t { kNone, kBought, kAged, kCuts, kBothBought, kBothAged, kEntered, kLeft };
Cause CauseOf(uint8_t a, uint8_t b, uint8_t c, Day last_row_day, Day previous_as_of);
// FittedModels gains: std::optional<SchemeModels> schemes. CustomerScore gains: std::array<uint8_t, 16> classes{}. RfmModel gains: std::array<int, 3>
// axis_scores; std::vector<std::vector<int64_t>> frequency_by_recency, monetary_by_cell (nested); std::array<Int128, 3> sums (means of eight);
// Day fitted_as_of; bool mid_rank, mean_fm; std::string cuts, grid. model/classes/scheme_fitter.h: SchemeFitter is a Fitter (kind 6) with settings that
// mirror the job's, as NightFitSettings does; frozen cuts and gap statistics go into its constructor.

}  // namespace strata

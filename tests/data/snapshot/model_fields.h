// The structs that models are made of, field by field through structured bindings: a new field does not compile until
// its struct's count here is right, and then every test that fills or prints models knows it.
#pragma once

#include "model/fitted_models.h"

namespace strata {

template <typename T>
inline constexpr int kModelFields = 0;  // no such struct
template <>
inline constexpr int kModelFields<Centre> = 2;
template <>
inline constexpr int kModelFields<TrimThreshold> = 2;
template <>
inline constexpr int kModelFields<RefitDecision> = 2;
template <>
inline constexpr int kModelFields<CategoryFeature> = 4;
template <>
inline constexpr int kModelFields<ClusterSpace> = 5;
template <>
inline constexpr int kModelFields<GapChoice> = 6;
template <>
inline constexpr int kModelFields<FeatureDrift> = 7;
template <>
inline constexpr int kModelFields<FittedCluster> = 10;
template <>
inline constexpr int kModelFields<GapRow> = 9;
template <>
inline constexpr int kModelFields<Matching> = 9;
template <>
inline constexpr int kModelFields<NumericFeature> = 18;
template <>
inline constexpr int kModelFields<ValueModel> = 21;
template <>
inline constexpr int kModelFields<LevelModel> = 3;
template <>
inline constexpr int kModelFields<PeerModel> = 5;
template <>
inline constexpr int kModelFields<PeerModel::Group> = 5;
template <>
inline constexpr int kModelFields<LifeCycleModel> = 7;
template <>
inline constexpr int kModelFields<SchemeModels> = 4;
template <>
inline constexpr int kModelFields<RfmModel> = 19;
template <>
inline constexpr int kModelFields<ClusteringModel> = 27;
template <>
inline constexpr int kModelFields<ChurnModel> = 50;
template <>
inline constexpr int kModelFields<Baseline> = 5;
template <>
inline constexpr int kModelFields<ChurnFeature> = 12;
template <>
inline constexpr int kModelFields<ChurnPlan> = 6;
template <>
inline constexpr int kModelFields<LogisticColumn> = 3;
template <>
inline constexpr int kModelFields<Calibration> = 9;
template <>
inline constexpr int kModelFields<CalibrationBin> = 5;
template <>
inline constexpr int kModelFields<LiftDecile> = 4;
template <>
inline constexpr int kModelFields<SufficiencyLine> = 5;
template <>
inline constexpr int kModelFields<ChurnDriver> = 6;
template <>
inline constexpr int kModelFields<DependencePoint> = 6;
template <>
inline constexpr int kModelFields<FeatureBins> = 4;
template <>
inline constexpr int kModelFields<TreeNode> = 9;
template <>
inline constexpr int kModelFields<Ensemble> = 4;
template <>
inline constexpr int kModelFields<ParameterEstimate> = 7;
template <>
inline constexpr int kModelFields<LifetimeParameters> = 3;
template <>
inline constexpr int kModelFields<LifetimeFit> = 19;
template <>
inline constexpr int kModelFields<CovariateSource> = 10;
template <>
inline constexpr int kModelFields<CovariateTrait> = 3;
template <>
inline constexpr int kModelFields<CovariateCoefficient> = 4;
template <>
inline constexpr int kModelFields<CovariateEffects> = 4;
template <>
inline constexpr int kModelFields<CovariateFit> = 14;
template <>
inline constexpr int kModelFields<CovariateSettings> = 7;
template <>
inline constexpr int kModelFields<CovariateModel> = 6;
template <>
inline constexpr int kModelFields<MarginFactor> = 7;
template <>
inline constexpr int kModelFields<CandidateLine> = 10;
template <>
inline constexpr int kModelFields<FrequencyBin> = 5;
template <>
inline constexpr int kModelFields<ReliabilityBin> = 3;
template <>
inline constexpr int kModelFields<PredictionErrors> = 5;
template <>
inline constexpr int kModelFields<HoldoutSpend> = 5;
template <>
inline constexpr int kModelFields<HoldoutJudgement> = 16;
template <>
inline constexpr int kModelFields<BaseHistory> = 8;
template <>
inline constexpr int kModelFields<BaseHistory::Cell> = 4;
template <>
inline constexpr int kModelFields<LifetimeModel> = 20;
template <>
inline constexpr int kModelFields<SpendModel> = 19;

template <typename T>
concept ModelPart = kModelFields<std::remove_const_t<T>> >
0;

// visit(all fields of m).
template <typename Visit, ModelPart M>
auto VisitModelPart(Visit&& visit, M& m) {
  constexpr int kFields = kModelFields<std::remove_const_t<M>>;
  if constexpr (kFields == 2) {
    auto& [a, b] = m;
    return visit(a, b);
  } else if constexpr (kFields == 3) {
    auto& [a, b, c] = m;
    return visit(a, b, c);
  } else if constexpr (kFields == 4) {
    auto& [a, b, c, d] = m;
    return visit(a, b, c, d);
  } else if constexpr (kFields == 5) {
    auto& [a, b, c, d, e] = m;
    return visit(a, b, c, d, e);
  } else if constexpr (kFields == 6) {
    auto& [a, b, c, d, e, f] = m;
    return visit(a, b, c, d, e, f);
  } else if constexpr (kFields == 7) {
    auto& [a, b, c, d, e, f, g] = m;
    return visit(a, b, c, d, e, f, g);
  } else if constexpr (kFields == 8) {
    auto& [a, b, c, d, e, f, g, h] = m;
    return visit(a, b, c, d, e, f, g, h);
  } else if constexpr (kFields == 9) {
    auto& [a, b, c, d, e, f, g, h, i] = m;
    return visit(a, b, c, d, e, f, g, h, i);
  } else if constexpr (kFields == 10) {
    auto& [a, b, c, d, e, f, g, h, i, j] = m;
    return visit(a, b, c, d, e, f, g, h, i, j);
  } else if constexpr (kFields == 12) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l] = m;
    return visit(a, b, c, d, e, f, g, h, i, j, k, l);
  } else if constexpr (kFields == 14) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, n, o] = m;
    return visit(a, b, c, d, e, f, g, h, i, j, k, l, n, o);
  } else if constexpr (kFields == 16) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q] = m;
    return visit(a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q);
  } else if constexpr (kFields == 18) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s] = m;
    return visit(a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s);
  } else if constexpr (kFields == 19) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s, t] = m;
    return visit(a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s, t);
  } else if constexpr (kFields == 20) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s, t, u] = m;
    return visit(a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s, t, u);
  } else if constexpr (kFields == 21) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s, t, u, v] = m;
    return visit(a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s, t, u, v);
  } else if constexpr (kFields == 27) {
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s, t, u, v, w, x, y, z, a1, a2] = m;
    return visit(a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s, t, u, v, w, x, y, z, a1, a2);
  } else {
    static_assert(kFields == 50);
    auto& [a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s, t, u, v, w, x, y, z, a1, a2, a3, a4, a5, a6, a7, a8,
           a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, a21, a22, a23, a24, a25] = m;
    return visit(a, b, c, d, e, f, g, h, i, j, k, l, n, o, p, q, r, s, t, u, v, w, x, y, z, a1, a2, a3, a4, a5, a6, a7,
                 a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, a21, a22, a23, a24, a25);
  }
}

}  // namespace strata

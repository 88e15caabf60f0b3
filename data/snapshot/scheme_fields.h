// The fields of models/schemes.json (data/snapshot/json_fields.h says how they are visited).
#pragma once

#include "data/snapshot/json_fields.h"
#include "model/classes/scheme_models.h"

namespace strata {

template <typename V, Maybe<ValueModel> M>
void VisitFields(V& visit, M& model) {
  visit("fitted_as_of", model.fitted_as_of);
  visit("a_from", model.a_from);
  visit("b_from", model.b_from);
  visit("c_from", model.c_from);
  visit("customers", model.customers);
  visit("positive", model.positive);
  visit("zero", model.zero);
  visit("losing", model.losing);
  visit("sum_positive", model.sum_positive);
  visit("sum_losses", model.sum_losses);
  visit("gini", model.gini);
  visit("curve", model.curve);
  visit("basis", model.basis);
  visit("window_days", model.window_days);
  visit("a", model.a);
  visit("b", model.b);
  visit("d_beyond", model.d_beyond);
  visit("loyalty_up", model.loyalty_up);
  visit("loyalty_down", model.loyalty_down);
  visit("stability_up_max", model.stability_up_max);
  visit("stability_down_min", model.stability_down_min);
}

template <typename V, Maybe<LevelModel> M>
void VisitFields(V& visit, M& model) {
  visit("cuts", model.cuts);
  visit("by_group", model.by_group);
  visit("reason", model.reason);
}

template <typename V, Maybe<PeerModel::Group> M>
void VisitFields(V& visit, M& group) {
  visit("region", group.region);
  visit("tenure", group.tenure);
  visit("category", group.category);
  visit("customers", group.customers);
  visit("quantile", group.quantile);
}

template <typename V, Maybe<PeerModel> M>
void VisitFields(V& visit, M& model) {
  visit("fitted_as_of", model.fitted_as_of);
  visit("groups", model.groups);
  visit("reason", model.reason);
  visit("share", model.share);
  visit("customers_min", model.customers_min);
}

template <typename V, Maybe<LifeCycleModel> M>
void VisitFields(V& visit, M& model) {
  visit("fitted_as_of", model.fitted_as_of);
  visit("gap_days", model.gap_days);
  visit("days", model.days);
  visit("opened", model.opened);
  visit("closed", model.closed);
  visit("rule", model.rule);
  visit("quantiles", model.quantiles);
}

template <typename V, Maybe<SchemeModels> M>
void VisitFields(V& visit, M& models) {
  visit("value", models.value);
  visit("peers", models.peers);
  visit("life_cycle", models.life_cycle);
  visit("levels", models.levels);
}

}  // namespace strata

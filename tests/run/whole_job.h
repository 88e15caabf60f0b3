// A job that uses every key; tests edit it.
#pragma once

namespace strata {

inline constexpr char kWholeJob[] = R"(name: cdnow
as_of: 1997-09-30
time_zone: Europe/Berlin
currency: EUR
seed: 18446744073709551615
shards: 8
sources:
  transactions:
    uri: data/*.csv
    columns: {customer_id: cid, time: at, amount: value, quantity: pieces, unit_price: price, currency: cur,
              is_return: ret, transaction_id: tx, updated_at: upd, order_id: o, product_id: p, region: r,
              channel: c, promotion_id: promo, due_date: due, payment_date: paid, category: cat, discount: off, cost: fee}
    time_format: "%d.%m.%Y"
    delimiter: ";"
    on_missing_customer: skip
    on_vanished: remove
    on_changed: replace
    expect: {rows_new_min: 10, rows_new_max: 900, newest_day_lag_max_days: 3}
error_budget: {rejected_ratio_max: 0.01, rejected_max: 500}
models:
  rfm: {scores: 4}
  clustering: {k: 7, k_max: 9, iterations_max: 50}
  lifetime: {model: bg_nbd, spend: none, time_unit: month, horizon_days: 180, discount_rate_annual: 0.05}
  churn: {algorithm: logistic, horizon_days: 60, eligible_days: 200}
retention: {snapshots_min: 5, snapshots_days: 8, runs_min: 13, runs_days: 21}
veto:
  customers_change_max_ratio: 0.25
  customers_drop_max_ratio: 0.001
  net_change_max_ratio: 1000
  segment_share_change_max: 0.1
  cluster_share_change_max: 0.2
  mean_p_alive_change_max: 0.000001
  mean_churn_probability_change_max: 1
  mean_lifetime_value_change_max_ratio: 1.5
  rejected_ratio_max: 0
  customers_min: 10
  churn_grade_min: C
  require_fitted_models: true
on_finish: {command: [notify, --to, ops], webhook: "https://hooks.example.com/x", timeout_seconds: 20, on: [failed]}
)";

}  // namespace strata

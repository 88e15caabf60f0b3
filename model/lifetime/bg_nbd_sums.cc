#include "model/lifetime/bg_nbd_sums.h"

namespace strata {

void BgNbdSums::AddConstants(const BgNbdParameters& model, double count) {
  const double log_alpha = std::log(model.alpha);
  value_ += count * model.r * log_alpha;
  r_ += count * log_alpha;
  alpha_ += count * model.r / model.alpha;
  r_alpha_ += count / model.alpha;
  alpha_alpha_ -= count * model.r / (model.alpha * model.alpha);
}

void BgNbdSums::AddPurchase(const BgNbdParameters& model, double j, double count) {
  const double rate = model.r + j;
  const double stays = model.b + j;
  const double all = model.a + stays;
  value_ += count * (std::log(rate) - std::log1p(model.a / stays));
  r_ += count / rate;
  r_r_ -= count / (rate * rate);
  log_a_ -= count * model.a / all;
  log_a_log_a_ -= count * model.a * stays / (all * all);
  b_ += count * model.a / (stays * all);
  log_a_b_ += count * model.a / (all * all);
  b_b_ -= count * model.a * (all + stays) / (stays * all * stays * all);
}

void BgNbdSums::AddOneTimeBuyers(const BgNbdParameters& model, const Time& end, double count) {
  value_ -= count * model.r * end.logarithm;
  r_ -= count * end.logarithm;
  alpha_ -= count * model.r * end.inverse;
  r_alpha_ -= count * end.inverse;
  alpha_alpha_ += count * model.r * end.inverse * end.inverse;
}

BgNbdSums& BgNbdSums::operator+=(const BgNbdSums& other) {
  value_ += other.value_;
  r_ += other.r_;
  alpha_ += other.alpha_;
  log_a_ += other.log_a_;
  b_ += other.b_;
  r_r_ += other.r_r_;
  r_alpha_ += other.r_alpha_;
  alpha_alpha_ += other.alpha_alpha_;
  r_log_a_ += other.r_log_a_;
  alpha_log_a_ += other.alpha_log_a_;
  log_a_log_a_ += other.log_a_log_a_;
  r_b_ += other.r_b_;
  alpha_b_ += other.alpha_b_;
  log_a_b_ += other.log_a_b_;
  b_b_ += other.b_b_;
  return *this;
}

Derivatives<4> BgNbdSums::InLogParameters(const BgNbdParameters& model) const {
  const double r = model.r, alpha = model.alpha, b = model.b;
  Derivatives<4> result;
  result.value = value_;
  result.gradient = {r * r_, alpha * alpha_, log_a_, b * b_};
  const double ln_r_alpha = r * alpha * r_alpha_;
  const double ln_r_a = r * r_log_a_;
  const double ln_r_b = r * b * r_b_;
  const double ln_alpha_a = alpha * alpha_log_a_;
  const double ln_alpha_b = alpha * b * alpha_b_;
  const double ln_a_b = b * log_a_b_;
  result.hessian[0] = {r * r * r_r_ + r * r_, ln_r_alpha, ln_r_a, ln_r_b};
  result.hessian[1] = {ln_r_alpha, alpha * alpha * alpha_alpha_ + alpha * alpha_, ln_alpha_a, ln_alpha_b};
  result.hessian[2] = {ln_r_a, ln_alpha_a, log_a_log_a_, ln_a_b};
  result.hessian[3] = {ln_r_b, ln_alpha_b, ln_a_b, b * b * b_b_ + b * b_};
  return result;
}

}  // namespace strata

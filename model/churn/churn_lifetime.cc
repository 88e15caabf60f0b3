#include "model/churn/churn_lifetime.h"

namespace strata {

void ChurnLifetime::Encode(ByteWriter* writer) const {
  writer->U8(static_cast<uint8_t>(parameters.kind));
  for (const double value : parameters.value) writer->F64(value);
  writer->I32(parameters.k);
  writer->F64(time_unit_days);
  writer->I32(T_max_days);
  writer->F64(customers);
}

ChurnLifetime ChurnLifetime::Decode(ByteReader* reader) {
  ChurnLifetime lifetime;
  lifetime.parameters.kind = static_cast<LifetimeKind>(reader->U8());
  for (double& value : lifetime.parameters.value) value = reader->F64();
  lifetime.parameters.k = reader->I32();
  lifetime.time_unit_days = reader->F64();
  lifetime.T_max_days = reader->I32();
  lifetime.customers = reader->F64();
  return lifetime;
}

ChurnForecasts::ChurnForecasts(const ChurnLifetime& lifetime, int horizon_days) {
  LifetimeFit fit;
  fit.fitted = true;
  fit.asked = lifetime.parameters.kind;
  fit.parameters = lifetime.parameters;
  fit.customers = lifetime.customers;
  FitScorerSettings settings;
  settings.rules = {.horizon_days = horizon_days, .discount_rate_annual = 0};
  settings.time_unit_days = lifetime.time_unit_days;
  settings.T_max_days = lifetime.T_max_days;
  scorer_ = std::make_unique<const FitScorer>(fit, settings);
}

}  // namespace strata

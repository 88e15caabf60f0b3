// What a run of a job offers its reports. Pure; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "data/reports/report_offer.h"
#include "model/fitted_models.h"
#include "run/job.h"

namespace strata {

// The keys of a job that bring a scheme: all are needed. "models.value".
std::vector<std::string> KeysOf(SchemeId scheme);

// `not_followed`: as of ReportOffer.
ReportOffer OfferOf(const Job& job, std::string not_followed);
// Says of every scheme, and of clusters, whether the followed snapshot, which has these models, has them.
void TellOfFollowed(const FittedModels& followed, ReportOffer* offer);

}  // namespace strata

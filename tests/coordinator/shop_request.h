// The run that tests of a coordinator ask for when it does not matter which.
#pragma once

#include <string>

#include "coordinator/night/night.h"

namespace strata {

// Of a small job over a source that is not there; `more` is added to the job file. `job` of the request stays empty:
// whoever needs it parses job_yaml, which `more` may have made unreadable on purpose.
inline NightRequest ShopRequest(const std::string& job = "shop", const std::string& more = "models: {rfm: {}}\n") {
  NightRequest request;
  request.job_yaml = "name: " + job +
                     "\ntime_zone: UTC\ncurrency: EUR\nshards: 2\nsources:\n  transactions:\n    uri: /nowhere\n"
                     "    columns: {customer_id: id, time: date, amount: amount}\n" +
                     more;
  request.job_folder = "/";
  return request;
}

}  // namespace strata

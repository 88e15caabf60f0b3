// Outlooks of customers on the wire. Pure functions; thread-safe.
#pragma once

#include "base/status.h"
#include "model/customer_score.h"

namespace strata {
namespace v1 {
class Outlook;
class OutlookColumns;
class Score;
class ScoreColumns;
}  // namespace v1

// Leaves the message without an outlook where nothing is known. `interval_level`: 0: the job asks for none.
void FillOutlook(const CustomerOutlook& outlook, double interval_level, v1::Score* message);
// INTERNAL (ANSWER_INVALID) for what no server sends. The level of the intervals belongs to the models.
absl::StatusOr<CustomerOutlook> ReadOutlook(const v1::Outlook& message);

void AppendOutlook(const CustomerOutlook& outlook, v1::OutlookColumns* columns);
// Once all customers of a chunk are there: leaves out columns that say nothing, and all of it where all do.
void FinishOutlookColumns(double interval_level, v1::ScoreColumns* columns);
// INTERNAL (ANSWER_INVALID) unless every column that is there has `rows` entries of the domain.
absl::Status CheckOutlookColumns(const v1::OutlookColumns& columns, int rows);
// Precondition: they were checked, and row is one of theirs.
CustomerOutlook OutlookInColumns(const v1::OutlookColumns& columns, int row);

}  // namespace strata

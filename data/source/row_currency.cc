// Amounts in other currencies than the job's.
#include <fmt/format.h>

#include "data/source/row_parser.h"
#include "data/source/text.h"
#include "data/tables/fx_money.h"

namespace strata {

bool RowParser::IsForeign(const Cells& cells) const {
  const Cell& cell = cells[static_cast<size_t>(TransactionField::kCurrency)];
  return fx_.has_value() && !IsMissing(cell) && TrimBlanks(cell.text) != currency_;
}

bool RowParser::Convert(const Cells& cells, Day day, Fault* fault) {
  const auto cell = [&cells](TransactionField field) -> const Cell& { return cells[static_cast<size_t>(field)]; };
  const auto fail = [fault, day](FaultKind kind, TransactionField field, std::string_view value) {
    fault->kind = kind;
    fault->found = FormatDay(day);
    fault->field = static_cast<uint16_t>(field);
    fault->value = value;
    return false;
  };
  const std::string_view written = cell(TransactionField::kCurrency).text;
  const std::optional<uint32_t> currency = CurrencyCode(TrimBlanks(written));
  if (!currency.has_value()) return fail(FaultKind::kUnknownCurrency, TransactionField::kCurrency, written);
  // Asked first, so that it is remembered that this row had no rate.
  const FxRate rate = fx_->Find(*currency, day);
  if (rate.empty()) {
    return fail(fx_->Has(*currency) ? FaultKind::kNoRate : FaultKind::kUnknownCurrency, TransactionField::kCurrency,
                written);
  }
  std::optional<int64_t> amount;
  if (IsMapped(TransactionField::kAmount)) {
    amount = ConvertMicros(amount_micros_, rate);
  } else {
    const int64_t quantity = NumberOf(TransactionField::kQuantity).micros;
    const int64_t price = NumberOf(TransactionField::kUnitPrice).micros;
    is_negative_ = quantity != 0 && price != 0 && (quantity < 0) != (price < 0);
    amount = ConvertProduct(quantity, price, rate);
  }
  if (!amount.has_value()) {
    product_ = IsMapped(TransactionField::kAmount)
                   ? fmt::format("{} × {}", Show(cell(TransactionField::kAmount)), FormatRate(rate))
                   : fmt::format("{} × {} × {}", Show(cell(TransactionField::kQuantity)),
                                 Show(cell(TransactionField::kUnitPrice)), FormatRate(rate));
    return fail(FaultKind::kTooLarge, TransactionField::kAmount, product_);
  }
  amount_micros_ = *amount;
  rate_ = rate;
  return true;
}

}  // namespace strata

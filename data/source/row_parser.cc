#include "data/source/row_parser.h"

#include <fmt/format.h>

#include <cstring>

#include "base/bytes.h"
#include "data/rows/table_batch.h"
#include "data/source/decimal.h"
#include "data/source/ingest.h"
#include "data/source/text.h"
#include "data/tables/fx_money.h"

namespace strata {
namespace {

const Cell& CellOf(const Cells& cells, TransactionField field) { return cells[static_cast<size_t>(field)]; }

bool Fail(FaultKind kind, TransactionField field, std::string_view value, Fault* fault) {
  fault->kind = kind;
  fault->field = static_cast<uint16_t>(field);
  fault->value = value;
  return false;
}

bool EqualsLower(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (LowerLetter(text[i]) != lower[i]) return false;
  }
  return true;
}

// A value's canonical form without its text: three integers at most.
constexpr size_t kCanonicalBytes = 3 * sizeof(int64_t);

// Copies up to 16 bytes without asking the library, which nearly all texts are.
inline void CopyShort(std::string_view from, char* to) {
  const size_t size = from.size();
  if (size > 16) {
    std::memcpy(to, from.data(), size);
  } else if (size >= 8) {
    std::memcpy(to, from.data(), 8);
    std::memcpy(to + size - 8, from.data() + size - 8, 8);
  } else if (size >= 4) {
    std::memcpy(to, from.data(), 4);
    std::memcpy(to + size - 4, from.data() + size - 4, 4);
  } else {
    for (size_t i = 0; i < size; ++i) to[i] = from[i];
  }
}

constexpr TransactionField kTexts[] = {TransactionField::kOrderId, TransactionField::kProductId,
                                       TransactionField::kRegion, TransactionField::kChannel,
                                       TransactionField::kPromotionId};
constexpr TransactionField kDates[] = {TransactionField::kDueDate, TransactionField::kPaymentDate};

}  // namespace

bool IsMissing(const Cell& cell) {
  if (cell.is_clean) return false;
  return cell.kind == Cell::Kind::kMissing || (cell.kind == Cell::Kind::kText && IsBlank(cell.text));
}

FaultKind ReadFlag(const Cell& cell, bool* value) {
  if (IsMissing(cell)) return FaultKind::kMissing;
  const std::string_view text = TrimBlanks(cell.text);
  for (const std::string_view yes : {"true", "1", "yes", "y", "t"}) {
    if (EqualsLower(text, yes)) {
      *value = true;
      return FaultKind::kNone;
    }
  }
  for (const std::string_view no : {"false", "0", "no", "n", "f"}) {
    if (EqualsLower(text, no)) {
      *value = false;
      return FaultKind::kNone;
    }
  }
  return FaultKind::kNotAFlag;
}

std::string Show(const Cell& cell) {
  switch (cell.kind) {
    case Cell::Kind::kLocalTime:
    case Cell::Kind::kInstant:
      return DescribeTime(cell);
    case Cell::Kind::kMicros:
      return FormatMicros(cell.micros);
    default:
      return std::string(cell.text);
  }
}

absl::StatusOr<RowParser> RowParser::ForJob(const Job& job, const FxTable* fx) {
  STRATA_ASSIGN_OR_RETURN(TimeReader times, TimeReader::ForJob(job));
  return RowParser(job, std::move(times), fx);
}

RowParser::RowParser(const Job& job, TimeReader times, const FxTable* fx)
    : times_(std::move(times)), currency_(job.currency) {
  if (fx != nullptr) fx_.emplace(fx);
  keeps_words_ = KeepsLines(job.transactions);
  for (const TransactionFieldInfo& info : kTransactionFields) {
    mapped_[static_cast<size_t>(info.field)] = !ColumnOf(job.transactions.columns, info.field).empty();
  }
}

FaultKind RowParser::CheckText(const Cell& cell) const {
  if (cell.is_clean) return FaultKind::kNone;
  if (cell.kind == Cell::Kind::kNotInteger) return FaultKind::kNotInteger;
  return IsUtf8(cell.text) ? FaultKind::kNone : FaultKind::kNotUtf8;
}

FaultKind RowParser::CheckWord(const Cell& cell) const {
  const bool is_long = keeps_words_ && cell.text.size() > kMaxCategoryBytes;
  return is_long ? FaultKind::kTooLong : CheckText(cell);
}

bool RowParser::ParseNumber(const Cells& cells, TransactionField field, bool required, Fault* fault) {
  Number& number = NumberOf(field);
  number = {};
  if (!IsMapped(field)) return true;
  if (const Cell& cell = CellOf(cells, field); cell.kind == Cell::Kind::kMicros) {
    number = {.present = true, .micros = cell.micros};
    return true;
  }
  const std::string_view text = CellOf(cells, field).text;
  const Decimal decimal = ParseMicros(text);
  if (decimal.fault == FaultKind::kMissing && !required) return true;
  if (decimal.fault != FaultKind::kNone) return Fail(decimal.fault, field, text, fault);
  number = {.present = true, .micros = decimal.micros};
  return true;
}

bool RowParser::ParseNumbers(const Cells& cells, Fault* fault) {
  const bool has_amount = IsMapped(TransactionField::kAmount);
  if (!ParseNumber(cells, TransactionField::kAmount, true, fault)) return false;
  if (!ParseNumber(cells, TransactionField::kQuantity, !has_amount, fault)) return false;
  if (!ParseNumber(cells, TransactionField::kUnitPrice, !has_amount, fault)) return false;
  if (has_amount) {
    amount_micros_ = NumberOf(TransactionField::kAmount).micros;
    is_negative_ = amount_micros_ < 0;
    return true;
  }
  if (IsForeign(cells)) return true;
  const std::optional<int64_t> product =
      MultiplyMicros(NumberOf(TransactionField::kQuantity).micros, NumberOf(TransactionField::kUnitPrice).micros);
  if (!product.has_value()) {
    product_ = fmt::format("{} × {}", Show(CellOf(cells, TransactionField::kQuantity)),
                           Show(CellOf(cells, TransactionField::kUnitPrice)));
    return Fail(FaultKind::kTooLarge, TransactionField::kAmount, product_, fault);
  }
  amount_micros_ = *product;
  is_negative_ = amount_micros_ < 0;
  return true;
}

void RowParser::ComputeNet(ParsedRow* row) const {
  const Number& quantity = numbers_[1];
  row->is_return =
      IsMapped(TransactionField::kIsReturn) ? flag_ : is_negative_ || (quantity.present && quantity.micros < 0);
  row->net_micros = row->is_return && amount_micros_ > 0 ? -amount_micros_ : amount_micros_;
}

// Everything after the numbers.
bool RowParser::ParseTail(const Cells& cells, ParsedRow* row, Fault* fault) {
  using enum TransactionField;
  rate_ = {};
  if (IsMapped(kCurrency)) {
    const Cell& cell = CellOf(cells, kCurrency);
    if (IsMissing(cell)) return Fail(FaultKind::kMissing, kCurrency, "", fault);
    if (TrimBlanks(cell.text) != currency_) {
      if (!fx_.has_value()) return Fail(FaultKind::kOtherCurrency, kCurrency, cell.text, fault);
      if (!Convert(cells, row->time.day, fault)) return false;
    }
  }
  if (IsMapped(kIsReturn)) {
    const Cell& cell = CellOf(cells, kIsReturn);
    const FaultKind kind = ReadFlag(cell, &flag_);
    if (kind != FaultKind::kNone) return Fail(kind, kIsReturn, cell.text, fault);
  }
  if (IsMapped(kTransactionId)) {
    const Cell& cell = CellOf(cells, kTransactionId);
    const FaultKind kind = IsMissing(cell) ? FaultKind::kMissing : CheckText(cell);
    if (kind != FaultKind::kNone) return Fail(kind, kTransactionId, cell.text, fault);
    row->transaction = HashOf128(cell.text);
  }
  row->updated_at_us = kNoUpdatedAt;
  if (IsMapped(kUpdatedAt)) {
    const Cell& cell = CellOf(cells, kUpdatedAt);
    const FaultKind kind = times_.ReadInstantMicros(cell, &row->updated_at_us);
    if (kind != FaultKind::kNone && kind != FaultKind::kMissing) return Fail(kind, kUpdatedAt, cell.text, fault);
  }
  for (const TransactionField field : kTexts) {
    if (!IsMapped(field)) continue;
    const Cell& cell = CellOf(cells, field);
    const FaultKind kind = field == kOrderId ? CheckText(cell) : CheckWord(cell);
    if (kind != FaultKind::kNone) return Fail(kind, field, cell.text, fault);
  }
  for (size_t i = 0; i < std::size(kDates); ++i) {
    has_date_[i] = false;
    if (!IsMapped(kDates[i])) continue;
    const Cell& cell = CellOf(cells, kDates[i]);
    if (IsMissing(cell)) continue;
    const FaultKind kind = times_.ReadLocal(cell, &dates_[i]);
    if (kind != FaultKind::kNone) return Fail(kind, kDates[i], cell.text, fault);
    has_date_[i] = true;
  }
  if (IsMapped(kCategory)) {
    const Cell& cell = CellOf(cells, kCategory);
    const FaultKind kind = CheckWord(cell);
    if (kind != FaultKind::kNone) return Fail(kind, kCategory, cell.text, fault);
  }
  return ParseDeductions(cells, row, fault);
}

bool RowParser::ParseDeductions(const Cells& cells, ParsedRow* row, Fault* fault) {
  row->discount_micros = row->cost_micros = std::nullopt;
  for (const auto& [field, micros] : {std::pair(TransactionField::kDiscount, &row->discount_micros),
                                      std::pair(TransactionField::kCost, &row->cost_micros)}) {
    if (!IsMapped(field)) continue;
    if (!ParseNumber(cells, field, false, fault)) return false;
    const Number& number = NumberOf(field);
    if (!number.present) continue;
    if (number.micros < 0) {
      fault->allowed = "at least 0";
      return Fail(FaultKind::kOutOfRange, field, CellOf(cells, field).text, fault);
    }
    *micros = rate_.empty() ? std::optional(number.micros) : ConvertMicros(number.micros, rate_);
    if (!micros->has_value()) return Fail(FaultKind::kTooLarge, field, CellOf(cells, field).text, fault);
  }
  return true;
}

bool RowParser::Parse(const Cells& cells, ParsedRow* row, Fault* fault) {
  const Cell& id = CellOf(cells, TransactionField::kCustomerId);
  FaultKind kind = IsMissing(id) ? FaultKind::kMissing : CheckText(id);
  if (kind == FaultKind::kNone && id.text.size() > kMaxCustomerIdBytes) kind = FaultKind::kTooLong;
  if (kind != FaultKind::kNone) return Fail(kind, TransactionField::kCustomerId, id.text, fault);
  row->customer_id = id.text;

  const Cell& time = CellOf(cells, TransactionField::kTime);
  kind = times_.ReadLocal(time, &row->time);
  if (kind != FaultKind::kNone) return Fail(kind, TransactionField::kTime, time.text, fault);

  if (!ParseNumbers(cells, fault) || !ParseTail(cells, row, fault)) return false;
  ComputeNet(row);
  if (IsMapped(TransactionField::kTransactionId)) row->row_hash = HashOf(cells, *row);
  return true;
}

std::optional<int64_t> RowParser::quantity() const {
  const Number& quantity = numbers_[1];
  return quantity.present ? std::optional(quantity.micros) : std::nullopt;
}

uint64_t RowParser::HashOf(const Cells& cells, const ParsedRow& row) {
  size_t room = kTransactionFieldCount * kCanonicalBytes;
  for (const Cell& cell : cells) room += cell.text.size();
  if (canonical_.size() < room) canonical_.resize(2 * room);
  char* at = canonical_.data();
  const auto integer = [&at](int64_t value) {
    std::memcpy(at, &value, sizeof(value));
    at += sizeof(value);
  };
  const auto text = [&at, &integer](std::string_view value) {
    integer(static_cast<int64_t>(value.size()));
    CopyShort(value, at);
    at += value.size();
  };
  const auto time = [&integer](bool present, const LocalTime& value) {
    integer(present ? 1 : 0);
    integer(present ? value.day : 0);
    integer(present ? value.nanos : 0);
  };
  for (const TransactionFieldInfo& info : kTransactionFields) {
    if (!IsMapped(info.field)) continue;
    const Cell& cell = CellOf(cells, info.field);
    switch (info.kind) {
      case FieldKind::kText:
        text(info.field == TransactionField::kCurrency ? TrimBlanks(cell.text) : cell.text);
        break;
      case FieldKind::kNumber: {
        const Number& number = NumberOf(info.field);
        integer(number.present ? 1 : 0);
        integer(number.micros);
        break;
      }
      case FieldKind::kFlag:
        integer(flag_ ? 1 : 0);
        break;
      case FieldKind::kTime:
        if (info.field == TransactionField::kTime) {
          time(true, row.time);
        } else if (info.field == TransactionField::kUpdatedAt) {
          integer(row.updated_at_us);
        } else {
          const size_t i = info.field == TransactionField::kDueDate ? 0 : 1;
          time(has_date_[i], dates_[i]);
        }
        break;
    }
  }
  return Hash64({canonical_.data(), static_cast<size_t>(at - canonical_.data())});
}

}  // namespace strata

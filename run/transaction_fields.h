// The fields of a transaction row in their one order: the order in which values are checked, hashed and reported. Plain
// constants.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "run/job.h"

namespace strata {

enum class TransactionField : uint8_t {
  kCustomerId,
  kTime,
  kAmount,
  kQuantity,
  kUnitPrice,
  kCurrency,
  kIsReturn,
  kTransactionId,
  kUpdatedAt,
  kOrderId,
  kProductId,
  kRegion,
  kChannel,
  kPromotionId,
  kDueDate,
  kPaymentDate,
  kCategory,
  kDiscount,
  kCost,
};
inline constexpr size_t kTransactionFieldCount = 19;

// What a value of a field is read as.
enum class FieldKind : uint8_t { kText, kNumber, kTime, kFlag };

struct TransactionFieldInfo {
  TransactionField field;
  const char* name;        // the key in a job's `columns`
  const char* upper_name;  // the prefix of reasons, e.g. AMOUNT_TOO_PRECISE
  FieldKind kind;
  std::string TransactionColumns::*column;  // the source column it is mapped to
};

// Entry i describes the field with the value i.
inline constexpr std::array<TransactionFieldInfo, kTransactionFieldCount> kTransactionFields = {{
    {TransactionField::kCustomerId, "customer_id", "CUSTOMER_ID", FieldKind::kText, &TransactionColumns::customer_id},
    {TransactionField::kTime, "time", "TIME", FieldKind::kTime, &TransactionColumns::time},
    {TransactionField::kAmount, "amount", "AMOUNT", FieldKind::kNumber, &TransactionColumns::amount},
    {TransactionField::kQuantity, "quantity", "QUANTITY", FieldKind::kNumber, &TransactionColumns::quantity},
    {TransactionField::kUnitPrice, "unit_price", "UNIT_PRICE", FieldKind::kNumber, &TransactionColumns::unit_price},
    {TransactionField::kCurrency, "currency", "CURRENCY", FieldKind::kText, &TransactionColumns::currency},
    {TransactionField::kIsReturn, "is_return", "IS_RETURN", FieldKind::kFlag, &TransactionColumns::is_return},
    {TransactionField::kTransactionId, "transaction_id", "TRANSACTION_ID", FieldKind::kText,
     &TransactionColumns::transaction_id},
    {TransactionField::kUpdatedAt, "updated_at", "UPDATED_AT", FieldKind::kTime, &TransactionColumns::updated_at},
    {TransactionField::kOrderId, "order_id", "ORDER_ID", FieldKind::kText, &TransactionColumns::order_id},
    {TransactionField::kProductId, "product_id", "PRODUCT_ID", FieldKind::kText, &TransactionColumns::product_id},
    {TransactionField::kRegion, "region", "REGION", FieldKind::kText, &TransactionColumns::region},
    {TransactionField::kChannel, "channel", "CHANNEL", FieldKind::kText, &TransactionColumns::channel},
    {TransactionField::kPromotionId, "promotion_id", "PROMOTION_ID", FieldKind::kText,
     &TransactionColumns::promotion_id},
    {TransactionField::kDueDate, "due_date", "DUE_DATE", FieldKind::kTime, &TransactionColumns::due_date},
    {TransactionField::kPaymentDate, "payment_date", "PAYMENT_DATE", FieldKind::kTime,
     &TransactionColumns::payment_date},
    {TransactionField::kCategory, "category", "CATEGORY", FieldKind::kText, &TransactionColumns::category},
    {TransactionField::kDiscount, "discount", "DISCOUNT", FieldKind::kNumber, &TransactionColumns::discount},
    {TransactionField::kCost, "cost", "COST", FieldKind::kNumber, &TransactionColumns::cost},
}};

constexpr const TransactionFieldInfo& InfoOf(TransactionField field) {
  return kTransactionFields[static_cast<size_t>(field)];
}

// The source column of a field; empty where it is not mapped.
inline const std::string& ColumnOf(const TransactionColumns& columns, TransactionField field) {
  return columns.*(InfoOf(field).column);
}

}  // namespace strata

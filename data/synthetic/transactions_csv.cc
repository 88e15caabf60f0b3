#include "data/synthetic/transactions_csv.h"

#include <charconv>

#include "data/synthetic/purposes.h"
#include "data/synthetic/row_values.h"

namespace strata {
namespace {

constexpr size_t kBytesARow = 192;  // a little more than any row takes

// Appends fields and delimiters to a text.
class Fields {
 public:
  explicit Fields(std::string* out) : out_(out) {}

  void Text(std::string_view text) { out_->append(text).push_back(','); }
  void None() { out_->push_back(','); }
  void Number(int64_t value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
    out_->append(digits, end);
    out_->push_back(',');
  }
  void Cents(int64_t cents) {
    if (cents < 0) out_->push_back('-');
    const int64_t size = cents < 0 ? -cents : cents;
    Number(size / 100);
    out_->back() = '.';
    TwoDigits(static_cast<int>(size % 100));
    out_->push_back(',');
  }
  void Time(const std::string& day, uint32_t second) {
    out_->append(day).push_back(' ');
    TwoDigits(static_cast<int>(second / 3600));
    out_->push_back(':');
    TwoDigits(static_cast<int>(second / 60 % 60));
    out_->push_back(':');
    TwoDigits(static_cast<int>(second % 60));
    out_->push_back(',');
  }
  void EndRow() { out_->back() = '\n'; }

 private:
  void TwoDigits(int value) {
    out_->push_back(static_cast<char>('0' + value / 10));
    out_->push_back(static_cast<char>('0' + value % 10));
  }
  std::string* out_;
};

// Texts that many rows share.
struct Texts {
  explicit Texts(const World& world) {
    // Due dates lie up to kDueDays behind the period, exports of the last day one.
    for (int day = 0; day < world.options.days + kDueDays + 1; ++day) {
      days.push_back(FormatDay(world.options.first_day + day));
    }
    for (uint32_t i = 0; i < kProductCount; ++i) products.push_back(ProductId(i));
    promotions.emplace_back();
    for (uint32_t i = 1; i <= kPromotions; ++i) promotions.push_back(PromotionId(i));
  }
  std::vector<std::string> days, products, promotions;
};

void AppendRow(const World& world, const Texts& texts, const SyntheticRow& row, Fields* fields) {
  const auto day = static_cast<size_t>(DayOf(row));
  row.dirt == DirtyKind::kMissingTransactionId ? fields->None() : fields->Number(row.transaction_id);
  row.dirt == DirtyKind::kMissingCustomer ? fields->None() : fields->Text(CustomerId(row.customer));
  row.dirt == DirtyKind::kBadDate ? fields->Text(kBadTimeText)
                                  : fields->Time(texts.days[day], row.second % kSecondsPerDay);
  row.dirt == DirtyKind::kBadAmount ? fields->Text(kBadAmountText) : fields->Cents(row.amount_cents);
  fields->Number(row.quantity);
  fields->Cents(row.unit_price_cents);
  fields->Text(row.dirt == DirtyKind::kOtherCurrency ? kOtherCurrency : std::string_view(world.options.currency));
  fields->Text(row.is_return ? "true" : "false");
  const int64_t updated = UpdatedAt(row);
  fields->Time(texts.days[static_cast<size_t>(updated / kSecondsPerDay)],
               static_cast<uint32_t>(updated % kSecondsPerDay));
  fields->Number(row.order_id);
  fields->Text(texts.products[row.product]);
  fields->Text(kRegionNames[row.region]);
  fields->Text(kChannelNames[row.channel]);
  fields->Text(texts.promotions[row.promotion]);
  row.invoiced ? fields->Text(texts.days[day + kDueDays]) : fields->None();
  row.payment_day != SyntheticRow::kNoDay ? fields->Text(texts.days[static_cast<size_t>(row.payment_day)])
                                          : fields->None();
  if (world.catalogue.has_value()) {
    const std::optional<int64_t> discount = DiscountCents(row), cost = world.catalogue->CostCents(row);
    discount.has_value() ? fields->Cents(*discount) : fields->None();
    cost.has_value() ? fields->Cents(*cost) : fields->None();
  }
  fields->EndRow();
}

}  // namespace

std::string EncodeTransactionsCsv(const World& world, const std::vector<SyntheticRow>& rows) {
  const Texts texts(world);
  std::string csv;
  csv.reserve((rows.size() + 1) * kBytesARow);
  Fields fields(&csv);
  for (const std::string_view column : kSyntheticColumns) fields.Text(column);
  if (world.catalogue.has_value()) {
    for (const std::string_view column : kSyntheticCostColumns) fields.Text(column);
  }
  fields.EndRow();
  for (const SyntheticRow& row : rows) AppendRow(world, texts, row, &fields);
  return csv;
}

}  // namespace strata

namespace BotGeneric.Billing.Tests.Paddle;

/// <summary>Entities of the documented shape, written for these tests.</summary>
internal static class PaddleShapes
{
    public const string Price = """
        {
          "id": "pri_1", "product_id": "pro_1", "type": "standard", "description": "Seat, monthly", "name": "Monthly", "tax_mode": "account_setting",
          "billing_cycle": { "interval": "month", "frequency": 1 },
          "trial_period": { "interval": "day", "frequency": 14, "requires_payment_method": true, "unit_price": { "amount": "100", "currency_code": "USD" } },
          "unit_price": { "amount": "1000", "currency_code": "USD" },
          "unit_price_overrides": [ { "country_codes": ["DE", "FR"], "unit_price": { "amount": "700", "currency_code": "EUR" } } ],
          "quantity": { "minimum": 1, "maximum": 100 }, "status": "active", "custom_data": null, "import_meta": null,
          "created_at": "2026-01-01T00:00:00.5Z", "updated_at": "2026-01-01T00:00:00.123456789Z"
        }
        """;

    public const string Product = """
        { "id": "pro_1", "name": "Pro", "type": "standard", "tax_category": "standard", "status": "active", "image_url": null, "custom_data": { "code": "pro" } }
        """;

    public const string Subscription = $$"""
        {
          "id": "sub_1", "status": "active", "customer_id": "ctm_1", "address_id": "add_1", "business_id": null, "currency_code": "USD",
          "created_at": "2026-01-01T00:00:00Z", "next_billed_at": null, "paused_at": null, "canceled_at": null, "discount": null,
          "collection_mode": "automatic", "billing_details": null,
          "current_billing_period": { "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2026-02-01T00:00:00Z" },
          "billing_cycle": { "interval": "month", "frequency": 1 },
          "scheduled_change": { "action": "cancel", "effective_at": "2026-02-01T00:00:00Z", "resume_at": null },
          "items": [ { "status": "trialing", "quantity": 3, "recurring": true, "trial_dates": null, "price": {{Price}}, "product": {{Product}} } ],
          "custom_data": { "reference": "order-7" }, "import_meta": null,
          "management_urls": { "cancel": "https://portal.example/secret" }
        }
        """;

    public const string Transaction = $$"""
        {
          "id": "txn_1", "status": "completed", "customer_id": "ctm_1", "currency_code": "JPY", "origin": "subscription_recurring", "subscription_id": "sub_1",
          "invoice_number": "7-1", "custom_data": { "reference": "order-7" }, "billing_period": null, "discount_id": null,
          "items": [ { "quantity": 1, "price": {{Price}}, "proration": { "rate": "0.62305", "billing_period": { "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2026-01-20T00:00:00Z" } } } ],
          "details": {
            "tax_rates_used": [ { "tax_rate": "0.1", "totals": { "subtotal": "1000", "discount": "0", "tax": "100", "total": "1100" } } ],
            "totals": {
              "subtotal": "1000", "discount": "0", "tax": "100", "total": "1100", "credit": "0", "credit_to_balance": "0", "balance": "0",
              "grand_total": "1100", "fee": "40", "earnings": "960", "currency_code": "JPY" },
            "payout_totals": { "subtotal": "700", "discount": "0", "tax": "70", "total": "770", "fee": "28", "earnings": "672", "currency_code": "USD" },
            "line_items": [ {
              "id": "txnitm_1", "price_id": "pri_1", "quantity": 1, "tax_rate": "0.1", "product": {{Product}},
              "totals": { "subtotal": "1000", "discount": "0", "tax": "100", "total": "1100" },
              "unit_totals": { "subtotal": "1000", "discount": "0", "tax": "100", "total": "1100" } } ]
          },
          "payments": [
            { "amount": "1100", "status": "captured", "payment_attempt_id": "b", "method_details": { "type": "card", "card": { "type": "visa", "last4": "4242", "expiry_month": 1, "expiry_year": 2030, "cardholder_name": "Lee" } } },
            { "amount": "1100", "status": "error", "error_code": "declined", "payment_attempt_id": "a", "method_details": { "type": "card", "card": null } }
          ],
          "checkout": { "url": "https://shop.example/pay?_ptxn=txn_1" },
          "created_at": "2026-01-01T00:00:00.9Z", "updated_at": "2026-01-01T00:00:01.123456789Z", "billed_at": null
        }
        """;

    public const string PortalSession = """
        {
          "id": "cpls_1", "customer_id": "ctm_1", "created_at": "2026-01-01T00:00:00Z",
          "urls": {
            "general": { "overview": "https://portal.example/overview?token=pga_secret" },
            "subscriptions": [ { "id": "sub_1", "cancel_subscription": "https://portal.example/cancel?token=pga_secret", "update_subscription_payment_method": "https://portal.example/method?token=pga_secret" } ]
          }
        }
        """;
}

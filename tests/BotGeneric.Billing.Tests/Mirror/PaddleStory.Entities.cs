using System.Globalization;

namespace BotGeneric.Billing.Tests.Mirror;

/// <content>The entities as Paddle writes them.</content>
internal sealed partial class PaddleStory
{
    private void Say(string type, StorySubscription s, bool mayTie = false)
    {
        Tick(mayTie);
        var price = PriceOf(s.Price);
        Emit(type, new
        {
            id = s.Id,
            status = s.Status,
            customer_id = Customer,
            address_id = $"add_{_prefix}",
            currency_code = _currency,
            created_at = Time(s.StartedAt),
            updated_at = Time(_now),
            started_at = Time(s.StartedAt),
            next_billed_at = s.CancelsAt is null ? Time(s.End) : null,
            paused_at = Time(s.PausedAt),
            canceled_at = Time(s.CanceledAt),
            collection_mode = "automatic",
            current_billing_period = s.Start is null ? null : new { starts_at = Time(s.Start), ends_at = Time(s.End) },
            billing_cycle = new { interval = "month", frequency = 1 },
            scheduled_change = s.CancelsAt is null ? null : new { action = "cancel", effective_at = Time(s.CancelsAt), resume_at = (string?)null },
            items = new[]
            {
                new
                {
                    status = s.Status == "trialing" ? "trialing" : "active",
                    quantity = 1,
                    recurring = true,
                    trial_dates = s.Status == "trialing" ? new { starts_at = Time(s.Start), ends_at = Time(s.End) } : null,
                    price,
                    product = new { id = "pro_1", name = "The product", status = "active" },
                },
            },
            custom_data = s.Reference is null ? null : new { reference = s.Reference },
        });
    }

    private void Say(string type, StoryTransaction t, bool mayTie = false)
    {
        Tick(mayTie);
        var amount = t.Amount.ToString(CultureInfo.InvariantCulture);
        var isPaid = t.Status is "paid" or "completed";
        Emit(type, new
        {
            id = t.Id,
            status = t.Status,
            customer_id = t.CustomerId,
            subscription_id = t.SubscriptionId,
            invoice_number = t.Invoice,
            origin = t.Origin,
            collection_mode = "automatic",
            currency_code = _currency,
            billing_period = t.PeriodStart is null ? null : new { starts_at = Time(t.PeriodStart), ends_at = Time(t.PeriodEnd) },
            items = new[] { new { price = PriceOf(t.Price), quantity = 1 } },
            details = new
            {
                totals = new
                {
                    subtotal = amount,
                    discount = "0",
                    tax = "0",
                    total = amount,
                    credit = "0",
                    credit_to_balance = "0",
                    balance = isPaid ? "0" : amount,
                    grand_total = amount,
                    fee = isPaid ? "100" : null,
                    earnings = isPaid ? amount : null,
                    currency_code = _currency,
                },
                line_items = Array.Empty<object>(),
            },
            payments = t.Payments.Select(payment => new
            {
                payment_attempt_id = payment.Id,
                amount,
                status = payment.Status,
                error_code = payment.Status == "error" ? "declined" : null,
                method_details = new { type = "card", card = (object?)null },
                created_at = Time(payment.At),
                captured_at = payment.Status == "captured" ? Time(payment.At) : null,
            }).Reverse().ToArray(),
            checkout = new { url = $"https://shop.example/pay?_ptxn={t.Id}" },
            custom_data = t.Reference is null ? null : new { reference = t.Reference },
            created_at = Time(t.CreatedAt),
            updated_at = Time(_now),
            billed_at = Time(t.BilledAt),
        });
    }

    private void Say(string type, StoryAdjustment a)
    {
        Tick(mayTie: false);
        var amount = a.Amount.ToString(CultureInfo.InvariantCulture);
        Emit(type, new
        {
            id = a.Id,
            action = a.Action,
            type = a.Amount == a.Transaction.Amount ? "full" : "partial",
            transaction_id = a.Transaction.Id,
            subscription_id = a.Transaction.SubscriptionId,
            customer_id = Customer,
            reason = "asked for",
            credit_applied_to_balance = (bool?)null,
            currency_code = _currency,
            status = a.Status,
            items = Array.Empty<object>(),
            totals = new { subtotal = amount, tax = "0", total = amount, fee = "0", earnings = amount, currency_code = _currency },
            created_at = Time(a.CreatedAt),
            updated_at = Time(_now),
        });
    }

    private void SayCustomer(string type, string email)
    {
        Tick(mayTie: false);
        Emit(type, new { id = Customer, name = "Lee", email, marketing_consent = false, status = "active", locale = "en", created_at = Time(_now), updated_at = Time(_now) });
    }

    private void SaveCard()
    {
        var id = NextId("paymtd");
        object Method(string? reason) => new { id, customer_id = Customer, address_id = $"add_{_prefix}", type = "card", origin = "subscription", deletion_reason = reason, saved_at = Time(_now), updated_at = Time(_now) };
        Tick(mayTie: false);
        Emit("payment_method.saved", Method(null));
        if (_random.Next(2) == 0)
        {
            Tick(mayTie: false);
            Emit("payment_method.deleted", Method("replaced_by_newer_version"));
        }
    }

    private object PriceOf(string id) => new
    {
        id,
        product_id = "pro_1",
        description = "Monthly",
        name = "Monthly",
        billing_cycle = new { interval = "month", frequency = 1 },
        unit_price = new { amount = AmountOf(id).ToString(CultureInfo.InvariantCulture), currency_code = _currency },
        status = "active",
    };

    private StoryTransaction NewTransaction(StorySubscription? s, string origin, string price, long amount, string? reference) =>
        new(NextId("txn"), origin, price, amount, reference, _now) { SubscriptionId = s?.Id, CustomerId = s is null ? null : Customer };

    private void Reverse(StoryStep step, StoryAdjustment disputed, StorySubscription s)
    {
        if (step != StoryStep.ReverseByAdjustment)
        {
            Say("adjustment.updated", disputed with { Status = "reversed" });
        }

        if (step != StoryStep.ReverseByStatus)
        {
            Say("adjustment.created", Adjust(disputed.Transaction, s, "chargeback_reverse", disputed.Amount, "approved"));
        }

        Revenue += disputed.Amount;
        s.Disputed = null;
    }

    private StoryAdjustment Adjust(StoryTransaction t, StorySubscription s, string action, long amount, string status)
    {
        _ = s;
        return new StoryAdjustment(NextId("adj"), t, action, amount, status, _now);
    }

    private sealed class StorySubscription(string id, string? reference, DateTimeOffset startedAt, string status)
    {
        public string Id { get; } = id;

        public string? Reference { get; } = reference;

        public DateTimeOffset StartedAt { get; } = startedAt;

        public string Status { get; set; } = status;

        public string Price { get; set; } = BillingApplication.ProPrice;

        public DateTimeOffset? Start { get; set; }

        public DateTimeOffset? End { get; set; }

        public DateTimeOffset? PausedAt { get; set; }

        public DateTimeOffset? CanceledAt { get; set; }

        public DateTimeOffset? CancelsAt { get; set; }

        public StoryTransaction? PastDue { get; set; }

        public StoryAdjustment? Disputed { get; set; }

        public List<StoryTransaction> Paid { get; } = [];
    }

    private sealed class StoryTransaction(string id, string origin, string price, long amount, string? reference, DateTimeOffset createdAt)
    {
        public string Id { get; } = id;

        public string Origin { get; } = origin;

        public string Price { get; } = price;

        public long Amount { get; } = amount;

        public string? Reference { get; } = reference;

        public DateTimeOffset CreatedAt { get; } = createdAt;

        public string Status { get; set; } = "draft";

        public string? CustomerId { get; set; }

        public string? SubscriptionId { get; set; }

        public string? Invoice { get; set; }

        public DateTimeOffset? PeriodStart { get; set; }

        public DateTimeOffset? PeriodEnd { get; set; }

        public DateTimeOffset? BilledAt { get; set; }

        public bool IsGivenBack { get; set; }

        public List<(string Id, string Status, DateTimeOffset At)> Payments { get; } = [];

        public void Fail(DateTimeOffset at, string attempt) => Payments.Add((attempt, "error", at));

        public void Capture(DateTimeOffset at, string attempt)
        {
            if (Amount > 0)
            {
                Payments.Add((attempt, "captured", at));
            }

            BilledAt ??= at;
        }
    }

    private sealed record StoryAdjustment(string Id, StoryTransaction Transaction, string Action, long Amount, string Status, DateTimeOffset CreatedAt);
}

using System.ComponentModel.DataAnnotations;
using BotGeneric.Billing.Paddle;
using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Billing.Checkouts;

/// <summary>Keys under <c>Billing</c> that say how things are sold and changed.</summary>
public sealed class ShopOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Billing";

    /// <summary>What prices are shown in to somebody of whom neither currency nor country is known, ISO 4217.</summary>
    [RegularExpression("^[A-Z]{3}$", ErrorMessage = "Billing:DefaultCurrency must be an ISO 4217 code, such as USD.")]
    public string DefaultCurrency { get; set; } = "USD";

    /// <summary>
    /// How a change to a dearer plan is charged, one of Paddle's proration modes. By default what is left of the period is charged at once, and what was paid
    /// for the cheaper plan is credited.
    /// </summary>
    [AllowedValues(
        PaddleProrationModes.ProratedImmediately, PaddleProrationModes.ProratedNextBillingPeriod, PaddleProrationModes.FullImmediately,
        PaddleProrationModes.FullNextBillingPeriod, PaddleProrationModes.DoNotBill, ErrorMessage = "Billing:UpgradeProration must be one of Paddle's proration modes, such as prorated_immediately.")]
    public string UpgradeProration { get; set; } = PaddleProrationModes.ProratedImmediately;

    /// <summary>
    /// How a change to a cheaper plan is charged. Paddle changes the plan at once in every mode; by default the credit for what was paid too much is settled
    /// with the next payment, so nobody is charged or paid out in the middle of a period.
    /// </summary>
    [AllowedValues(
        PaddleProrationModes.ProratedImmediately, PaddleProrationModes.ProratedNextBillingPeriod, PaddleProrationModes.FullImmediately,
        PaddleProrationModes.FullNextBillingPeriod, PaddleProrationModes.DoNotBill, ErrorMessage = "Billing:DowngradeProration must be one of Paddle's proration modes, such as prorated_next_billing_period.")]
    public string DowngradeProration { get; set; } = PaddleProrationModes.ProratedNextBillingPeriod;

    /// <summary>How long a checkout that nobody pays is kept open. Afterwards it is canceled at Paddle and its link leads nowhere.</summary>
    [DurationRange("01:00:00", "30.00:00:00", ErrorMessage = "Billing:CheckoutLifetime must be between an hour and 30 days.")]
    public TimeSpan CheckoutLifetime { get; set; } = TimeSpan.FromDays(3);

    /// <summary>
    /// How long somebody is kept waiting while it is found out what became of a call whose answer was lost. Afterwards the answer is 503; what Paddle has done is
    /// found out all the same, by its deliveries and by the worker.
    /// </summary>
    [DurationRange("00:00:01", "00:01:00", ErrorMessage = "Billing:SettlingTime must be between a second and a minute.")]
    public TimeSpan SettlingTime { get; set; } = TimeSpan.FromSeconds(10);
}

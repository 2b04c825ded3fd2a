using System.Text;
using BotGeneric.Billing.Domain;
using Microsoft.Extensions.Options;

namespace BotGeneric.Billing.Catalogue;

/// <summary>Keys under <c>Billing</c>.</summary>
public sealed class BillingOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Billing";

    /// <summary>The least length of a key that signs, in bytes: that of what HMAC-SHA256 yields.</summary>
    public const int MinimumKeyBytes = 32;

    /// <summary>Plans to begin with, by code. They are created where no plan of that code exists and never changed from here afterwards.</summary>
    public IDictionary<string, PlanDocument> InitialPlans { get; } = new Dictionary<string, PlanDocument>(StringComparer.Ordinal);

    /// <summary>
    /// Secrets, 32 bytes or more each, under which checkouts sign whose they are. The first one signs, all of them verify: to replace one, put the new one in
    /// front and keep the old one, because subscriptions carry their reference for years. Without one the service does not start.
    /// </summary>
    public IReadOnlyList<string> ReferenceKeys { get; set; } = [];

    /// <summary>How long a subscription entitles although a payment is missing, from the moment when the payment provider first said so; 0 to 90 days.</summary>
    public TimeSpan PastDueGrace { get; set; } = TimeSpan.FromDays(7);
}

/// <summary>Checks the keys under <c>Billing</c>, plans by the rules of the catalogue.</summary>
public sealed class BillingOptionsValidator : IValidateOptions<BillingOptions>
{
    private static readonly TimeSpan LongestGrace = TimeSpan.FromDays(90);

    /// <inheritdoc />
    public ValidateOptionsResult Validate(string? name, BillingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var failures = options.InitialPlans
            .SelectMany(plan => plan.Value.Validate(plan.Key, CurrencyTable.Iso4217)
                .Select(error => $"Billing:InitialPlans:{plan.Key}:{error.Key}: {string.Join(' ', error.Value)}"))
            .ToList();
        if (options.ReferenceKeys.Count == 0 || options.ReferenceKeys.Any(key => key is null || Encoding.UTF8.GetByteCount(key) < BillingOptions.MinimumKeyBytes))
        {
            failures.Add(
                $"Billing:ReferenceKeys is missing, or one of its keys is shorter than {BillingOptions.MinimumKeyBytes} bytes. "
                + "Set Billing:ReferenceKeys:0 to a random secret, for instance from 'openssl rand -base64 48'.");
        }

        if (options.PastDueGrace < TimeSpan.Zero || options.PastDueGrace > LongestGrace)
        {
            failures.Add("Billing:PastDueGrace must be between 0 and 90 days, such as 7.00:00:00.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}

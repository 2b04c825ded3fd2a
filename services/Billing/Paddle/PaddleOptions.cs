using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Billing.Paddle;

/// <summary>Keys under <c>Paddle</c>.</summary>
public sealed class PaddleOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Paddle";

    /// <summary>
    /// The secrets of the notification destinations (<c>pdl_ntfset_…</c>). Several while one destination replaces another. Without one
    /// the service does not start: it could not tell Paddle from anybody else.
    /// </summary>
    public IReadOnlyList<string> WebhookSecrets { get; set; } = [];

    /// <summary>
    /// How far the time in a signature may be from ours, in either direction. Paddle's SDKs use 5 seconds, which needs a
    /// synchronized clock; deliveries that are delayed on their way need more.
    /// </summary>
    [DurationRange("00:00:01", "00:10:00", ErrorMessage = "Paddle:SignatureTolerance must be between 1 second and 10 minutes.")]
    public TimeSpan SignatureTolerance { get; set; } = TimeSpan.FromSeconds(5);
}

using System.ComponentModel.DataAnnotations;
using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Simulators.Paddle;

/// <summary>Keys under <c>Paddle</c>.</summary>
public sealed class PaddleSimulatorOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Paddle";

    /// <summary>The secret of the notification destination.</summary>
    [Required]
    public string WebhookSecret { get; set; } = string.Empty;

    /// <summary>The notification destination. Without one the simulated Paddle is off.</summary>
    [Required]
    public Uri? WebhookUrl { get; set; }

    /// <summary>Further destinations, each with a secret of its own.</summary>
    public IList<PaddleDestinationOptions> MoreDestinations { get; set; } = [];

    /// <summary>The API key that is accepted, <c>pdl_sdbx_apikey_…</c>. Without one the API refuses every call.</summary>
    [RegularExpression(PaddlePaths.ApiKeyPattern, ErrorMessage = "Paddle:ApiKey must have the shape pdl_sdbx_apikey_<26>_<22>_<3>.")]
    public string? ApiKey { get; set; }

    /// <summary>The default payment link, which is the simulator's checkout page. By default below the address that the process listens on.</summary>
    public Uri? CheckoutUrl { get; set; }

    /// <summary>What the checkout page does.</summary>
    public PaddleCheckoutOptions Checkout { get; set; } = new();

    /// <summary>Calls of the API per minute and address before 429; Paddle's own number is 240.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerMinute { get; set; } = 240;

    /// <summary>Calls of the preview endpoints per minute and address; Paddle's own number is 1,000.</summary>
    [Range(1, 1_000_000)]
    public int PreviewsPerMinute { get; set; } = 1000;

    /// <summary>
    /// How long after each failed attempt a notification is tried again, by the simulator's clock. By default three times within 15 minutes, as
    /// in Paddle's sandbox.
    /// </summary>
    public IList<TimeSpan> RetryDelays { get; set; } = [];

    /// <summary>How long a refund waits for its approval. In Paddle's sandbox 10 minutes.</summary>
    [DurationRange("00:00:00", "1.00:00:00", ErrorMessage = "Paddle:RefundApproval must be at most a day.")]
    public TimeSpan RefundApproval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a link to the portal works.</summary>
    [DurationRange("00:00:01", "30.00:00:00", ErrorMessage = "Paddle:PortalLinkLifetime must be from a second to 30 days.")]
    public TimeSpan PortalLinkLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>What happens when every retry of a renewal's payment failed: <c>subscription_canceled</c> or <c>subscription_paused</c>.</summary>
    [RegularExpression("^subscription_(canceled|paused)$", ErrorMessage = "Paddle:DunningExhaustedAction must be subscription_canceled or subscription_paused.")]
    public string DunningExhaustedAction { get; set; } = "subscription_canceled";

    /// <summary>
    /// Whether the items of a subscription may be changed while a pause or a cancellation is scheduled. Paddle's sources contradict each other;
    /// refusing is the stricter of the two.
    /// </summary>
    public bool ItemChangesWithScheduledChange { get; set; }

    /// <summary>Tax rates by country, <c>0.2</c> for 20 %; they replace the built-in ones. A country that is not named has none.</summary>
    public IDictionary<string, decimal> Tax { get; set; } = new Dictionary<string, decimal>(StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The file that everything is written to and taken up from after a restart; its folder is made when it is missing. Without it everything is
    /// forgotten when the process ends. One process at a time.
    /// </summary>
    public string? StateFile { get; set; }

    /// <summary>Makes ids reproducible.</summary>
    public int? Seed { get; set; }
}

/// <summary>A notification destination.</summary>
public sealed class PaddleDestinationOptions
{
    /// <summary>Where notifications go.</summary>
    public Uri? Url { get; set; }

    /// <summary>What they are signed with.</summary>
    public string Secret { get; set; } = string.Empty;
}

/// <summary>Keys under <c>Paddle:Checkout</c>.</summary>
public sealed class PaddleCheckoutOptions
{
    /// <summary>Where the browser goes after a payment. Without it the page says that it is paid.</summary>
    public Uri? SuccessUrl { get; set; }

    /// <summary>The hosts that a transaction's own <c>checkout.url</c> may name, beside this machine and the host of the default payment link.</summary>
    public IList<string> ApprovedDomains { get; set; } = [];
}

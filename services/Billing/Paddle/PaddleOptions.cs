using System.ComponentModel.DataAnnotations;
using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Billing.Paddle;

/// <summary>Which of Paddle's two worlds is spoken to. They share no account, key, secret or id.</summary>
public enum PaddleEnvironment
{
    /// <summary>For trying things out: nothing is paid.</summary>
    Sandbox,

    /// <summary>Money moves.</summary>
    Live,
}

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

    /// <summary>Where the secrets and the key are from. Live by default in Production, sandbox elsewhere.</summary>
    public PaddleEnvironment? Environment { get; set; }

    /// <summary>
    /// Whether Production may work with the sandbox, as a copy of it for tests does. It then takes rehearsals too: whoever can send them can
    /// give plans away.
    /// </summary>
    public bool AllowSandboxInProduction { get; set; }

    /// <summary>
    /// The key of the API (<c>pdl_live_apikey_…</c> or <c>pdl_sdbx_apikey_…</c>), which must be of the configured environment. Without one the
    /// service starts, and refuses whatever needs Paddle with 503.
    /// </summary>
    public string? ApiKey { get; set; }

    /// <summary>Where the API is; by default where the environment has it. Another address only outside of Production.</summary>
    public Uri? ApiUrl { get; set; }

    /// <summary>
    /// How many calls of the API this process makes in any minute. Paddle allows 240 for each IP address: replicas that share one share them.
    /// </summary>
    [Range(6, 240, ErrorMessage = "Paddle:RequestsPerMinute must be from 6 to 240.")]
    public int RequestsPerMinute { get; set; } = 230;

    /// <summary>The same for previews of prices, of which Paddle allows 1,000.</summary>
    [Range(6, 1000, ErrorMessage = "Paddle:PreviewRequestsPerMinute must be from 6 to 1000.")]
    public int PreviewRequestsPerMinute { get; set; } = 950;

    /// <summary>How many stored events this process applies at once. Each takes a connection to the database.</summary>
    [Range(1, 16, ErrorMessage = "Paddle:InboxWorkers must be from 1 to 16.")]
    public int InboxWorkers { get; set; } = 4;

    /// <summary>
    /// Whether deliveries must come from an address that Paddle names. The client's address must then reach this service: see
    /// <c>ForwardedHeaders</c>.
    /// </summary>
    public bool VerifySourceAddress { get; set; }

    /// <summary>The environment, with what is default for this host.</summary>
    /// <param name="isProduction">Whether the host runs in Production.</param>
    internal PaddleEnvironment EnvironmentIn(bool isProduction) =>
        Environment ?? (isProduction ? PaddleEnvironment.Live : PaddleEnvironment.Sandbox);
}

using System.ComponentModel.DataAnnotations;
using BotGeneric.ServiceDefaults.Validation;
using BotGeneric.Simulators.SignIn.Apple;
using BotGeneric.Simulators.SignIn.Google;
using BotGeneric.Simulators.SignIn.Telegram;

namespace BotGeneric.Simulators.SignIn;

/// <summary>Keys under <c>SignIn</c>. Every one has a default with which the simulators start.</summary>
public sealed class SignInOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "SignIn";

    /// <summary>The origin at which the system under test is reached. Redirect URIs that are not configured are built on it.</summary>
    [Required]
    public Uri PublicUrl { get; set; } = new("http://localhost:8080");

    /// <summary>
    /// The origin at which browsers and services reach the simulators; the issuers are paths below it. By default the first address that
    /// the process listens on. An origin of another site than <see cref="PublicUrl"/> (<c>http://127.0.0.1:…</c> beside
    /// <c>http://localhost:…</c>) makes the browser treat the answers as cross-site, as it does with the real providers.
    /// </summary>
    public Uri? Origin { get; set; }

    /// <summary>
    /// Accepts <c>http</c> redirect URIs of this machine. No real provider but Google does; without it nobody could develop without a certificate.
    /// </summary>
    public bool AllowHttpLoopback { get; set; } = true;

    /// <summary>How long a code can be exchanged: from 60 seconds to 10 minutes, the most that RFC 6749 section 4.1.2 recommends.</summary>
    [DurationRange("00:01:00", "00:10:00")]
    public TimeSpan CodeLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The client of the Google-like provider.</summary>
    public GoogleOptions Google { get; set; } = new();

    /// <summary>The client of the Apple-like provider.</summary>
    public AppleOptions Apple { get; set; } = new();

    /// <summary>The client and the bot of the Telegram-like provider.</summary>
    public TelegramOptions Telegram { get; set; } = new();
}

/// <summary>A client that is registered with a provider.</summary>
public class ClientOptions
{
    /// <summary>The client's id.</summary>
    public string ClientId { get; set; } = string.Empty;

    /// <summary>The client's secret. Not used by the Apple-like provider, whose clients sign theirs.</summary>
    public string ClientSecret { get; set; } = string.Empty;

    /// <summary>
    /// The redirect URIs, compared character by character. By default <c>/account/external/{provider}/callback</c> at
    /// <see cref="SignInOptions.PublicUrl"/>.
    /// </summary>
    public IList<string> RedirectUris { get; set; } = [];
}

/// <summary>The clients of one provider: one by its own keys, any number of others.</summary>
public abstract class ProviderOptions : ClientOptions
{
    /// <summary>Further clients, to see what happens when one uses another's code.</summary>
    public IList<ClientOptions> MoreClients { get; set; } = [];

    /// <summary>All clients.</summary>
    internal IEnumerable<ClientOptions> Clients => MoreClients.Prepend(this);
}

using System.ComponentModel.DataAnnotations;

namespace BotGeneric.Gateway.Authentication;

/// <summary>Keys under <c>Authentication</c> that only the gateway reads, beside those of every process.</summary>
public sealed class IdentityOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Authentication";

    /// <summary>
    /// The public origin, which is the issuer of every token and where the browser is sent to sign in, such as <c>https://bot.example/</c>.
    /// Required; in Production it is https.
    /// </summary>
    [Required]
    public string Issuer { get; set; } = string.Empty;

    /// <summary>Where Identity's token, pushed authorization and revocation endpoints are: inside the system, by service discovery.</summary>
    [Required]
    [Url]
    public string TokenServerAddress { get; set; } = "http://identity/connect/";

    /// <summary>The issuer with the slash at its end, as tokens have it.</summary>
    internal string NormalizedIssuer => Issuer.EndsWith('/') ? Issuer : Issuer + "/";

    /// <summary>An address on the public origin.</summary>
    internal string Public(string path) => NormalizedIssuer + path;

    /// <summary>One of the token server's endpoints.</summary>
    internal string Endpoint(string name) => (TokenServerAddress.EndsWith('/') ? TokenServerAddress : TokenServerAddress + "/") + name;

    internal bool IsSecure => Issuer.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
}

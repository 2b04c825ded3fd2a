using System.ComponentModel.DataAnnotations;

namespace BotGeneric.ServiceDefaults.Authentication;

/// <summary>Keys under <c>Authentication</c>: whose access tokens a process accepts.</summary>
public sealed class ApiAuthenticationOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Authentication";

    /// <summary>
    /// Who issues the tokens: the public origin of the installation, such as <c>https://bot.example</c>. Required. A token's <c>iss</c> must
    /// be equal to <see cref="ValidIssuer"/>, character by character.
    /// </summary>
    [Required(ErrorMessage = "Authentication:Issuer is missing. Set it to the public origin of the installation, such as https://bot.example.")]
    public Uri? Issuer { get; set; }

    /// <summary>
    /// Where the issuer's public keys are (RFC 7517). Inside the system, so that validation does not depend on the way round through the
    /// public origin; the name is found by service discovery.
    /// </summary>
    [Required(ErrorMessage = "Authentication:JwksAddress is empty. Leave it out for the default, or set the address of the issuer's keys.")]
    public Uri JwksAddress { get; set; } = new("http://identity/.well-known/jwks");

    /// <summary>
    /// The name by which a token says that it is meant for this process. By default the last part of the application's name in lower
    /// case: <c>billing</c> for <c>BotGeneric.Billing</c>.
    /// </summary>
    [Required(ErrorMessage = "Authentication:Audience is empty. Leave it out for the default, or set the service's name.")]
    public string Audience { get; set; } = string.Empty;

    /// <summary>
    /// How many validated tokens a process remembers at most, each for a minute at most, so that a signature is not checked for every request. A token
    /// takes about 5 kB. 0: none.
    /// </summary>
    [Range(0, 1_000_000, ErrorMessage = "Authentication:RememberedTokens must be from 0 to 1000000.")]
    public int RememberedTokens { get; set; } = 5_000;

    /// <summary>
    /// What <c>iss</c> must be. The issuer writes its address as <see cref="Uri.AbsoluteUri"/>, which ends an origin with a slash whether or
    /// not the configuration does; the same is done here, so that both ways of writing the key mean the same issuer.
    /// </summary>
    internal string ValidIssuer => Issuer!.AbsoluteUri;

    internal static bool HasUsableIssuer(ApiAuthenticationOptions options) =>
        options.Issuer is not { } issuer || (IsHttp(issuer) && issuer.Query.Length == 0 && issuer.Fragment.Length == 0 && issuer.UserInfo.Length == 0);

    internal static bool HasUsableJwksAddress(ApiAuthenticationOptions options) => options.JwksAddress is not { } address || IsHttp(address);

    private static bool IsHttp(Uri address) => address.IsAbsoluteUri && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp);
}

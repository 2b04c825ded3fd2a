using System.ComponentModel.DataAnnotations;

namespace BotGeneric.Identity.Accounts;

/// <summary>Keys under <c>Authentication</c> that this service shares with those that check its tokens.</summary>
public sealed class OriginOptions
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "Authentication";

    /// <summary>
    /// The public origin of the system, where people reach the gateway: the issuer of tokens and the start of every link in a message. It is
    /// configured and never taken from a request, whose <c>Host</c> anybody can choose.
    /// </summary>
    [Required(ErrorMessage = "Authentication:Issuer is missing. Set it to the address at which people reach the system, such as https://bot.example.com/.")]
    public Uri? Issuer { get; set; }

    /// <summary>Whether people reach the system over TLS. Without it the prefix <c>__Host-</c> and <c>Secure</c> would make browsers drop cookies.</summary>
    public bool IsSecure => Issuer!.Scheme == Uri.UriSchemeHttps;

    /// <summary>The address of a path of ours.</summary>
    /// <param name="path">The path, with its slash in front.</param>
    public Uri Address(string path) => new(Issuer!, path);
}

using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.SignIn;

/// <summary>The origin below which the issuers are. Never taken from a request: the Host header is whatever the caller writes.</summary>
/// <param name="options">Says it, or leaves it to the addresses that the process listens on.</param>
/// <param name="server">Knows those addresses.</param>
public sealed class SignInOrigin(IOptions<SignInOptions> options, IServer server)
{
    /// <summary>The origin, without a slash at the end.</summary>
    public string Value => Trim(options.Value.Origin) ?? Listened() ?? "http://localhost";

    /// <summary>A URL of the system under test.</summary>
    /// <param name="path">Its path, from a slash on.</param>
    /// <returns>The URL.</returns>
    public string PublicUrl(string path) => Trim(options.Value.PublicUrl) + path;

    private static string? Trim(Uri? uri) => uri?.GetLeftPart(UriPartial.Path).TrimEnd('/');

    private string? Listened()
    {
        if (server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is not { } address)
        {
            return null;
        }

        var binding = BindingAddress.Parse(address);
        var host = binding.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : binding.Host;
        return $"{binding.Scheme}://{host}:{binding.Port}";
    }
}

using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.Paddle.Checkout;

/// <summary>Where transactions are paid. Never taken from a request: the Host header is whatever the caller writes.</summary>
/// <param name="options">Says it, or leaves it to the addresses that the process listens on.</param>
/// <param name="server">Knows those addresses.</param>
internal sealed class CheckoutLinks(IOptions<PaddleSimulatorOptions> options, IServer server)
{
    private static readonly string[] ThisMachine = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>The default payment link.</summary>
    public Uri Default => options.Value.CheckoutUrl ?? new Uri(Listened() + PaddlePaths.Checkout);

    /// <summary>The origin that the simulator's pages are at.</summary>
    public string Origin => Default.GetLeftPart(UriPartial.Authority);

    public string For(string transactionId) => For(Default, transactionId);

    public static string For(Uri page, string transactionId) =>
        $"{page.GetLeftPart(UriPartial.Path)}{(page.Query.Length == 0 ? "?" : page.Query + "&")}_ptxn={transactionId}";

    /// <summary>Whether a transaction may be paid at a page.</summary>
    public bool IsApproved(Uri page) =>
        ThisMachine.Contains(page.Host, StringComparer.OrdinalIgnoreCase)
        || string.Equals(page.Host, Default.Host, StringComparison.OrdinalIgnoreCase)
        || options.Value.Checkout.ApprovedDomains.Contains(page.Host, StringComparer.OrdinalIgnoreCase);

    private string Listened()
    {
        if (server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is not { } address)
        {
            return "http://localhost";
        }

        var binding = BindingAddress.Parse(address);
        var host = binding.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : binding.Host;
        return $"{binding.Scheme}://{host}:{binding.Port}";
    }
}

using Microsoft.IdentityModel.Protocols;

namespace BotGeneric.Identity.External.OpenId;

/// <summary>
/// Talks to providers from server to server. It reads documents, which the resilience of every client repeats, and posts to token endpoints,
/// which nothing repeats: a code works once, and a second try would end what the first one began.
/// </summary>
internal sealed class ProviderBackchannel(IHttpClientFactory clients, IHostEnvironment environment) : IDocumentRetriever
{
    internal const string ClientName = "external-sign-in";

    internal const int MaximumBytes = 256 * 1024;

    public async Task<string> GetDocumentAsync(string address, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        var (isSuccess, status, body) = await SendAsync(request, cancel);
        return isSuccess ? body : throw new HttpRequestException($"A provider's document answers {status}.");
    }

    /// <summary>Sends a request and reads the whole answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="HttpRequestException">No answer came.</exception>
    internal async Task<(bool IsSuccess, int Status, string Body)> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Check(request.RequestUri!);
        using var client = clients.CreateClient(ClientName);
        try
        {
            using var response = await client.SendAsync(request, cancellationToken);
            return (response.IsSuccessStatusCode, (int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (Exception exception) when (exception is not HttpRequestException && !cancellationToken.IsCancellationRequested)
        {
            // Timeouts and open circuits have exceptions of their own.
            throw new HttpRequestException("A provider does not answer.", exception);
        }
    }

    // A discovery document could name any address.
    private void Check(Uri address)
    {
        if (address.Scheme != Uri.UriSchemeHttps && (address.Scheme != Uri.UriSchemeHttp || environment.IsProduction()))
        {
            throw new InvalidOperationException("A provider's address is not https.");
        }
    }
}

using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.Paddle;

/// <summary>
/// Delivers notifications as Paddle does: an HTTPS POST of JSON with the header <c>Paddle-Signature: ts=…;h1=…</c>, where <c>h1</c> is the
/// hexadecimal HMAC-SHA256 of <c>ts:body</c>; 5 seconds to answer; nothing but 200 counts; redirects are not followed.
/// It computes the signature by itself: a mistake shared with the service would not show.
/// </summary>
/// <param name="client">Sends.</param>
/// <param name="options">To where, signed with what.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class PaddleNotifications(HttpClient client, IOptions<PaddleSimulatorOptions> options, TimeProvider timeProvider)
{
    /// <summary>How long Paddle waits for an answer.</summary>
    internal static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Signs a body with the present time and delivers it once.</summary>
    /// <param name="body">The body, delivered byte for byte.</param>
    /// <param name="cancellationToken">Cancels the delivery.</param>
    /// <returns>The HTTP status that was answered, or null when there was no answer in time.</returns>
    public async Task<int?> DeliverAsync(byte[] body, CancellationToken cancellationToken)
    {
        var timestamp = timeProvider.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{timestamp}:"), .. body];
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(options.Value.WebhookSecret), signed);
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Value.WebhookUrl)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        request.Headers.UserAgent.ParseAdd("Paddle");
        request.Headers.Add("Paddle-Signature", $"ts={timestamp};h1={Convert.ToHexStringLower(signature)}");
        try
        {
            using var response = await client.SendAsync(request, cancellationToken);
            return (int)response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}

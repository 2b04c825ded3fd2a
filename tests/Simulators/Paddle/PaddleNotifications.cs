using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Polly;

namespace BotGeneric.Simulators.Paddle;

/// <summary>
/// Delivers notifications as Paddle does: an HTTPS POST of JSON with the header <c>Paddle-Signature: ts=…;h1=…</c>, where <c>h1</c> is the
/// hexadecimal HMAC-SHA256 of <c>ts:body</c>; 5 seconds to answer; nothing but 200 counts; redirects are not followed.
/// It computes the signature by itself: a mistake shared with the service would not show.
/// </summary>
/// <param name="client">Sends.</param>
/// <param name="timeProvider">The clock of the machine: a receiver compares the signature's time with its own.</param>
public sealed class PaddleNotifications(HttpClient client, TimeProvider timeProvider)
{
    /// <summary>How long Paddle waits for an answer.</summary>
    internal static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private const int KeptCharacters = 500;

    /// <summary>Signs a body with the present time and delivers it once.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="secret">The destination's secret.</param>
    /// <param name="body">The body, delivered byte for byte.</param>
    /// <param name="cancellationToken">Cancels the delivery.</param>
    /// <returns>The answer, or null when there was none in time.</returns>
    internal async Task<DeliveryAnswer?> DeliverAsync(Uri destination, string secret, byte[] body, CancellationToken cancellationToken)
    {
        var timestamp = timeProvider.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{timestamp}:"), .. body];
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed);
        using var request = new HttpRequestMessage(HttpMethod.Post, destination)
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        request.Headers.UserAgent.ParseAdd("Paddle");
        request.Headers.Add("Paddle-Signature", $"ts={timestamp};h1={Convert.ToHexStringLower(signature)}");
        try
        {
            using var response = await client.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return new DeliveryAnswer(
                (int)response.StatusCode, response.Content.Headers.ContentType?.ToString(), text.Length > KeptCharacters ? text[..KeptCharacters] : text);
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (ExecutionRejectedException)
        {
            return null;
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}

/// <summary>What a destination answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="ContentType">The type of the body.</param>
/// <param name="Body">The beginning of the body.</param>
internal sealed record DeliveryAnswer(int Status, string? ContentType, string Body);

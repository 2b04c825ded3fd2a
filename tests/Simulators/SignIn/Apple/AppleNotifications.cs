using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Polly;

namespace BotGeneric.Simulators.SignIn.Apple;

/// <summary>
/// Tells the application what happened to a person, as Apple does: one POST of <c>{"payload": "&lt;JWT&gt;"}</c>, whose claim <c>events</c> is
/// JSON in a text. https://developer.apple.com/documentation/signinwithapple/processing-changes-for-sign-in-with-apple-accounts
/// </summary>
/// <param name="client">Sends.</param>
/// <param name="provider">Signs.</param>
/// <param name="origin">Knows where to by default.</param>
/// <param name="options">Says where to.</param>
public sealed class AppleNotifications(HttpClient client, AppleProvider provider, SignInOrigin origin, IOptions<SignInOptions> options)
{
    internal static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    internal static readonly string[] EventTypes = ["consent-revoked", "account-delete", "email-disabled", "email-enabled"];

    /// <summary>Sends a notification.</summary>
    /// <param name="person">About whom.</param>
    /// <param name="request">What happened.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The id and the HTTP status of the answer; no status when none came.</returns>
    public async Task<SentAppleNotification> SendAsync(TestPerson person, AppleNotificationRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(person);
        ArgumentNullException.ThrowIfNull(request);
        var now = provider.Clock.GetUtcNow();
        var id = request.Id ?? Guid.CreateVersion7(now).ToString("N");
        var happened = new JsonObject
        {
            ["type"] = request.Event,
            ["sub"] = person.Subject,
            ["event_time"] = now.ToUnixTimeMilliseconds(),
        };
        if (request.Event.StartsWith("email-", StringComparison.Ordinal))
        {
            happened["email"] = person.Email;
            happened["is_private_email"] = person.IsPrivateEmail ? "true" : "false";
        }

        var claims = new JsonObject
        {
            ["iss"] = request.Outcome is ForcedOutcome.WrongIssuer ? "https://issuer.invalid" : provider.Issuer,
            ["aud"] = request.Outcome is ForcedOutcome.WrongAudience ? "another-client" : options.Value.Apple.ClientId,
            ["iat"] = (request.IssuedAt ?? now).ToUnixTimeSeconds(),
            ["jti"] = id,
            ["events"] = JsonSerializer.Serialize(happened),
        };
        var body = new JsonObject { ["payload"] = provider.Keys.Sign(claims, request.Outcome) };
        var target = options.Value.Apple.NotificationUrl?.AbsoluteUri ?? origin.PublicUrl("/account/external/apple/notifications");
        try
        {
            using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
            using var response = await client.PostAsync(target, content, cancellationToken);
            return new SentAppleNotification(id, (int)response.StatusCode);
        }
        catch (Exception exception) when (exception is HttpRequestException or ExecutionRejectedException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new SentAppleNotification(id, ResponseStatus: null);
        }
    }
}

/// <summary>What happened to a person.</summary>
/// <param name="Person">The person's key.</param>
/// <param name="Event"><c>consent-revoked</c>, <c>account-delete</c>, <c>email-disabled</c> or <c>email-enabled</c>.</param>
/// <param name="Id">The <c>jti</c>; a new one by default. The same again is a replay.</param>
/// <param name="IssuedAt">The <c>iat</c>; now by default.</param>
/// <param name="Outcome">How the notification is to be wrong: <c>wrongIssuer</c>, <c>wrongAudience</c>, <c>wrongSignature</c>, <c>unsignedToken</c> or <c>symmetricSignature</c>.</param>
public sealed record AppleNotificationRequest(
    string Person, string Event, string? Id = null, DateTimeOffset? IssuedAt = null, ForcedOutcome? Outcome = null);

/// <summary>How a notification was received.</summary>
/// <param name="Id">Its <c>jti</c>.</param>
/// <param name="ResponseStatus">The HTTP status of the answer; null when none came within 10 seconds.</param>
public sealed record SentAppleNotification(string Id, int? ResponseStatus);

using System.Text.Json;
using System.Text.Json.Serialization;
using BotGeneric.Contracts.Identity.V1;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Audit;
using BotGeneric.Identity.Domain;
using BotGeneric.Identity.External.Linking;
using BotGeneric.Identity.External.OpenId;
using BotGeneric.Identity.Sessions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.IdentityModel.JsonWebTokens;

namespace BotGeneric.Identity.External.Api;

/// <summary>
/// What Apple tells about people
/// (https://developer.apple.com/documentation/signinwithapple/processing-changes-for-sign-in-with-apple-accounts): one POST of
/// <c>{"payload": "&lt;JWT&gt;"}</c>. Everything that is signed and understood is answered with 200, also when there is nothing to do.
/// </summary>
internal sealed partial class AppleNotificationsApi
{
    private const int MaximumBytes = 32 * 1024;

    private static readonly TimeSpan MaximumAge = TimeSpan.FromDays(7);
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    // A vendor may add members.
    private static readonly JsonSerializerOptions Lenient = new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.AllowReadingFromString };

    internal static void Map(IEndpointRouteBuilder app) => app.MapPost("/account/external/apple/notifications", ReceiveAsync)
        .AllowAnonymous()
        .DisableAntiforgery()
        .ExcludeFromDescription()
        .WithMetadata(new RequestSizeLimitAttribute(MaximumBytes));

    internal static async Task<Results<Ok, BadRequest, NotFound, StatusCodeHttpResult>> ReceiveAsync(
        HttpContext context, ExternalProviders providers, ProviderTokenValidator validator, ExternalAccounts accounts, TimeProvider time,
        ILogger<AppleNotificationsApi> logger, CancellationToken cancellationToken)
    {
        if (providers.Find(IdentityProviders.Apple) is not { } provider)
        {
            return TypedResults.NotFound();
        }

        if (await ReadAsync(context.Request, cancellationToken) is not { } payload)
        {
            return TypedResults.BadRequest();
        }

        JsonWebToken? token;
        try
        {
            token = await validator.ReadAsync(provider, payload, mustExpire: false, cancellationToken);
        }
        catch (Exception exception) when (OpenIdClient.IsOutage(exception, cancellationToken))
        {
            LogAway(logger, exception);
            return TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }

        if (token is null || MessageOf(token, time.GetUtcNow()) is not { } message)
        {
            return TypedResults.BadRequest();
        }

        await accounts.ChangeAsync(change => ApplyAsync(change, accounts, message, cancellationToken), cancellationToken);
        return TypedResults.Ok();
    }

    private static async Task<bool> ApplyAsync(ExternalAccounts.Change change, ExternalAccounts accounts, Message message, CancellationToken cancellationToken)
    {
        // In the transaction of the effect: a redelivery finds it, and one that comes at the same time collides and then finds it.
        var fingerprint = Secrets.Hash($"apple {message.Id}");
        if (await change.Db.UsedProofs.AnyAsync(proof => proof.Hash == fingerprint, cancellationToken))
        {
            return false;
        }

        change.Db.UsedProofs.Add(new UsedProof(fingerprint, message.IssuedAt + MaximumAge + Skew));
        var identity = await change.Db.ExternalIdentities.SingleOrDefaultAsync(
            candidate => candidate.Provider == IdentityProviders.Apple && candidate.Subject == message.Subject, cancellationToken);
        if (identity is null)
        {
            return true;
        }

        switch (message.Type)
        {
            case "consent-revoked" or "account-delete":
                var kept = await accounts.UnlinkAsync(change, identity.UserId, IdentityProviders.Apple, cancellationToken);
                var user = await change.Db.Users.SingleAsync(candidate => candidate.Id == identity.UserId, cancellationToken);
                await change.Services.GetRequiredService<SessionService>().RevokeAllAsync(user, except: null, cancellationToken);
                Note(kept is null ? AuditTrail.Success : "kept-as-last-method");
                break;
            case "email-disabled" or "email-enabled":
                Note(AuditTrail.Success);
                break;
        }

        return true;

        void Note(string outcome) => change.Audit.Add(
            AuditActions.ProviderNotified, identity.UserId, outcome, target: identity.Id.ToString(),
            details: new Dictionary<string, string?> { ["provider"] = IdentityProviders.Apple, ["event"] = message.Type });
    }

    private static async Task<string?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return request.HasJsonContentType() && await request.ReadFromJsonAsync<Body>(Lenient, cancellationToken) is { Payload: { Length: > 0 } payload } ? payload : null;
        }
        catch (Exception exception) when (exception is JsonException or BadHttpRequestException)
        {
            return null;
        }
    }

    private static Message? MessageOf(JsonWebToken token, DateTimeOffset now)
    {
        if (ProviderTokenValidator.Time(token, "iat") is not { } issuedAt || issuedAt > now + Skew || issuedAt < now - MaximumAge
            || ProviderTokenValidator.Text(token, "jti") is not { Length: <= 200 } id
            || ProviderTokenValidator.Text(token, "events") is not { } events)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<Event>(events, Lenient) is { Type: { Length: > 0 } type, Sub: { Length: > 0 } subject }
                ? new Message(id, issuedAt, type, subject)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A notification of Apple cannot be checked: its keys cannot be read")]
    private static partial void LogAway(ILogger logger, Exception exception);

    private sealed record Body(string? Payload);

    private sealed record Event(string? Type, string? Sub);

    private sealed record Message(string Id, DateTimeOffset IssuedAt, string Type, string Subject);
}

using System.Text.Json;
using BotGeneric.Identity.Access;
using BotGeneric.Identity.Accounts;
using BotGeneric.Identity.Accounts.Passkeys;
using BotGeneric.Identity.Accounts.Throttling;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Identity.Pages.SignIn;

/// <summary>What the script asks for: options, or where to go first.</summary>
/// <param name="Options">Options of WebAuthn; null when the person must go elsewhere first.</param>
/// <param name="Next">A path of ours; null when there is nothing else to do.</param>
public sealed record PasskeyOptions(JsonElement? Options, string? Next = null)
{
    internal static PasskeyOptions Of(string json) => new(JsonDocument.Parse(json).RootElement);
}

/// <summary>What the browser's authenticator gave.</summary>
/// <param name="Credential">A credential of WebAuthn.</param>
/// <param name="Name">What the person calls the passkey; only when one is added.</param>
/// <param name="ReturnUrl">Where to go afterwards.</param>
public sealed record PasskeyCredential(JsonElement Credential, string? Name = null, string? ReturnUrl = null);

/// <summary>Where the script goes next.</summary>
/// <param name="Next">A path of ours.</param>
public sealed record PasskeyResult(string Next);

/// <summary>Signing in with a passkey. Called by a script of ours, which sends the form's token as a header.</summary>
internal static class PasskeySignIn
{
    public static void MapPasskeySignIn(this RouteGroupBuilder pages)
    {
        var group = pages.MapGroup("/login/passkey").AllowAnonymous();
        group.MapPost("/options", BeginAsync);
        group.MapPost(string.Empty, FinishAsync);
    }

    private static async Task<Ok<PasskeyOptions>> BeginAsync(PasskeyService passkeys, HttpContext context) =>
        TypedResults.Ok(PasskeyOptions.Of(await passkeys.BeginShowingAsync(context, current: null)));

    private static async Task<Results<Ok<PasskeyResult>, ProblemHttpResult>> FinishAsync(
        PasskeyCredential body, PasskeyService passkeys, SignInThrottle throttle, HttpContext context, CancellationToken cancellationToken)
    {
        var address = SignInThrottle.KeyOf(context.Connection.RemoteIpAddress);
        if (await throttle.TryBeginAsync(ThrottleRule.Address, address) is { } wait)
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
            return ApiProblems.Problem(StatusCodes.Status429TooManyRequests, AccessTexts.Get("attempts-too-many"));
        }

        var next = await passkeys.SignInAsync(
            context, body.Credential.GetRawText(), ReturnAddress.OrElse(body.ReturnUrl), cancellationToken);
        if (next is null)
        {
            return ApiProblems.Problem(StatusCodes.Status422UnprocessableEntity, AccessTexts.Get("passkey-refused"));
        }

        await throttle.TakeBackAsync(ThrottleRule.Address, address);
        return TypedResults.Ok(new PasskeyResult(next));
    }
}

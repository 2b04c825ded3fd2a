using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.Simulators.SignIn.Telegram;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Simulators.SignIn.Control;

/// <summary>Signs, for tests, what Telegram signs without the browser leaving the page.</summary>
public static class TelegramControlApi
{
    internal static void MapTelegramControlApi(this IEndpointRouteBuilder control)
    {
        var group = control.MapGroup("/telegram");
        group.MapPost("/init-data", SignInitData).WithSummary("Sign the data of a Mini App");
        group.MapPost("/widget", SignWidget).WithSummary("Sign the data of the legacy widget");
        group.MapGet("/mini-app-key", GetKey).WithSummary("The public key of the signature in Mini App data");
    }

    /// <summary>The <c>initData</c> that a Mini App gets when the person opens it.</summary>
    private static Results<Ok<SignedInitData>, ProblemHttpResult> SignInitData(SignRequest request, TelegramProvider provider, TelegramSigner signer) =>
        provider.People.Find(request.Person) is { } person
            ? TypedResults.Ok(new SignedInitData(signer.InitData(person, request.AuthDate, request.StartParam)))
            : NoPerson();

    /// <summary>The fields that the legacy widget sends when the person signs in.</summary>
    private static Results<Ok<IReadOnlyDictionary<string, string>>, ProblemHttpResult> SignWidget(
        SignRequest request, TelegramProvider provider, TelegramSigner signer) =>
        provider.People.Find(request.Person) is { } person ? TypedResults.Ok(signer.Widget(person, request.AuthDate)) : NoPerson();

    /// <summary>The key for the third party's check.</summary>
    private static Ok<MiniAppKey> GetKey(TelegramSigner signer) => TypedResults.Ok(new MiniAppKey(signer.PublicKey));

    private static ProblemHttpResult NoPerson() => ApiProblems.Invalid("person", "There is no such person. Register it first.");
}

/// <summary>For whom to sign.</summary>
/// <param name="Person">The person's key.</param>
/// <param name="AuthDate">When it was signed; now by default.</param>
/// <param name="StartParam">The parameter of the link that opened the Mini App; none by default.</param>
public sealed record SignRequest(string Person, DateTimeOffset? AuthDate = null, string? StartParam = null);

/// <summary>Signed data of a Mini App.</summary>
/// <param name="InitData">The query string.</param>
public sealed record SignedInitData(string InitData);

/// <summary>A public key.</summary>
/// <param name="Ed25519">The 32 bytes, hexadecimal.</param>
public sealed record MiniAppKey(string Ed25519);

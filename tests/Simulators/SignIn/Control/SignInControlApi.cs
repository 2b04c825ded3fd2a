using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.Simulators.SignIn.Apple;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.SignIn.Control;

/// <summary>What tests ask of the providers, apart from the endpoints that real ones have.</summary>
public static class SignInControlApi
{
    private const int MaximumBodyBytes = 16 * 1024;

    internal static void MapSignInControlApi(this IEndpointRouteBuilder app)
    {
        var control = app.MapGroup("/sign-in/control").WithTags("Sign-in").AllowAnonymous().WithMetadata(new RequestSizeLimitAttribute(MaximumBodyBytes));
        var group = control.MapGroup("/{provider}");
        group.MapGet("/people", GetPeople).WithSummary("List the test people of a provider");
        group.MapPut("/people/{key}", PutPerson).WithSummary("Register a test person, or change who it is");
        group.MapDelete("/people/{key}", DeletePerson).WithSummary("Remove a test person, and what it granted");
        group.MapPut("/next-outcome", PutOutcome).WithSummary("Make the next sign-in go wrong");
        group.MapDelete("/next-outcome", DeleteOutcome).WithSummary("Let the next sign-in go well");
        group.MapPut("/auto-approval", PutAutoApproval).WithSummary("Have a person approve every request without the page");
        group.MapDelete("/auto-approval", DeleteAutoApproval).WithSummary("Show the page again");
        group.MapPost("/keys/rotate", RotateKeys).WithSummary("Sign with a new key");
        group.MapPost("/reset", Reset).WithSummary("Go back to the state of the start; keys stay");
        control.MapGet("/apple/client-key", GetAppleClientKey).WithSummary("The generated private key of the Apple-like provider's client");
        control.MapPost("/apple/notifications", NotifyAsync).WithSummary("Send the application a notification of Apple's");
        control.MapTelegramControlApi();
    }

    /// <summary>Everybody who has an account with the provider.</summary>
    private static Results<Ok<TestPerson[]>, ProblemHttpResult> GetPeople(string provider, SignInProviders providers) =>
        providers.Find(provider) is { } found ? TypedResults.Ok(found.People.All()) : Unknown();

    /// <summary>Registers a person. The subject stays the same when the person changes.</summary>
    private static Results<Ok<TestPerson>, ProblemHttpResult> PutPerson(string provider, string key, PersonRequest person, SignInProviders providers)
    {
        if (providers.Find(provider) is not { } found)
        {
            return Unknown();
        }

        if (TestPeople.Check(key, person) is { } error)
        {
            return ApiProblems.Invalid(error.Field, error.Error);
        }

        return found.People.Put(key, person) is { } put ? TypedResults.Ok(put) : ApiProblems.Conflict("There are 500 people already. Remove some.");
    }

    /// <summary>Removes a person.</summary>
    private static Results<NoContent, ProblemHttpResult> DeletePerson(string provider, string key, SignInProviders providers)
    {
        if (providers.Find(provider) is not { } found || found.People.Find(key) is not { } person || !found.People.Remove(key))
        {
            return ApiProblems.NotFound("There is no such person.");
        }

        found.Forget(clientId: null, person.Subject);
        return TypedResults.NoContent();
    }

    /// <summary>Forces the outcome of the next sign-in; the one after that goes well again.</summary>
    private static Results<NoContent, ProblemHttpResult> PutOutcome(string provider, OutcomeRequest request, SignInProviders providers)
    {
        if (providers.Find(provider) is not { } found)
        {
            return Unknown();
        }

        found.Behaviour.Force(request.Outcome);
        return TypedResults.NoContent();
    }

    /// <summary>Takes back what was forced.</summary>
    private static Results<NoContent, ProblemHttpResult> DeleteOutcome(string provider, SignInProviders providers)
    {
        if (providers.Find(provider) is not { } found)
        {
            return Unknown();
        }

        found.Behaviour.Force(null);
        return TypedResults.NoContent();
    }

    /// <summary>From now on the person approves every request at once.</summary>
    private static Results<NoContent, ProblemHttpResult> PutAutoApproval(string provider, AutoApprovalRequest request, SignInProviders providers)
    {
        if (providers.Find(provider) is not { } found)
        {
            return Unknown();
        }

        if (found.People.Find(request.Person) is null)
        {
            return ApiProblems.Invalid("person", "There is no such person. Register it first.");
        }

        found.Behaviour.AutoApprovedBy = request.Person;
        return TypedResults.NoContent();
    }

    /// <summary>From now on the page is shown.</summary>
    private static Results<NoContent, ProblemHttpResult> DeleteAutoApproval(string provider, SignInProviders providers)
    {
        if (providers.Find(provider) is not { } found)
        {
            return Unknown();
        }

        found.Behaviour.AutoApprovedBy = null;
        return TypedResults.NoContent();
    }

    /// <summary>Rotates the provider's key.</summary>
    private static Results<Ok<RotatedKey>, ProblemHttpResult> RotateKeys(string provider, RotateRequest request, SignInProviders providers) =>
        providers.Find(provider) is { } found ? TypedResults.Ok(new RotatedKey(found.Keys.Rotate(request.KeepPrevious))) : Unknown();

    /// <summary>Forgets people who were registered, what was granted, and what was forced.</summary>
    private static Results<NoContent, ProblemHttpResult> Reset(string provider, SignInProviders providers)
    {
        if (providers.Find(provider) is not { } found)
        {
            return Unknown();
        }

        found.Reset();
        return TypedResults.NoContent();
    }

    /// <summary>The private key with which a client signs its secret. Only when no public key is configured.</summary>
    private static Results<Ok<AppleClientKey>, ProblemHttpResult> GetAppleClientKey(
        AppleClientSecrets secrets, IOptions<SignInOptions> options) =>
        secrets.GeneratedPrivateKey is { } key
            ? TypedResults.Ok(new AppleClientKey(options.Value.Apple.TeamId, options.Value.Apple.KeyId, options.Value.Apple.ClientId, key))
            : ApiProblems.NotFound("SignIn:Apple:PublicKey is configured; whoever configured it has the private key.");

    /// <summary>Signs a notification and sends it once. What it says becomes true here as well.</summary>
    private static async Task<Results<Ok<SentAppleNotification>, ProblemHttpResult>> NotifyAsync(
        AppleNotificationRequest request, AppleProvider provider, AppleNotifications notifications, CancellationToken cancellationToken)
    {
        if (!AppleNotifications.EventTypes.Contains(request.Event, StringComparer.Ordinal))
        {
            return ApiProblems.Invalid("event", $"One of {string.Join(", ", AppleNotifications.EventTypes)}.");
        }

        if (provider.People.Find(request.Person) is not { } person)
        {
            return ApiProblems.Invalid("person", "There is no such person. Register it first.");
        }

        if (request.Outcome is null && request.Event is "consent-revoked" or "account-delete")
        {
            provider.Forget(clientId: null, person.Subject);
        }

        return TypedResults.Ok(await notifications.SendAsync(person, request, cancellationToken));
    }

    private static ProblemHttpResult Unknown() => ApiProblems.NotFound("The providers are google, apple and telegram.");
}

/// <summary>How the next sign-in is to go wrong.</summary>
/// <param name="Outcome">How.</param>
public sealed record OutcomeRequest(ForcedOutcome Outcome);

/// <summary>Who approves without the page.</summary>
/// <param name="Person">The person's key.</param>
public sealed record AutoApprovalRequest(string Person);

/// <summary>How to rotate.</summary>
/// <param name="KeepPrevious">Whether the keys before are still published.</param>
public sealed record RotateRequest(bool KeepPrevious = true);

/// <summary>A new key.</summary>
/// <param name="KeyId">Its <c>kid</c>.</param>
public sealed record RotatedKey(string KeyId);

/// <summary>What a client of the Apple-like provider signs its secret with.</summary>
/// <param name="TeamId">The <c>iss</c>.</param>
/// <param name="KeyId">The <c>kid</c>.</param>
/// <param name="ClientId">The <c>sub</c>.</param>
/// <param name="PrivateKey">The key on P-256, PKCS #8 in PEM.</param>
public sealed record AppleClientKey(string TeamId, string KeyId, string ClientId, string PrivateKey);

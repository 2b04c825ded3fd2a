using System.Security.Claims;
using BotGeneric.Identity.Access;
using BotGeneric.Identity.Pages.Connect;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.Http;
using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BotGeneric.Identity.TokenServer.Clients;

/// <summary>Client applications, for those who run the system.</summary>
public static class AdminClientsApi
{
    /// <summary>Maps <c>/api/admin/clients</c>.</summary>
    /// <param name="app">The service.</param>
    public static void MapAdminClientsApi(this IEndpointRouteBuilder app)
    {
        var clients = app.MapGroup("/api/admin/clients").WithTags("Clients").RequireAuthorization(ApiPolicies.Admin);
        clients.MapGet("/", ListAsync);
        clients.MapGet("/{clientId}", GetAsync);
        // Whoever changes a client decides where people's codes are sent.
        var changes = clients.MapGroup(string.Empty).RequireAuthorization(ApiPolicies.StepUp);
        changes.MapPost("/", CreateAsync);
        changes.MapPut("/{clientId}", UpdateAsync);
        changes.MapPost("/{clientId}/secret", RotateSecretAsync);
        changes.MapDelete("/{clientId}", DeleteAsync);
    }

    /// <summary>Every client, by id. There are few: one page holds them.</summary>
    internal static async Task<Ok<Page<Client>>> ListAsync(ClientCatalogue catalogue, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Page<Client>([.. (await catalogue.ListAsync(cancellationToken)).Select(Client.Of)], null));

    /// <summary>One client.</summary>
    internal static async Task<Results<Ok<Client>, ProblemHttpResult>> GetAsync(
        string clientId, ClientCatalogue catalogue, CancellationToken cancellationToken) =>
        await catalogue.FindAsync(clientId, cancellationToken) is { } client ? TypedResults.Ok(Client.Of(client)) : NotFound(clientId);

    /// <summary>Registers a client. The answer to this request is the only place where its secret stands.</summary>
    internal static async Task<Results<Created<ClientWithSecret>, ProblemHttpResult>> CreateAsync(
        NewClient body, ClaimsPrincipal user, ClientCatalogue catalogue, CancellationToken cancellationToken)
    {
        var definition = body.Settings.Apply(new ClientDefinition
        {
            ClientId = body.ClientId,
            DisplayName = body.Settings.DisplayName,
            IsConfidential = body.IsConfidential,
        });
        if (Check(definition) is { } problem)
        {
            return problem;
        }

        var (secret, refusal) = await catalogue.CreateAsync(definition, user.PersonId(), cancellationToken);
        return refusal is { } reason
            ? Refusal(reason, body.ClientId)
            : TypedResults.Created($"/api/admin/clients/{body.ClientId}", new ClientWithSecret(Client.Of(definition), secret));
    }

    /// <summary>Changes a client. Its id and whether it has a secret stay.</summary>
    internal static async Task<Results<Ok<Client>, ProblemHttpResult>> UpdateAsync(
        string clientId, ClientSettings body, ClaimsPrincipal user, ClientCatalogue catalogue, CancellationToken cancellationToken)
    {
        if (await catalogue.FindAsync(clientId, cancellationToken) is not { } before)
        {
            return NotFound(clientId);
        }

        var definition = body.Apply(before);
        if (Check(definition) is { } problem)
        {
            return problem;
        }

        return await catalogue.UpdateAsync(definition, user.PersonId(), cancellationToken) is { } reason
            ? Refusal(reason, clientId)
            : TypedResults.Ok(Client.Of(definition));
    }

    /// <summary>Gives a client a new secret. The old one stops working at once.</summary>
    internal static async Task<Results<Ok<ClientWithSecret>, ProblemHttpResult>> RotateSecretAsync(
        string clientId, ClaimsPrincipal user, ClientCatalogue catalogue, CancellationToken cancellationToken)
    {
        var (secret, refusal) = await catalogue.RotateSecretAsync(clientId, user.PersonId(), cancellationToken);
        return refusal is { } reason
            ? Refusal(reason, clientId)
            : TypedResults.Ok(new ClientWithSecret(Client.Of((await catalogue.FindAsync(clientId, cancellationToken))!), secret));
    }

    /// <summary>Removes a client. Its tokens are worth nothing any more.</summary>
    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string clientId, ClaimsPrincipal user, ClientCatalogue catalogue, CancellationToken cancellationToken) =>
        await catalogue.DeleteAsync(clientId, user.PersonId(), cancellationToken) is { } reason ? Refusal(reason, clientId) : TypedResults.NoContent();

    private static ProblemHttpResult? Check(ClientDefinition definition)
    {
        var problems = ClientCatalogue.Check(definition);
        return problems.Count == 0
            ? null
            : ApiProblems.Invalid(problems.GroupBy(problem => problem.Field).ToDictionary(
                group => group.Key, group => group.Select(problem => ConnectTexts.Get($"problem.{problem.Code}")).ToArray()));
    }

    private static ProblemHttpResult NotFound(string clientId) => ApiProblems.NotFound(ConnectTexts.Get("refusal.missing", clientId));

    private static ProblemHttpResult Refusal(ClientRefusal reason, string clientId) => reason switch
    {
        ClientRefusal.NotFound => NotFound(clientId),
        ClientRefusal.Exists => ApiProblems.Conflict(ConnectTexts.Get("refusal.exists", clientId)),
        ClientRefusal.Configured => ApiProblems.Conflict(ConnectTexts.Get("refusal.configured", clientId)),
        _ => ApiProblems.Conflict(ConnectTexts.Get("refusal.public", clientId)),
    };
}

/// <summary>What of a client can be changed.</summary>
public sealed record ClientSettings
{
    /// <summary>What people see when they are asked; 1 to 100 characters.</summary>
    /// <example>Calendar sync</example>
    public required string DisplayName { get; init; }

    /// <summary>Whether it is the operator's own: people are not asked for consent.</summary>
    public bool IsFirstParty { get; init; }

    /// <summary>
    /// How it gets tokens: <c>authorization_code</c>, <c>refresh_token</c>, <c>client_credentials</c>, <c>urn:ietf:params:oauth:grant-type:device_code</c>,
    /// <c>urn:ietf:params:oauth:grant-type:token-exchange</c>. The third and the last demand a secret.
    /// </summary>
    public IReadOnlyList<string> Grants { get; init; } = [];

    /// <summary>The scopes that it may ask for. <c>openid</c> and <c>offline_access</c> need not be named.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Where people go back to, compared character by character: https, or http on the loopback interface; no fragment, no wildcard.</summary>
    public IReadOnlyList<string> RedirectUris { get; init; } = [];

    /// <summary>Where people may go after signing out; the same rules.</summary>
    public IReadOnlyList<string> PostLogoutRedirectUris { get; init; } = [];

    /// <summary>Whether its requests must be pushed first (RFC 9126).</summary>
    public bool RequiresPushedAuthorization { get; init; }

    /// <summary>Whether it is a service that may introspect tokens that are for it.</summary>
    public bool MayIntrospect { get; init; }

    /// <summary>
    /// Whether it may exchange an admin's token for one with which the admin acts as a person for minutes. Only of one of the operator's own with a secret and
    /// the grant of token exchange.
    /// </summary>
    public bool MayImpersonate { get; init; }

    /// <summary>The algorithm of its identity tokens: <c>ES256</c> (default) or <c>RS256</c>.</summary>
    public string IdTokenAlgorithm { get; init; } = "ES256";

    internal ClientDefinition Apply(ClientDefinition client) => client with
    {
        DisplayName = DisplayName.Trim(),
        IsFirstParty = IsFirstParty,
        Grants = [.. Grants.Distinct(StringComparer.Ordinal)],
        Scopes = [.. Scopes.Distinct(StringComparer.Ordinal)],
        RedirectUris = [.. RedirectUris.Distinct(StringComparer.Ordinal)],
        PostLogoutRedirectUris = [.. PostLogoutRedirectUris.Distinct(StringComparer.Ordinal)],
        RequiresPushedAuthorization = RequiresPushedAuthorization,
        MayIntrospect = MayIntrospect,
        MayImpersonate = MayImpersonate,
        IdTokenAlgorithm = IdTokenAlgorithm,
    };

    internal static ClientSettings Of(ClientDefinition client) => new()
    {
        DisplayName = client.DisplayName,
        IsFirstParty = client.IsFirstParty,
        Grants = client.Grants,
        Scopes = client.Scopes,
        RedirectUris = client.RedirectUris,
        PostLogoutRedirectUris = client.PostLogoutRedirectUris,
        RequiresPushedAuthorization = client.RequiresPushedAuthorization,
        MayIntrospect = client.MayIntrospect,
        MayImpersonate = client.MayImpersonate,
        IdTokenAlgorithm = client.IdTokenAlgorithm,
    };
}

/// <summary>A client to register.</summary>
/// <param name="ClientId">Its id: 2 to 64 lower-case letters, digits, dots, dashes and underscores.</param>
/// <param name="IsConfidential">Whether it can keep a secret; an application on people's own devices cannot.</param>
/// <param name="Settings">Everything else.</param>
public sealed record NewClient(string ClientId, bool IsConfidential, ClientSettings Settings);

/// <summary>A client application.</summary>
/// <param name="ClientId">Its id.</param>
/// <param name="IsConfidential">Whether it has a secret.</param>
/// <param name="IsConfigured">Whether the configuration keeps it; then it cannot be changed here.</param>
/// <param name="Settings">Everything else.</param>
public sealed record Client(string ClientId, bool IsConfidential, bool IsConfigured, ClientSettings Settings)
{
    internal static Client Of(ClientDefinition client) =>
        new(client.ClientId, client.IsConfidential, client.IsConfigured, ClientSettings.Of(client));
}

/// <summary>A client with a secret that was just made.</summary>
/// <param name="Client">The client.</param>
/// <param name="ClientSecret">The secret, which is not kept and cannot be seen again; null for a public client.</param>
public sealed record ClientWithSecret(Client Client, string? ClientSecret);

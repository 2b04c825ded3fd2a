using BotGeneric.Identity.Administration;
using BotGeneric.Identity.Sessions;
using BotGeneric.Identity.TokenServer.Clients;
using BotGeneric.WebUi.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Identity.Pages.Connect;

/// <summary><c>/account/admin/clients</c>: the client applications, for admins.</summary>
internal static class ClientsPages
{
    private const string Address = AdminPages.Clients;

    public static void MapClientsPages(this IEndpointRouteBuilder app)
    {
        var pages = app.MapAdminPageGroup(_ => Address);
        pages.MapGet(Address, ListAsync);
        pages.MapGet($"{Address}/new", New);
        pages.MapPost($"{Address}/new", CreateAsync);
        pages.MapGet($"{Address}/{{clientId}}", ShowAsync);
        pages.MapPost($"{Address}/{{clientId}}", UpdateAsync);
        pages.MapPost($"{Address}/{{clientId}}/secret", RotateAsync);
        pages.MapPost($"{Address}/{{clientId}}/delete", DeleteAsync);
    }

    private static async Task<RazorComponentResult> ListAsync(ClientCatalogue catalogue, CancellationToken cancellationToken) =>
        PageEndpoints.Page<ClientsPage, ClientsModel>(new ClientsModel(await catalogue.ListAsync(cancellationToken)));

    private static RazorComponentResult New() =>
        Page(new ClientModel(new ClientDefinition { ClientId = string.Empty, DisplayName = string.Empty }, IsNew: true));

    private static async Task<Results<RazorComponentResult, NotFound>> ShowAsync(
        string clientId, ClientCatalogue catalogue, HttpContext context, CancellationToken cancellationToken) =>
        await catalogue.FindAsync(clientId, cancellationToken) is { } client
            ? Page(new ClientModel(client, IsNew: false, IsSaved: context.Request.Query.ContainsKey("saved")))
            : TypedResults.NotFound();

    private static async Task<Results<RazorComponentResult, RedirectHttpResult>> CreateAsync(
        HttpContext context, [FromForm] ClientForm form, ClientCatalogue catalogue, CancellationToken cancellationToken)
    {
        var client = form.Apply(new ClientDefinition
        {
            ClientId = form.ClientId?.Trim() ?? string.Empty,
            DisplayName = string.Empty,
            IsConfidential = form.Kind != "public",
        });
        var problems = ClientCatalogue.Check(client);
        if (problems.Count > 0)
        {
            return Page(new ClientModel(client, IsNew: true, Problems: problems), StatusCodes.Status422UnprocessableEntity);
        }

        var (secret, refusal) = await catalogue.CreateAsync(client, await ActorAsync(context), cancellationToken);
        if (refusal is not null)
        {
            return Page(
                new ClientModel(client, IsNew: true, Problems: [new ClientProblem("clientId", "exists")]), StatusCodes.Status422UnprocessableEntity);
        }

        // Shown in the answer itself: an address must not carry a secret.
        return secret is null ? Saved(client.ClientId) : Page(new ClientModel(client, IsNew: false, secret));
    }

    private static async Task<Results<RazorComponentResult, RedirectHttpResult, NotFound>> UpdateAsync(
        string clientId, HttpContext context, [FromForm] ClientForm form, ClientCatalogue catalogue, CancellationToken cancellationToken)
    {
        if (await catalogue.FindAsync(clientId, cancellationToken) is not { } before)
        {
            return TypedResults.NotFound();
        }

        var client = form.Apply(before);
        var problems = ClientCatalogue.Check(client);
        if (problems.Count > 0)
        {
            return Page(new ClientModel(client, IsNew: false, Problems: problems), StatusCodes.Status422UnprocessableEntity);
        }

        return await catalogue.UpdateAsync(client, await ActorAsync(context), cancellationToken) is null ? Saved(clientId) : TypedResults.NotFound();
    }

    private static async Task<Results<RazorComponentResult, NotFound>> RotateAsync(
        string clientId, HttpContext context, ClientCatalogue catalogue, CancellationToken cancellationToken)
    {
        var (secret, refusal) = await catalogue.RotateSecretAsync(clientId, await ActorAsync(context), cancellationToken);
        return refusal is null && await catalogue.FindAsync(clientId, cancellationToken) is { } client
            ? Page(new ClientModel(client, IsNew: false, secret))
            : TypedResults.NotFound();
    }

    private static async Task<Results<RedirectHttpResult, NotFound>> DeleteAsync(
        string clientId, HttpContext context, ClientCatalogue catalogue, CancellationToken cancellationToken)
    {
        return await catalogue.DeleteAsync(clientId, await ActorAsync(context), cancellationToken) is null
            ? TypedResults.LocalRedirect(Address)
            : TypedResults.NotFound();
    }

    private static async Task<Guid> ActorAsync(HttpContext context) => (await context.GetCurrentSessionAsync())!.User.Id;

    private static RedirectHttpResult Saved(string clientId) => TypedResults.LocalRedirect($"{Address}/{Uri.EscapeDataString(clientId)}?saved");

    private static RazorComponentResult Page(ClientModel model, int status = StatusCodes.Status200OK) =>
        PageEndpoints.Page<ClientPage, ClientModel>(model, status);
}

/// <summary>The form of a client as it is posted.</summary>
internal sealed class ClientForm
{
    public string? ClientId { get; set; }

    public string? Kind { get; set; }

    public string? DisplayName { get; set; }

    public List<string>? Grants { get; set; }

    public List<string>? Scopes { get; set; }

    public string? RedirectUris { get; set; }

    public string? PostLogoutRedirectUris { get; set; }

    public List<string>? Options { get; set; }

    /// <summary>A client with what was filled in.</summary>
    public ClientDefinition Apply(ClientDefinition client) => client with
    {
        DisplayName = DisplayName?.Trim() ?? string.Empty,
        Grants = Grants ?? [],
        Scopes = Scopes ?? [],
        RedirectUris = Lines(RedirectUris),
        PostLogoutRedirectUris = Lines(PostLogoutRedirectUris),
        IsFirstParty = Has("firstParty"),
        RequiresPushedAuthorization = Has("pushed"),
        MayIntrospect = Has("introspect"),
        MayImpersonate = Has("impersonate"),
        IdTokenAlgorithm = Has("rs256") ? TokenServer.Keys.KeyMaterial.RS256 : TokenServer.Keys.KeyMaterial.ES256,
    };

    private static string[] Lines(string? text) =>
        [.. (text ?? string.Empty).Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal)];

    private bool Has(string option) => Options?.Contains(option) == true;
}

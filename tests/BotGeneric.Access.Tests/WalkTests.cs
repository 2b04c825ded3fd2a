using System.Security.Claims;
using BotGeneric.Access.Tests.Walk;
using BotGeneric.Contracts.Identity;
using BotGeneric.ServiceDefaults;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.ServiceDefaults.OpenApi;
using BotGeneric.ServiceDefaults.Problems;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace BotGeneric.Access.Tests;

/// <summary>That the walk finds what it is there to find: a service with one good endpoint and every mistake.</summary>
public sealed class WalkTests : IAsyncLifetime
{
    private static readonly Guid Account = Guid.CreateVersion7();
    private static readonly Guid Thing = Guid.CreateVersion7();
    private static readonly Probe Secret = new(Account, "the-secret-of-the-account")
    {
        Ids = new Dictionary<string, string> { ["/api/things/{id}"] = Thing.ToString() },
    };

    private WebApplication _app = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder(
            ["--environment=Test", "--urls=http://127.0.0.1:0", $"--Authentication:Issuer={TestTokens.Issuer}", "--Authentication:Audience=usage"]);
        builder.AddServiceDefaults();
        builder.Logging.ClearProviders();
        builder.Services.AddOpenApi(ServiceOpenApi.DocumentName, ServiceOpenApi.Describe);
        builder.Services.AcceptTestTokens();
        _app = builder.Build();
        _app.UseServiceDefaults();
        _app.MapDefaultEndpoints();
        _app.MapGet("/api/good", (ClaimsPrincipal user, Guid? account = null) => Good(user, account)).RequireScope(ApiScopes.UsageRead);
        _app.MapGet("/api/open", () => "open").AllowAnonymous();
        _app.MapGet("/api/forgotten", () => "for everybody with a token");
        _app.MapGet("/api/hidden", () => "for everybody with a token").RequireScope(ApiScopes.UsageRead).ExcludeFromDescription();
        _app.MapGet("/api/admin/things", () => "for everybody with the scope").RequireScope(ApiScopes.UsageRead);
        _app.MapGet("/api/elsewhere", () => "for nobody").RequireScope(ApiScopes.BillingRead);
        _app.MapGet("/api/leaking", (Guid account) => Secret.Marker + account).RequireScope(ApiScopes.UsageRead);
        _app.MapDelete("/api/things/{id:guid}", Delete).RequireScope(ApiScopes.UsageRead);
        _app.MapPost("/api/acted", () => "for whoever acts in a person's name").RequireScope(ApiScopes.UsageRead).AllowWhileImpersonating();
        _app.MapPost("/api/fragile", (Fragile body) => TypedResults.Ok(body.Names.Sum(name => name.Length))).RequireScope(ApiScopes.UsageRead);
        _app.MapPost("/api/chatty", Chat).RequireScope(ApiScopes.UsageRead);
        _app.MapPost("/api/careless", (Careless? body) => TypedResults.Ok(body?.Count)).RequireScope(ApiScopes.UsageRead);
        await _app.StartAsync();
        _client = new HttpClient { BaseAddress = new Uri(_app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First()) };
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public void Every_service_is_walked_over() => Assert.Equal(
        Directory.GetDirectories(Path.Combine(RepositoryPaths.Root, "services")).Select(path => Path.GetFileName(path)!).Where(name => name != "Shared").Order(StringComparer.Ordinal),
        typeof(WalkTests).Assembly.GetTypes()
            .Where(type => type is { IsAbstract: false, BaseType: { IsGenericType: true } walked } && walked.GetGenericTypeDefinition() == typeof(ServiceAccessTests<>))
            .Select(type => type.Name.Replace("AccessTests", string.Empty, StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [Fact]
    public async Task It_finds_endpoints_that_are_open_forgotten_hidden_or_for_the_wrong_people()
    {
        var walk = Walk();

        await walk.LookAtEndpointsAsync(new Dictionary<string, string>(OpenEndpoints.Everywhere) { ["/api/gone"] = "It was there once." });

        Assert.Equal(
            [
                "/api/admin/things is under /api/admin and not for those who run the system.",
                "/api/elsewhere demands the scope billing:read, which no token for usage can have.",
                "/api/forgotten demands no scope.",
                "/api/gone is listed as open and is not there.",
                "/api/open is open, and nobody has listed it as open.",
                "GET /api/hidden is not in the document, so nobody walks over it.",
            ],
            walk.Findings.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task It_finds_operations_that_answer_whom_they_should_refuse()
    {
        var walk = Walk();

        await walk.TryCredentialsAsync(OpenEndpoints.Everywhere);

        Assert.Equal(
            [
                "GET /api/admin/things answered 200 instead of 403 to a person's token with every scope.",
                "GET /api/admin/things answered 200 instead of 403 to the owner of an organization.",
                "GET /api/forgotten answered 200 instead of 403 to a token with every scope but its own.",
                "GET /api/forgotten answered 200 instead of 403 to a token without scopes.",
                "GET /api/open says that it is open, and nobody has listed it as open.",
                "POST /api/acted answered 200 instead of 403 to an admin who acts in the person's name.",
            ],
            walk.Findings.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task It_finds_operations_that_show_a_stranger_what_is_not_his()
    {
        var walk = Walk();

        await walk.TryAsStrangerAsync(Secret, new TestToken { Scopes = [.. ApiScopes.All] });

        Assert.Equal(
            [
                "DELETE /api/things/{id} answered 204 to a stranger who named the account or a thing of it.",
                "GET /api/leaking answered 200 to a stranger who named the account or a thing of it.",
                "GET /api/leaking shows a stranger what belongs to another account.",
            ],
            walk.Findings.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task It_finds_operations_that_break_at_what_cannot_be_read_or_answer_in_words_of_the_program()
    {
        var walk = new MalformedWalk(_app.Services, _client);

        await walk.TryBodiesAsync();
        await walk.TryParametersAsync();

        Assert.Contains(walk.Findings, finding => finding.StartsWith("POST /api/fragile answered 500 to a list of null as names", StringComparison.Ordinal));
        Assert.Contains(walk.Findings, finding => finding.StartsWith("POST /api/chatty answered a number below zero as count in words of the program ('System.')", StringComparison.Ordinal));
        Assert.Contains("POST /api/careless answered 200 to null.", walk.Findings);
        Assert.All(walk.Findings, finding => Assert.Matches("^POST /api/(fragile|chatty|careless) ", finding));
    }

    [Fact]
    public async Task It_notices_when_there_is_nothing_that_a_stranger_could_have_seen()
    {
        var walk = Walk();

        await walk.ReadAsOwnerAsync(Secret with { Marker = "nowhere" }, new TestToken { Subject = Account.ToString(), Scopes = [ApiScopes.UsageRead] });

        Assert.Equal(["No operation shows the owner the data of the account: the walk proves nothing."], walk.Findings);
    }

    private static IResult Good(ClaimsPrincipal user, Guid? account)
    {
        var access = AccountAccess.Read(user, account);
        return access.IsGranted ? TypedResults.Ok(access.Account == Account ? Secret.Marker : string.Empty) : access.Problem;
    }

    private static IResult Delete(Guid id) => id == Thing ? TypedResults.NoContent() : TypedResults.NotFound();

    private static Results<Ok<int>, ProblemHttpResult> Chat(Careless body) =>
        body.Count < 0 ? ApiProblems.Invalid("count", "System.Int32 must not be negative.") : TypedResults.Ok(body.Count);

    private AccessWalk Walk() => new("usage", _app.Services, _client);

    private sealed record Fragile(IReadOnlyList<string> Names);

    private sealed record Careless(int Count);
}

using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json;
using BotGeneric.Messaging.TestHost;
using BotGeneric.Messaging.Tests.Support;
using BotGeneric.ServiceDefaults.Authentication;
using BotGeneric.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BotGeneric.Messaging.Tests;

/// <summary>An admin sees what was put aside, and gives it another chance.</summary>
public sealed class ReplayTests
{
    private const string Path = "/api/admin/messaging/ledger/dead-letters";
    private const string Guest = "guest";

    [Fact]
    public async Task A_consumed_dead_letter_is_handled_once_when_its_cause_is_gone()
    {
        await using var world = await LedgerWorld.CreateAsync();
        await world.BreakAsync();
        await world.PublishAsync(Some.Deposit("poison", poison: true));
        await using var app = await StartAppAsync(world, LedgerRoles.ConsumeSingle);
        var admin = Client(app, "anna");
        var id = (await LettersAsync(admin, 1)).Single().GetProperty("id").GetGuid();

        var failed = await admin.PostAsync($"{Path}/{id}/replay", null);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, failed.StatusCode);
        Assert.Contains("poisonous", await failed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(1, await world.CountAsync("dead_letters", "attempts = 4 AND replayed_at IS NULL"));
        Assert.Equal(0, await world.CountAsync("effects"));

        await world.RepairAsync();
        // Two admins press at once: one effect, and one of them is told that it was done.
        var answers = await Task.WhenAll(admin.PostAsync($"{Path}/{id}/replay", null), admin.PostAsync($"{Path}/{id}/replay", null));
        Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.Conflict], answers.Select(a => a.StatusCode).Order());
        Assert.Equal(HttpStatusCode.Conflict, (await admin.PostAsync($"{Path}/{id}/replay", null)).StatusCode);
        Assert.Equal(1, await world.CountAsync("effects", "account = 'poison'"));
        Assert.Equal(1, await world.CountAsync("inbox"));
        Assert.Equal(1, await world.CountAsync("dead_letters", "replayed_by = 'anna' AND replayed_at IS NOT NULL"));
    }

    [Fact]
    public async Task A_published_dead_letter_goes_back_into_the_outbox()
    {
        await using var world = await LedgerWorld.CreateAsync();
        await world.InsertAsync(Some.Measurement(5));
        var older = await world.StartAsync(LedgerRoles.PublishDeposits);
        await world.OutboxEmptyAsync();
        await world.StopAsync(older);

        await using var app = await StartAppAsync(world, LedgerRoles.All);
        var admin = Client(app, "boris");
        var id = (await LettersAsync(admin, 1)).Single().GetProperty("id").GetGuid();
        Assert.Equal(HttpStatusCode.NoContent, (await admin.PostAsync($"{Path}/{id}/replay", null)).StatusCode);
        await world.EffectsAsync(1);
        Assert.Equal(1, await world.CountAsync("dead_letters", "replayed_by = 'boris'"));
        Assert.Equal(HttpStatusCode.Conflict, (await admin.PostAsync($"{Path}/{id}/replay", null)).StatusCode);
    }

    [Fact]
    public async Task The_list_has_pages_and_filters_and_wants_a_sign_in()
    {
        await using var world = await LedgerWorld.CreateAsync();
        await world.BreakAsync();
        await world.PublishAsync([.. Enumerable.Range(1, 5).Select(n => Some.Deposit("poison", n, poison: true))]);
        await using var app = await StartAppAsync(world, LedgerRoles.ConsumeSingle);
        var admin = Client(app, "anna");
        var all = await LettersAsync(admin, 5);

        var seen = new List<Guid>();
        var address = $"{Path}?limit=2&direction=consume&replayed=false";
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await admin.GetFromJsonAsync<JsonElement>(cursor.Length == 0 ? address : $"{address}&cursor={cursor}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid()));
            cursor = page.GetProperty("nextCursor").GetString();
        }

        Assert.Equal(all.Select(item => item.GetProperty("id").GetGuid()), seen);
        var detail = await admin.GetFromJsonAsync<JsonElement>($"{Path}/{seen[0]}");
        Assert.Contains("poison", detail.GetProperty("body").GetString(), StringComparison.Ordinal);
        Assert.Empty((await admin.GetFromJsonAsync<JsonElement>($"{Path}?direction=publish")).GetProperty("items").EnumerateArray());
        Assert.Equal(HttpStatusCode.BadRequest, (await admin.GetAsync($"{Path}?direction=sideways&limit=0&cursor=x")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.GetAsync($"{Path}/{Guid.NewGuid()}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await admin.PostAsync($"{Path}/{Guid.NewGuid()}/replay", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Client(app, null).GetAsync(Path)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Client(app, null).PostAsync($"{Path}/{seen[0]}/replay", null)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Client(app, Guest).GetAsync(Path)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Client(app, Guest).PostAsync($"{Path}/{seen[0]}/replay", null)).StatusCode);
    }

    private static async Task<IReadOnlyList<JsonElement>> LettersAsync(HttpClient admin, int count) =>
        await Eventually.GetAsync(
            async () => (IReadOnlyList<JsonElement>)[.. (await admin.GetFromJsonAsync<JsonElement>(Path)).GetProperty("items").EnumerateArray()],
            letters => letters.Count == count,
            "dead letters listed");

    private static async Task<WebApplication> StartAppAsync(LedgerWorld world, LedgerRoles roles)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseTestServer();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [$"ConnectionStrings:{Ledger.DatabaseName}"] = world.Database,
            ["ConnectionStrings:rabbitmq"] = world.Broker,
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, SubjectHeader>("test", null);
        builder.Services.AddAuthorizationBuilder().AddPolicy(ApiPolicies.Admin, policy => policy.RequireAuthenticatedUser().RequireAssertion(context => !context.User.HasClaim("sub", Guest)));
        Ledger.Add(builder, roles);
        var app = builder.Build();
        app.UseRouting();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapMessagingAdmin(Ledger.Service);
        await app.StartAsync();
        return app;
    }

    private static HttpClient Client(WebApplication app, string? subject)
    {
        var client = app.GetTestClient();
        if (subject is not null)
            client.DefaultRequestHeaders.Add(SubjectHeader.Name, subject);
        return client;
    }

    /// <summary>Whoever names a subject is signed in as that subject.</summary>
    private sealed class SubjectHeader(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        public const string Name = "X-Subject";

        protected override Task<AuthenticateResult> HandleAuthenticateAsync() =>
            Task.FromResult(Request.Headers[Name] is [{ } subject]
                ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", subject)], "test")), "test"))
                : AuthenticateResult.NoResult());
    }
}

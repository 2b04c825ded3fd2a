using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Policy.Compilation;
using BotGeneric.Testing.Services;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using static BotGeneric.Policy.Tests.Decisions.Limits;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>The service behind a real server, with the features of an operator.</summary>
public sealed class ListeningApplication() : ServiceApplication<Program>("policy")
{
    public ChosenAccounts Accounts { get; } = new();

    internal Uri Address { get; private set; } = null!;

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["Policy:Decisions:Features:0"] = "chat",
        ["Policy:Decisions:Features:1"] = "agents/*",
    };

    protected override Task PrepareAsync()
    {
        // By the server's options: the overload that takes a port sets it after the host is built, in a race with the host's own start.
        UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        StartServer();
        Address = new Uri(Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return Task.CompletedTask;
    }

    protected override void ConfigureServices(IServiceCollection services)
    {
        services.RemoveAll<ICompiledAccounts>();
        services.AddSingleton<ICompiledAccounts>(Accounts);
    }
}

public sealed class ListeningTests : IClassFixture<ListeningApplication>, IDisposable
{
    private const int Megabyte = 1024 * 1024;

    private readonly HttpClient _client;

    public ListeningTests(ListeningApplication application)
    {
        var account = Guid.CreateVersion7();
        // It waits to be told before it sends a body, however busy the machine is.
        _client = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) }) { BaseAddress = application.Address };
        var token = new TestToken { Subject = account.ToString(), Scopes = [ApiScopes.PolicyAuthorize] };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.Issue(token, DateTimeOffset.UtcNow));
        application.Accounts.Set(account, subject => new CompiledAccount { Subject = subject, Limits = [Quota(100)] });
    }

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData("authorize")]
    [InlineData("authorize/batch")]
    [InlineData("holds/0192f0c1-0000-7000-8000-0000000000ff/commit")]
    public async Task A_body_of_ten_megabytes_is_answered_413_and_nothing_is_held(string path)
    {
        // A question that would be decided, and so many blanks.
        var question = path == "authorize/batch" ? """{"items":[{"feature":"chat"}]}""" : """{"feature":"chat"}""";
        using var content = new StringContent(new string(' ', 10 * Megabyte) + question, Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/api/policy/{path}", UriKind.Relative)) { Content = content };
        // So that the answer is read although the server does not read on.
        request.Headers.ExpectContinue = true;

        using var response = await _client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal((0, 0), await StandingAsync());
    }

    [Fact]
    public async Task A_feature_that_there_is_not_is_refused_by_name_and_takes_nothing()
    {
        using var unknown = await PostAsync("""{"feature":"chta"}""");
        var problem = await unknown.Content.ReadAsStringAsync();
        var before = await StandingAsync();
        using var known = await PostAsync("""{"feature":"agents/tutor"}""");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.OK), (unknown.StatusCode, known.StatusCode));
        Assert.Contains("There is no feature of this name. There are: chat, agents/*.", problem, StringComparison.Ordinal);
        Assert.Equal(((0, 0), (0, 1)), (before, await StandingAsync()));
    }

    private async Task<(long Used, long Held)> StandingAsync()
    {
        using var response = await PostAsync("""{"feature":"chat","estimate":{"requests":0}}""");
        var answer = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
        var line = Assert.Single(answer.GetProperty("limits").EnumerateArray());
        return (line.GetProperty("used").GetInt64(), line.GetProperty("held").GetInt64());
    }

    private async Task<HttpResponseMessage> PostAsync(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await _client.PostAsync(new Uri("/api/policy/authorize", UriKind.Relative), content);
    }
}

using System.Net;
using System.Text;
using BotGeneric.ServiceDefaults.Data;
using BotGeneric.ServiceDefaults.Idempotency;
using BotGeneric.Testing;
using BotGeneric.Testing.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace BotGeneric.ServiceDefaults.Tests;

public sealed class IdempotencyTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TestDatabase _database = null!;
    private TestService _service = null!;
    private int _executions;

    public async Task InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync("idempotency");
        _service = await TestService.StartAsync(
            app =>
            {
                app.MapPost("/charges", async (HttpRequest request) =>
                {
                    using var reader = new StreamReader(request.Body);
                    var body = await reader.ReadToEndAsync();
                    return TypedResults.Created($"/charges/{Interlocked.Increment(ref _executions)}", $"charged {body}");
                }).WithIdempotencyKey();
                app.MapPost("/failing", () => TypedResults.StatusCode(Interlocked.Increment(ref _executions) == 1 ? 500 : 200)).WithIdempotencyKey();
                app.MapPost("/throwing", string () => Interlocked.Increment(ref _executions) == 1 ? throw new InvalidOperationException() : "done").WithIdempotencyKey();
                app.MapPost("/slow", async () =>
                {
                    Interlocked.Increment(ref _executions);
                    _entered.TrySetResult();
                    await _goOn.Task.WaitAsync(Patience);
                    return "slowly";
                }).WithIdempotencyKey();
                app.MapPost("/secrets", Results<Created<string>, BadRequest<string>> (HttpRequest request) => Interlocked.Increment(ref _executions) is var number
                    && request.Query.ContainsKey("refused")
                        ? TypedResults.BadRequest($"refused {number}")
                        : TypedResults.Created($"/secrets/{number}", "a secret")).WithIdempotencyKey(IdempotentAnswer.Withheld);
                app.MapPost("/unmarked", () => Interlocked.Increment(ref _executions));
            },
            builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(_time);
                builder.AddServiceDatabase<KeysDbContext>("keys-db");
            },
            ("ConnectionStrings:keys-db", _database.ConnectionString));
        await using var scope = _service.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<KeysDbContext>().Database.EnsureCreatedAsync();
    }

    public async Task DisposeAsync()
    {
        await _service.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_repeated_request_gets_the_first_answer_and_is_not_carried_out_again()
    {
        using var first = await PostAsync("/charges", "key", "12.34");
        using var second = await PostAsync("/charges", "key", "12.34");

        Assert.Equal(1, _executions);
        Assert.Equal(HttpStatusCode.Created, second.StatusCode);
        Assert.Equal("/charges/1", second.Headers.Location?.OriginalString);
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal(first.Content.Headers.ContentType, second.Content.Headers.ContentType);
        Assert.Equal("true", second.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
    }

    [Fact]
    public async Task The_request_that_is_carried_out_sees_its_body_and_its_caller_sees_the_answer()
    {
        using var response = await PostAsync("/charges", "key", new string('x', 100_000));

        Assert.Equal($"\"charged {new string('x', 100_000)}\"", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task An_answer_with_a_secret_is_not_kept_and_a_repeated_request_learns_what_to_do()
    {
        using var first = await PostAsync("/secrets", "key", "body");
        using var second = await PostAsync("/secrets", "key", "body");

        Assert.Equal("\"a secret\"", await first.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        Assert.Equal("/secrets/1", second.Headers.Location?.OriginalString);
        Assert.Contains("use a new key", await second.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(1, _executions);
        await using var scope = _service.Services.CreateAsyncScope();
        Assert.All(await scope.ServiceProvider.GetRequiredService<KeysDbContext>().Set<IdempotencyKey>().ToListAsync(), row => Assert.Null(row.Body));
    }

    [Fact]
    public async Task A_refusal_of_a_request_for_a_secret_is_kept_like_any_other()
    {
        using var first = await PostAsync("/secrets?refused=yes", "key", "body");
        using var second = await PostAsync("/secrets?refused=yes", "key", "body");

        Assert.Equal(HttpStatusCode.BadRequest, second.StatusCode);
        Assert.Equal("\"refused 1\"", await second.Content.ReadAsStringAsync());
        Assert.Equal(1, _executions);
    }

    [Theory]
    [InlineData("/charges", "other body")]
    [InlineData("/charges?twice=true", "body")]
    [InlineData("/failing", "body")]
    public async Task A_key_used_for_another_request_is_a_mistake(string path, string body)
    {
        using var first = await PostAsync("/charges", "key", "body");
        using var second = await PostAsync(path, "key", body);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, second.StatusCode);
        Assert.Equal(1, _executions);
    }

    [Fact]
    public async Task While_a_request_is_carried_out_its_key_is_in_conflict_and_of_many_at_once_one_is()
    {
        var first = PostAsync("/slow", "key", "body");
        await _entered.Task.WaitAsync(Patience);

        using var second = await PostAsync("/slow", "key", "body");
        _goOn.SetResult();
        using var answer = await first;
        using var third = await PostAsync("/slow", "key", "body");

        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), second.Headers.RetryAfter?.Delta);
        Assert.Equal("slowly", await third.Content.ReadAsStringAsync());
        Assert.Equal(1, _executions);
    }

    [Fact]
    public async Task Of_many_that_arrive_together_one_is_carried_out()
    {
        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PostAsync("/charges", "key", "12.34")));

        Assert.Equal(1, _executions);
        Assert.All(responses, response => Assert.Contains(response.StatusCode, new[] { HttpStatusCode.Created, HttpStatusCode.Conflict }));
        Assert.Contains(responses, response => response.StatusCode == HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("/failing")]
    [InlineData("/throwing")]
    public async Task A_failure_of_ours_is_not_remembered(string path)
    {
        using var first = await PostAsync(path, "key", "body");
        using var second = await PostAsync(path, "key", "body");

        Assert.Equal(HttpStatusCode.InternalServerError, first.StatusCode);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal(2, _executions);
    }

    [Fact]
    public async Task A_key_is_free_again_after_a_day()
    {
        using var first = await PostAsync("/charges", "key", "body");
        _time.Advance(TimeSpan.FromHours(24));
        using var within = await PostAsync("/charges", "key", "body");
        _time.Advance(TimeSpan.FromSeconds(1));
        using var after = await PostAsync("/charges", "key", "another body");

        Assert.True(within.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal(HttpStatusCode.Created, after.StatusCode);
        Assert.Equal(2, _executions);
    }

    [Fact]
    public async Task The_key_of_a_process_that_died_is_taken_over_by_the_same_request()
    {
        var first = PostAsync("/slow", "key", "body");
        await _entered.Task.WaitAsync(Patience);
        _time.Advance(TimeSpan.FromMinutes(2) + TimeSpan.FromSeconds(1));

        var second = PostAsync("/slow", "key", "body");
        await Eventually.EqualAsync(2, () => Task.FromResult(Volatile.Read(ref _executions)), "executions");
        using var other = await PostAsync("/slow", "key", "other body");
        _goOn.SetResult();
        using var answers = await second;
        using var late = await first;

        Assert.Equal(HttpStatusCode.OK, answers.StatusCode);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        Assert.Equal(2, _executions);
    }

    [Theory]
    [InlineData("has space")]
    [InlineData("ключ")]
    public async Task A_key_that_cannot_be_one_is_refused(string key)
    {
        using var response = await PostAsync("/charges", key, "body");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(0, _executions);
    }

    [Fact]
    public async Task Without_a_key_and_on_other_endpoints_nothing_is_remembered()
    {
        using var first = await PostAsync("/charges", key: null, "body");
        using var second = await PostAsync("/charges", key: null, "body");
        using var third = await PostAsync("/unmarked", "key", "body");
        using var fourth = await PostAsync("/unmarked", "key", "body");

        Assert.Equal(4, _executions);
    }

    private async Task<HttpResponseMessage> PostAsync(string path, string? key, string body)
    {
        using var handler = new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 };
        using var authenticated = new TokenHandler(TestToken.Operator, _time) { InnerHandler = handler };
        using var client = new HttpClient(authenticated) { BaseAddress = _service.Addresses[0] };
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body) };
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        return await client.SendAsync(request);
    }

    private sealed class KeysDbContext(DbContextOptions<KeysDbContext> options) : DbContext(options)
    {
        protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.AddIdempotencyKeys();
    }
}

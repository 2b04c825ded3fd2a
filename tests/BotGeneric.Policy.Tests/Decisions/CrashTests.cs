using System.Globalization;
using System.Net;
using BotGeneric.Testing;
using Npgsql;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>The service as a process of its own is killed with SIGKILL in the middle of calls.</summary>
public sealed class CrashTests : IAsyncLifetime
{
    private const int Room = 50;

    private readonly PolicyProcess _service = new(Room);
    private readonly string _code = $"crash-{Guid.NewGuid():N}"[..18];

    public Task InitializeAsync() => _service.StartAsync();

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task Killed_in_the_middle_of_calls_it_has_let_no_more_pass_and_goes_on_where_it_was()
    {
        var caller = Caller();

        var before = await KillDuringAsync(caller, answers: 20);
        await _service.StartAsync();
        var after = await AskManyAsync(caller);

        // Calls that were held and whose answer was lost hold until their time is over: never more, and together with them exactly what there is room for.
        Assert.InRange(before.Count + after.Count, 1, Room);
        Assert.Equal((0, Room), (await caller.StandingAsync())["plan:llm.requests:day"]);
        await SettleAsync(caller, [.. before.Take(5), .. after.Take(5)]);
        Assert.Null(await caller.AskAsync());
    }

    [Fact]
    public async Task Killed_again_and_again_with_limits_of_every_scope_it_has_let_no_more_pass_than_the_narrowest_and_all_of_them_agree()
    {
        await LimitAsync("platform", 20 * Room);
        await LimitAsync("organization", 2 * Room, """{"code":"rate","kind":"rate","unit":"llm.requests","maximum":"140","seconds":3600},{"code":"at-once","kind":"concurrency","unit":"calls","maximum":"120"}""");
        await LimitAsync("user", Room - 10);
        var organization = Guid.CreateVersion7();
        await BecomeOrganizationAsync(organization);
        var caller = Caller(organization);
        var colleague = Caller(organization);

        var passed = new List<Guid>();
        for (var kill = 0; kill < 3; kill++)
        {
            passed.AddRange(await KillDuringAsync(kill == 1 ? colleague : caller, answers: 5 + (3 * kill)));
            await _service.StartAsync();
        }

        var late = await AskManyAsync(caller);
        var others = await AskManyAsync(colleague);

        var standing = await caller.StandingAsync();
        var account = standing["plan:llm.requests:day"];
        Assert.InRange(passed.Count + late.Count + others.Count, 1, Room);
        Assert.Equal((0, Room), account);
        Assert.Equal((0, Room), standing[$"{_code}-organization/all"]);
        Assert.Equal((0, Room), standing[$"{_code}-organization/at-once"]);
        Assert.Equal((Room, 0), standing[$"{_code}-organization/rate"]);
        Assert.InRange(standing[$"{_code}-user/all"].Held, 1, Room - 10);
        Assert.Equal(Room, standing[$"{_code}-user/all"].Held + (await colleague.StandingAsync())[$"{_code}-user/all"].Held);
        // Whoever dies between the two places has held in the first one, which is the platform's: until the time of the hold is over it holds more, never less.
        Assert.InRange(standing[$"{_code}-platform/all"].Held, Room, 20 * Room);
        await SettleAsync(caller, [.. late.Take(5)]);
    }

    [Fact]
    public async Task Killed_when_the_platform_holds_and_the_account_was_not_asked_yet_it_has_let_no_more_pass()
    {
        const int UnderWay = 7, OfPlatform = 20;
        await LimitAsync("platform", OfPlatform);
        var (known, unknown) = (Caller(), Caller());
        Assert.NotNull(await known.AskAsync());
        await using var holder = new NpgsqlConnection(_service.ConnectionString);
        await holder.OpenAsync();
        await using (var transaction = await holder.BeginTransactionAsync())
        {
            // The sums of an account that nobody has asked for are read when it is its turn, after the platform's: there it waits.
            await using var locking = new NpgsqlCommand("LOCK TABLE covered_windows IN ACCESS EXCLUSIVE MODE", holder, transaction);
            await locking.ExecuteNonQueryAsync();
            var asking = Task.WhenAll(Enumerable.Range(0, UnderWay).Select(_ => unknown.AskAsync()));
            await Eventually.GetAsync(known.StandingAsync, standing => standing[$"{_code}-platform/all"].Held == 1 + UnderWay, "the platform to hold");
            await _service.KillAsync();
            Assert.All(await asking, Assert.Null);
        }

        await _service.StartAsync();

        var standing = await unknown.StandingAsync();
        Assert.Equal((0, 0), standing["plan:llm.requests:day"]);
        Assert.Equal((0, 1 + UnderWay), standing[$"{_code}-platform/all"]);
        var passed = await AskManyAsync(unknown);
        Assert.Equal(OfPlatform - 1 - UnderWay, passed.Count);
        Assert.Equal((0, OfPlatform), (await known.StandingAsync())[$"{_code}-platform/all"]);
    }

    private PolicyCaller Caller(Guid? account = null) => _service.Service(account ?? Guid.CreateVersion7(), Guid.CreateVersion7(), _code);

    private async Task LimitAsync(string scope, int maximum, string more = "")
    {
        var limit = string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"code":"all","kind":"quota","unit":"llm.requests","maximum":"{{maximum}}","window":"day"{{(scope == "platform" ? $",\"feature\":\"{_code}\"" : string.Empty)}}}""");
        var created = await _service.Operator().PostAsync(
            "admin/policies", $$$"""{"code":"{{{_code}}}-{{{scope}}}","reason":"test","name":"test","scope":"{{{scope}}}","document":{"limits":[{{{limit}}}{{{(more.Length > 0 ? "," : string.Empty)}}}{{{more}}}]}}""");
        Assert.True(created is { Status: HttpStatusCode.Created or HttpStatusCode.OK }, created?.Body.ToString());
    }

    private async Task BecomeOrganizationAsync(Guid account)
    {
        await using var connection = new NpgsqlConnection(_service.ConnectionString);
        await connection.OpenAsync();
        await using var insert = new NpgsqlCommand("INSERT INTO organizations (account_id) VALUES ($1)", connection) { Parameters = { new() { Value = account } } };
        await insert.ExecuteNonQueryAsync();
    }

    // Killed once some of the calls were answered and others were not.
    private async Task<List<Guid>> KillDuringAsync(PolicyCaller caller, int answers)
    {
        var answered = 0;
        var kill = new TaskCompletionSource();
        var calls = Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
        {
            var hold = await caller.AskAsync();
            if (Interlocked.Increment(ref answered) == answers)
            {
                kill.TrySetResult();
            }

            return hold;
        }));
        await kill.Task;
        await _service.KillAsync();
        return [.. (await calls).OfType<Guid>()];
    }

    private static async Task<List<Guid>> AskManyAsync(PolicyCaller caller) => [.. (await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => caller.AskAsync()))).OfType<Guid>()];

    // What was held before the crash is settled after it.
    private static async Task SettleAsync(PolicyCaller caller, IReadOnlyList<Guid> holds)
    {
        foreach (var hold in holds)
        {
            Assert.Equal(HttpStatusCode.OK, await caller.CommitAsync(hold));
        }
    }
}

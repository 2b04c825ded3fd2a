using System.Diagnostics;
using BotGeneric.Contracts;
using BotGeneric.Contracts.Policy.V1;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Messaging;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Data;
using BotGeneric.Policy.Decisions;
using BotGeneric.Policy.Messaging;
using BotGeneric.Testing.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using StackExchange.Redis;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>One account before the real engine, with a clock of its own that the test moves, and with the ledger's news in the test's hands.</summary>
internal sealed class Rig
{
    private static readonly Lock Starting = new();

    private readonly ServiceApplication<Program> _application;
    private readonly DecisionOptions _decisions;
    private readonly ChosenAccounts _accounts = new();
    private readonly UsageRecordedHandler _recorded;
    private readonly CapturedOutbox _outbox = new();
    private Func<PolicySubject, CompiledAccount> _compile = static subject => new CompiledAccount { Subject = subject, Limits = [] };

    internal Rig(ServiceApplication<Program> application, DecisionOptions? options = null)
        : this(application, Guid.CreateVersion7(), Guid.CreateVersion7(), options ?? new DecisionOptions())
    {
    }

    private Rig(ServiceApplication<Program> application, Guid account, Guid user, DecisionOptions decisions)
    {
        (Account, User) = (account, user);
        _application = application;
        _decisions = decisions;
        IServiceProvider services;
        // The first who asks starts the service, and two at once would start two.
        lock (Starting)
        {
            services = application.Services;
        }

        var options = Options.Create(decisions);
        Redis = services.GetRequiredService<IConnectionMultiplexer>();
        var redis = services.GetRequiredService<PolicyRedis>();
        Ledger = services.GetRequiredService<LedgerSumsReader>();
        Holds = new HoldSettlement(redis, Clock, options, NullLogger<HoldSettlement>.Instance);
        Engine = new DecisionEngine(_accounts, redis, Clock, Ledger, Holds, services.GetRequiredService<OutageAllowance>(), options);
        Counters = new LiveCounters(redis, Clock, Ledger, options);
        _recorded = new UsageRecordedHandler(_accounts, _outbox, TimeProvider.System);
    }

    internal Guid Account { get; }

    internal Guid User { get; }

    internal DecisionClock Clock { get; } = new(TimeProvider.System);

    internal DecisionEngine Engine { get; }

    internal LedgerSumsReader Ledger { get; }

    internal HoldSettlement Holds { get; }

    internal LiveCounters Counters { get; }

    internal IConnectionMultiplexer Redis { get; }

    /// <summary>Another process that decides about the same account, with what it has compiled itself and a clock of its own.</summary>
    internal Rig Replica()
    {
        var replica = new Rig(_application, Account, User, _decisions);
        replica.Compile(_compile);
        replica.Clock.Shift = Clock.Shift;
        return replica;
    }

    internal PolicySubject Subject => new(Account, User, null);

    internal void Limit(params CompiledLimit[] limits) => Compile(subject => new CompiledAccount { Subject = subject, Limits = limits });

    internal void Compile(Func<PolicySubject, CompiledAccount> compile)
    {
        _compile = compile;
        _accounts.Set(Account, compile);
    }

    internal ValueTask<CompiledAccount> CompiledAsync() => _accounts.GetAsync(Subject, CancellationToken.None);

    internal Task<Decision> AskAsync(params UnitAmount[] amounts) => AskAsync(TimeSpan.FromMinutes(2), "chat", amounts);

    internal async Task<Decision> AskAsync(TimeSpan lifetime, string feature, params UnitAmount[] amounts) =>
        await Engine.AuthorizeAsync(new DecisionRequest(Subject, feature, "m1", "web", amounts, lifetime), CancellationToken.None);

    internal Task<HoldStatus> CommitAsync(Guid hold, string eventId, params UnitAmount[] actual) =>
        Holds.CommitAsync(Account, hold, actual, eventId, isFinal: true, TimeSpan.Zero);

    /// <summary>The server's clock, for this account, goes on.</summary>
    internal void Pass(TimeSpan time) => Clock.Shift += (long)time.TotalMilliseconds;

    /// <summary>Records usage and says what the live counters are to hear of it; they have not heard of it yet.</summary>
    internal async Task<IReadOnlyList<CountedAccount>> RecordAsync(params UsageEntry[] entries) =>
        [.. (await RecordForEverybodyAsync(entries)).Where(account => account.AccountId != Guid.Empty)];

    /// <summary>The same, with what everybody has used together.</summary>
    internal async Task<IReadOnlyList<CountedAccount>> RecordForEverybodyAsync(params UsageEntry[] entries)
    {
        await using var scope = _application.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<PolicyDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var recorded = new UsageRecorded { EventId = Guid.CreateVersion7(), OccurredAt = Clock.Now, Entries = entries };
        await _recorded.HandleAsync([new ReceivedEvent<UsageRecorded>(recorded, default)], db, CancellationToken.None);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
        return [.. _outbox.Take().OfType<UsageCounted>().SelectMany(counted => counted.Accounts)];
    }

    /// <summary>Records usage, and the live counters hear of it.</summary>
    internal async Task RecordAndTellAsync(params UsageEntry[] entries)
    {
        foreach (var counted in await RecordAsync(entries))
        {
            await Counters.AdvanceAsync(counted);
        }
    }

    internal UsageEntry Usage(long output = 0, Guid? hold = null, decimal? cost = null, long requests = 1) => new()
    {
        EntryId = Guid.CreateVersion7(),
        AccountId = Account,
        UserId = User,
        Time = Clock.Now,
        Feature = "chat",
        Model = "m1",
        Channel = "web",
        Requests = requests,
        OutputTokens = output,
        HoldId = hold,
        Cost = cost,
        Currency = cost is null ? null : "USD",
    };

    /// <summary>What Redis knows of the account is gone, as after a loss of its memory.</summary>
    internal async Task LoseCountersAsync()
    {
        foreach (var key in new[] { "h", "x", "d", "w", "a", $"u{User:N}" })
        {
            await Redis.GetDatabase().KeyDeleteAsync(AccountLayout.TargetKey(AccountLayout.SlotOf(Account), key));
        }
    }

    internal async Task<LimitOutcome> StandingAsync(string code) =>
        (await Counters.ReadAsync(await CompiledAsync(), ofPlatform: false, CancellationToken.None)).Single(outcome => outcome.Limit.Code == code);

    private sealed class CapturedOutbox : IOutbox
    {
        private readonly List<IIntegrationEvent> _events = [];

        public void Add<TEvent>(DbContext db, TEvent @event, string? orderingKey, DateTimeOffset? notBefore, ActivityContext? trace)
            where TEvent : class, IIntegrationEvent => _events.Add(@event);

        public Task InsertAsync(
            NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyCollection<OutboxEvent> events, CancellationToken cancellationToken)
        {
            _events.AddRange(events.Select(entry => entry.Event));
            return Task.CompletedTask;
        }

        public Task InsertAsync(
            NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyCollection<SerializedEvent> events, CancellationToken cancellationToken) =>
            throw new NotSupportedException("Policy says nothing that is serialized already.");

        internal IReadOnlyList<IIntegrationEvent> Take()
        {
            IIntegrationEvent[] taken = [.. _events];
            _events.Clear();
            return taken;
        }
    }
}

internal static class Limits
{
    internal const string Output = Meters.OutputTokens;

    internal static CompiledLimit Quota(
        long maximum, string unit = Meters.Requests, LimitWindowKind window = LimitWindowKind.Day, LimitScope scope = LimitScope.Plan, Guid? user = null,
        bool shadow = false, FailureMode onFailure = FailureMode.Deny, long allowWhileDown = 0) => new()
        {
            Code = $"{scope}:{unit}:{window}",
            Policy = "test",
            Scope = scope,
            Kind = unit.Length == 3 ? LimitKind.Budget : LimitKind.Quota,
            Unit = unit,
            Maximum = maximum,
            Window = window,
            IsShadow = shadow,
            OnFailure = onFailure,
            AllowWhileDown = allowWhileDown,
            Target = user is { } id ? $"u{id:N}" : "a",
        };

    internal static CompiledLimit Rate(long maximum, TimeSpan length, string unit = Meters.Requests, LimitScope scope = LimitScope.Plan) => new()
    {
        Code = $"rate:{unit}",
        Policy = "test",
        Scope = scope,
        Kind = LimitKind.Rate,
        Unit = unit,
        Maximum = maximum,
        Window = LimitWindowKind.Sliding,
        Length = length,
        Target = "a",
    };

    internal static CompiledLimit Concurrency(long maximum, Guid? user = null) => new()
    {
        Code = "concurrency",
        Policy = "test",
        Scope = user is null ? LimitScope.Organization : LimitScope.User,
        Kind = LimitKind.Concurrency,
        Unit = "calls",
        Maximum = maximum,
        Window = LimitWindowKind.None,
        Target = user is { } id ? $"u{id:N}" : "a",
    };

    internal static UnitAmount Requests(long need = 1) => new(Meters.Requests, need, need);

    internal static UnitAmount Tokens(long need, long? minimum = null) => new(Meters.OutputTokens, need, minimum ?? need);

    internal static UnitAmount Dollars(decimal amount) => new("USD", (long)(amount * Amounts.MoneyScale), (long)(amount * Amounts.MoneyScale));
}

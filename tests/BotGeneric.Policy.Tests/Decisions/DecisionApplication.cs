using System.Collections.Concurrent;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;
using BotGeneric.Testing.Services;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using StackExchange.Redis;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>The service with limits that the test chooses, so that a test of the decision is not one of where limits come from.</summary>
public sealed class DecisionApplication() : ServiceApplication<Program>("policy")
{
    // Everybody's limits are in one slot: applications with databases of their own do not share it.
    private static int _applications;

    private readonly int _database = (Interlocked.Increment(ref _applications) % 15) + 1;

    public ChosenAccounts Accounts { get; } = new();

    // Tests check counters themselves.
    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["Policy:Reconciliation:Interval"] = "1.00:00:00" };

    protected override void ConfigureServices(IServiceCollection services)
    {
        services.RemoveAll<ICompiledAccounts>();
        services.AddSingleton<ICompiledAccounts>(Accounts);
        services.RemoveAll<IConnectionMultiplexer>();
        services.AddSingleton<IConnectionMultiplexer>(provider =>
        {
            var configuration = ConfigurationOptions.Parse(provider.GetRequiredService<IConfiguration>().GetConnectionString("redis")!);
            PolicyRedis.Configure(configuration);
            // On a machine that is busy with other tests an answer may be late; how long to wait is not what is tested.
            configuration.AsyncTimeout = 20_000;
            configuration.DefaultDatabase = _database;
            return ConnectionMultiplexer.Connect(configuration);
        });
    }
}

/// <summary>Accounts whose limits a test has chosen; any other has none.</summary>
public sealed class ChosenAccounts : ICompiledAccounts
{
    private readonly ConcurrentDictionary<Guid, Func<PolicySubject, CompiledAccount>> _accounts = new();

    public void Set(Guid account, Func<PolicySubject, CompiledAccount> compile)
    {
        var compiled = new ConcurrentDictionary<PolicySubject, CompiledAccount>();
        _accounts[account] = subject => compiled.GetOrAdd(subject, compile);
    }

    public ValueTask<CompiledAccount> GetAsync(PolicySubject subject, CancellationToken cancellationToken) => ValueTask.FromResult(
        _accounts.TryGetValue(subject.AccountId, out var compile) ? compile(subject) : new CompiledAccount { Subject = subject, Limits = [] });
}

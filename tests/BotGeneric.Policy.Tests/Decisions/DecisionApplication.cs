using System.Collections.Concurrent;
using BotGeneric.Policy.Compilation;
using BotGeneric.Testing.Services;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace BotGeneric.Policy.Tests.Decisions;

/// <summary>The service with limits that the test chooses, so that a test of the decision is not one of where limits come from.</summary>
public sealed class DecisionApplication() : ServiceApplication<Program>("policy")
{
    public ChosenAccounts Accounts { get; } = new();

    protected override void ConfigureServices(IServiceCollection services)
    {
        services.RemoveAll<ICompiledAccounts>();
        services.AddSingleton<ICompiledAccounts>(Accounts);
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

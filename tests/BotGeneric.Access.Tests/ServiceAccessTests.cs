using BotGeneric.Access.Tests.Walk;
using BotGeneric.Contracts.Identity;
using BotGeneric.Testing.Services;

namespace BotGeneric.Access.Tests;

/// <summary>What holds for every service, walked over from its own document and its own endpoints.</summary>
/// <typeparam name="TProgram">The service's entry point.</typeparam>
/// <param name="application">The service.</param>
/// <param name="service">Its name.</param>
public abstract class ServiceAccessTests<TProgram>(ServiceApplication<TProgram> application, string service)
    where TProgram : class
{
    [Fact]
    public async Task Every_endpoint_demands_a_scope_or_is_listed_as_open()
    {
        using var client = application.CreateClient();
        var walk = new AccessWalk(service, application.Services, client);

        await walk.LookAtEndpointsAsync(Open);

        Assert.True(walk.Findings.Count == 0, string.Join(Environment.NewLine, walk.Findings));
    }

    [Fact]
    public async Task Every_operation_refuses_every_credential_that_is_not_good_for_it()
    {
        using var client = application.CreateClient();
        var walk = new AccessWalk(service, application.Services, client);

        await walk.TryCredentialsAsync(Open);

        Assert.True(walk.Findings.Count == 0, string.Join(Environment.NewLine, walk.Findings));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_operation_lets_a_stranger_see_or_touch_what_belongs_to_another_account(bool isOrganization)
    {
        using var client = application.CreateClient();
        var walk = new AccessWalk(service, application.Services, client);
        var account = Guid.CreateVersion7();
        var probe = await SeedAsync(account, isOrganization);
        var owner = probe?.Owner ?? (probe?.IsForOperators == true ? TestToken.Operator : Token(account, isOrganization));
        var before = probe?.Owner is null ? null : await walk.RecordAsync(probe, owner);

        await walk.TryAsStrangerAsync(probe ?? new Probe(account, account.ToString()), probe?.Stranger ?? Token(Guid.CreateVersion7(), isOrganization));
        if (probe is not null)
        {
            await walk.ReadAsOwnerAsync(probe, owner);
        }

        Assert.True(walk.Findings.Count == 0, string.Join(Environment.NewLine, walk.Findings));
        if (before is not null)
        {
            Assert.Equal(before, await walk.RecordAsync(probe!, owner));
        }
    }

    [Fact]
    public async Task Every_operation_says_of_a_malformed_request_what_to_send_and_nothing_of_the_program()
    {
        using var client = application.CreateClient();
        var walk = new MalformedWalk(application.Services, client);

        await walk.TryBodiesAsync();
        await walk.TryParametersAsync();

        Assert.True(walk.Findings.Count == 0, string.Join(Environment.NewLine, walk.Findings));
    }

    /// <summary>Gives an account data, where the service keeps any for accounts.</summary>
    /// <param name="account">The account.</param>
    /// <param name="isOrganization">Whether it is an organization.</param>
    /// <returns>How to recognize the data; null when there is none that belongs to an account.</returns>
    private protected virtual Task<Probe?> SeedAsync(Guid account, bool isOrganization) => Task.FromResult<Probe?>(null);

    private Dictionary<string, string> Open => OpenEndpoints.Everywhere
        .Where(entry => service != "landing" || !entry.Key.StartsWith("/openapi", StringComparison.Ordinal))
        .Concat(OpenEndpoints.Of(service))
        .ToDictionary();

    private static TestToken Token(Guid account, bool isOrganization)
    {
        TestToken person = new() { Scopes = [.. ApiScopes.All] };
        return isOrganization
            ? person with { Organization = account, OrganizationRole = "owner" }
            : person with { Subject = account.ToString() };
    }
}

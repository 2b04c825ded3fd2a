using BotGeneric.Testing;

namespace BotGeneric.Gateway.Tests.Support;

/// <summary>The servers that every gateway of the run shares, and an Identity for those that have none of their own. Keys, queues and sessions have names of their own, so they do not meet.</summary>
internal static class SharedServers
{
    private static readonly Lazy<Settings> Lazy = new(() =>
        // A host is configured synchronously; the servers are started once, on a thread that nobody waits on otherwise.
        Task.Run(async () => new Settings(
            (await TestDatabase.CreateAsync("gateway")).ConnectionString,
            (await TestDatabase.CreateAsync("gateway")).ConnectionString,
            await TestServers.RedisAsync(),
            await TestServers.RabbitMqAsync(),
            await FakeIdentity.StartAsync()))
            .GetAwaiter().GetResult());

    internal static Settings Current => Lazy.Value;

    /// <summary>What encrypts the key ring of all that run as in production.</summary>
    internal static string Certificate { get; } = KeyRingCertificates.New();

    // Those with a certificate have a database of their own: a key that one of them has stored opens for nobody without it.
    internal sealed record Settings(string Database, string ProductionDatabase, string Redis, string RabbitMq, FakeIdentity Identity);
}

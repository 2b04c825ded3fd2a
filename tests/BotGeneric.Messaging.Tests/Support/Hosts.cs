using Microsoft.Extensions.Hosting;

namespace BotGeneric.Messaging.Tests.Support;

/// <summary>Disposal of hosts in tests.</summary>
internal static class Hosts
{
    /// <summary>
    /// Disposes a host when the scope ends, without blocking. Its <c>Dispose</c> blocks the thread until asynchronous work is done, and
    /// that work may be waiting for one of the few threads on which xunit lets tests go on: two tests that dispose at the same time
    /// would wait for each other for ever.
    /// </summary>
    public static IAsyncDisposable Scope(this IHost host) => (IAsyncDisposable)host;
}

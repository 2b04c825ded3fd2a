using BotGeneric.Usage.Domain;
using BotGeneric.Usage.Ingest;
using BotGeneric.Usage.Meters;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BotGeneric.Usage.Tests;

/// <summary>What tests need of the service's types.</summary>
internal static class Some
{
    /// <summary>A reader that knows no meter.</summary>
    public static CloudEventReader Reader(TimeProvider clock) => new(
        Options.Create(new UsageOptions()),
        new MeterCatalogue(new ServiceCollection().BuildServiceProvider().GetRequiredService<IServiceScopeFactory>(), clock),
        clock);

    public static LedgerEntry Entry(Guid account, string id, string source = "tests")
    {
        var now = TimeProvider.System.GetUtcNow();
        return new LedgerEntry
        {
            Id = Guid.CreateVersion7(),
            AccountId = account,
            Source = source,
            SourceId = id,
            Time = now,
            RecordedAt = now,
            Feature = "chat",
        };
    }
}

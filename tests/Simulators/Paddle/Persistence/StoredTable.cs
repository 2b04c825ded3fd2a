using System.Text.Json;
using System.Text.Json.Nodes;
using BotGeneric.Simulators.Paddle.State;

namespace BotGeneric.Simulators.Paddle.Persistence;

/// <summary>A table as it stands in the journal.</summary>
internal interface IStoredTable
{
    /// <summary>Its name in the journal.</summary>
    string Kind { get; }

    /// <summary>From now on changes are noted.</summary>
    void Watch();

    /// <summary>Takes up a row.</summary>
    /// <exception cref="JsonException">The row is none of this kind.</exception>
    void Restore(JsonElement row);

    /// <summary>All rows.</summary>
    IEnumerable<StoredRow> Rows();

    /// <summary>The rows that may have changed since the last time.</summary>
    IEnumerable<StoredRow> TakeTouched();
}

/// <summary>A row of the journal.</summary>
/// <param name="Kind">Its table.</param>
/// <param name="Id">Its entity.</param>
/// <param name="Json">What the entity is; null when there is none any more.</param>
internal readonly record struct StoredRow(string Kind, string Id, byte[]? Json);

/// <summary>How rows are written: every member, as it is called in the code.</summary>
internal static class StoredJson
{
    public static readonly JsonSerializerOptions Options = new();

    public static T Read<T>(JsonElement row) => row.Deserialize<T>(Options) ?? throw new JsonException($"No {typeof(T).Name}.");
}

/// <summary>A table of entities.</summary>
/// <typeparam name="T">The entity.</typeparam>
/// <typeparam name="TRow">What is written of it; the entity itself, unless it refers to others.</typeparam>
/// <param name="kind">The table's name in the journal.</param>
/// <param name="table">The table.</param>
/// <param name="write">Makes the row.</param>
/// <param name="read">Makes the entity; null when it is not taken up.</param>
internal sealed class StoredTable<T, TRow>(string kind, EntityTable<T> table, Func<T, TRow> write, Func<TRow, T?> read) : IStoredTable
    where T : class, IEntity
{
    public string Kind => kind;

    public void Watch() => table.IsWatched = true;

    public void Restore(JsonElement row)
    {
        if (read(StoredJson.Read<TRow>(row)) is { } entity)
        {
            table.Add(entity);
        }
    }

    public IEnumerable<StoredRow> Rows() => table.All.Select(entity => new StoredRow(kind, entity.Id, Write(entity)));

    public IEnumerable<StoredRow> TakeTouched() => table.TakeTouched().Select(touched => new StoredRow(kind, touched.Id, touched.Entity is { } entity ? Write(entity) : null));

    private byte[] Write(T entity) => JsonSerializer.SerializeToUtf8Bytes(write(entity), StoredJson.Options);
}

/// <summary>What stands beside the tables.</summary>
/// <param name="Offset">How far the clock is ahead.</param>
/// <param name="Last">The latest time that the clock gave out.</param>
/// <param name="Invoices">The number of the last invoice.</param>
/// <param name="Destinations">The ids of the notification destinations, in the order of the configuration.</param>
/// <param name="CheckoutUrl">The default payment link, as far as it was configured.</param>
internal sealed record StoredWorld(TimeSpan Offset, DateTimeOffset Last, long Invoices, IReadOnlyList<string> Destinations, Uri? CheckoutUrl);

/// <summary>A notification with ids in the place of what it refers to.</summary>
internal sealed record StoredNotification
{
    public required string Id { get; init; }

    public required string EventId { get; init; }

    /// <summary>The event itself, when it was made up by Paddle's simulator and stands nowhere else.</summary>
    public JsonObject? Data { get; init; }

    public string? EventType { get; init; }

    public DateTimeOffset OccurredAt { get; init; }

    public required string DestinationId { get; init; }

    public required string Origin { get; init; }

    public required string Status { get; init; }

    public IReadOnlyList<Notifications.DeliveryAttempt> Attempts { get; init; } = [];

    public DateTimeOffset? DeliveredAt { get; init; }

    public DateTimeOffset? ReplayedAt { get; init; }

    public DateTimeOffset? RetryAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }
}

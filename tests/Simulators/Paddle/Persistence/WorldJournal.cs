using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using BotGeneric.Simulators.Paddle.Catalogue;
using BotGeneric.Simulators.Paddle.Checkout;
using BotGeneric.Simulators.Paddle.Notifications;
using BotGeneric.Simulators.Paddle.State;
using BotGeneric.Simulators.Paddle.Transactions;
using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.Paddle.Persistence;

/// <summary>
/// Keeps what this Paddle knows beyond the end of the process, when <c>Paddle:StateFile</c> is set: each step adds one line with what it has changed, before
/// anybody is answered or told, and a start begins the file anew with what is left of it all. Guarded by the world's lock.
/// </summary>
/// <param name="world">What is kept.</param>
/// <param name="events">Knows the destinations.</param>
/// <param name="queue">Delivers what was not delivered.</param>
/// <param name="options">Where.</param>
internal sealed class WorldJournal(PaddleWorld world, EventLog events, DeliveryQueue queue, IOptions<PaddleSimulatorOptions> options) : IDisposable
{
    private const int Format = 1;
    private const string World = "world";

    // As long as Paddle lists events and replays notifications.
    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    private readonly Dictionary<(string Kind, string Id), UInt128> _written = [];
    private readonly ArrayBufferWriter<byte> _line = new();
    private IReadOnlyList<IStoredTable>? _tables;
    private JournalFile? _file;
    private bool _isBehind;

    // Events before the notifications that refer to them.
    private IReadOnlyList<IStoredTable> Tables => _tables ??=
    [
        Table("products", world.Products),
        Table("prices", world.Prices),
        Table("customers", world.Customers),
        Table("addresses", world.Addresses),
        Table("paymentMethods", world.PaymentMethods),
        Table("transactions", world.Transactions),
        Table("subscriptions", world.Subscriptions),
        Table("adjustments", world.Adjustments),
        new StoredTable<PaddleEvent, PaddleEvent>("events", world.Events, happened => happened, happened => happened.OccurredAt >= world.Clock.Now - Kept ? happened : null),
        new StoredTable<Notification, StoredNotification>("notifications", world.Notifications, StoredNotifications.Write, new StoredNotifications(world, events).Read),
    ];

    /// <summary>Takes up what was there, or begins with the catalogue of the start.</summary>
    /// <exception cref="InvalidOperationException">The file cannot be read; the message says where it is.</exception>
    public void Open()
    {
        lock (world.Gate)
        {
            if (options.Value.StateFile is not { Length: > 0 } path)
            {
                CatalogueSeed.Sow(world);
                return;
            }

            var file = JournalFile.Open(path);
            try
            {
                if (!Restore(file))
                {
                    CatalogueSeed.Sow(world);
                }
            }
            catch
            {
                file.Dispose();
                throw;
            }

            foreach (var table in Tables)
            {
                table.Watch();
            }

            _file = file;
            Replace();
        }
    }

    /// <summary>Writes down what a step has changed.</summary>
    public void Write()
    {
        if (_file is null)
        {
            return;
        }

        if (_isBehind)
        {
            Replace();
            return;
        }

        var changes = Tables.SelectMany(table => table.TakeTouched()).Append(WorldRow()).Where(HasChanged).ToList();
        if (changes.Count > 0)
        {
            _isBehind = true;
            _file.Append(Line(changes));
            _isBehind = false;
        }
    }

    /// <summary>Begins the file anew, with nothing but what is there now.</summary>
    public void Replace()
    {
        if (_file is null)
        {
            return;
        }

        // Until it is done: what cannot be written now, on a full disk, is written with the next step.
        _isBehind = true;
        _written.Clear();
        var rows = Tables.SelectMany(table => table.Rows()).Append(WorldRow()).Where(HasChanged);
        _file.Replace(rows.Select(row => Line([row]).ToArray()).Prepend(JsonSerializer.SerializeToUtf8Bytes(new { format = Format })));
        _isBehind = false;
    }

    /// <inheritdoc />
    public void Dispose() => _file?.Dispose();

    private static StoredTable<T, T> Table<T>(string kind, EntityTable<T> table)
        where T : class, IEntity => new(kind, table, entity => entity, entity => entity);

    private StoredRow WorldRow() => new(World, World, JsonSerializer.SerializeToUtf8Bytes(
        new StoredWorld(
            world.Clock.Offset, world.Clock.Last, world.Invoices, [.. events.Destinations.Select(destination => destination.Id)], options.Value.CheckoutUrl),
        StoredJson.Options));

    private bool Restore(JournalFile file)
    {
        // The last line about a thing counts; the order is that of the first ones.
        var rows = new OrderedDictionary<(string Kind, string Id), JsonElement>();
        var number = 0;
        try
        {
            foreach (var line in file.ReadLines())
            {
                if (++number == 1)
                {
                    CheckFormat(JsonElement.Parse(line));
                    continue;
                }

                foreach (var change in JsonElement.Parse(line).EnumerateArray())
                {
                    var key = (change.GetProperty("kind").GetString()!, change.GetProperty("id").GetString()!);
                    if (change.GetProperty("row") is { ValueKind: JsonValueKind.Object } row)
                    {
                        rows[key] = row;
                    }
                    else
                    {
                        rows.Remove(key);
                    }
                }
            }

            if (!rows.TryGetValue((World, World), out var beside))
            {
                return false;
            }

            TakeUp(StoredJson.Read<StoredWorld>(beside), rows);
            return true;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or NotSupportedException)
        {
            throw new InvalidOperationException(
                $"Paddle:StateFile: {file.Path} cannot be read (line {number}: {exception.Message}) Move it away to start with nothing.", exception);
        }
    }

    private void TakeUp(StoredWorld beside, OrderedDictionary<(string Kind, string Id), JsonElement> rows)
    {
        world.Clock.GoOn(beside.Offset, beside.Last);
        world.Invoices = beside.Invoices;
        events.GoOn(beside.Destinations);
        foreach (var table in Tables)
        {
            foreach (var (_, row) in rows.Where(row => row.Key.Kind == table.Kind))
            {
                table.Restore(row);
            }
        }

        MoveCheckouts(beside.CheckoutUrl, options.Value.CheckoutUrl);
        world.Ids.GoOn(rows.Count);
        queue.GoOn(world.Notifications.All.Where(row => row.Status is NotificationStatuses.NotAttempted or NotificationStatuses.NeedsRetry));
    }

    // The pages of this process may be at another port than those of the one before.
    private void MoveCheckouts(Uri? before, Uri? now)
    {
        if (before is null || now is null || before == now)
        {
            return;
        }

        foreach (var transaction in world.Transactions.All.Where(row => row.Checkout?.Url == CheckoutLinks.For(before, row.Id)))
        {
            transaction.Checkout = new CheckoutLink(CheckoutLinks.For(now, transaction.Id));
        }
    }

    private static void CheckFormat(JsonElement first)
    {
        var format = first.GetProperty("format").GetInt32();
        if (format != Format)
        {
            throw new JsonException($"The format is {format}, and this version knows {Format}.");
        }
    }

    // What was only looked at is as it was written.
    private bool HasChanged(StoredRow row)
    {
        var key = (row.Kind, row.Id);
        if (row.Json is null)
        {
            return _written.Remove(key);
        }

        var hash = BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(row.Json));
        if (_written.TryGetValue(key, out var before) && before == hash)
        {
            return false;
        }

        _written[key] = hash;
        return true;
    }

    private ReadOnlySpan<byte> Line(List<StoredRow> changes)
    {
        _line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_line))
        {
            json.WriteStartArray();
            foreach (var row in changes)
            {
                json.WriteStartObject();
                json.WriteString("kind", row.Kind);
                json.WriteString("id", row.Id);
                json.WritePropertyName("row");
                if (row.Json is null)
                {
                    json.WriteNullValue();
                }
                else
                {
                    json.WriteRawValue(row.Json, skipInputValidation: true);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return _line.WrittenSpan;
    }
}

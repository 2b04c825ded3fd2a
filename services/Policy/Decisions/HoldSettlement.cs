using BotGeneric.Policy.Decisions.Scripts;
using MessagePack;
using Microsoft.Extensions.Options;

namespace BotGeneric.Policy.Decisions;

/// <summary>The states of a hold.</summary>
public static class HoldStates
{
    /// <summary>It holds.</summary>
    public const string Held = "held";

    /// <summary>What was consumed is known and counts.</summary>
    public const string Committed = "committed";

    /// <summary>It was given back.</summary>
    public const string Released = "released";

    /// <summary>Its time was over before it was committed; a late commit still counts.</summary>
    public const string Expired = "expired";

    /// <summary>The usage ledger heard of the call before the commit came.</summary>
    public const string Recorded = "recorded";
}

/// <summary>What became of a wish about a hold.</summary>
public enum HoldOutcome
{
    /// <summary>Done.</summary>
    Done = 0,

    /// <summary>It was done before, or the ledger knows already; nothing changed.</summary>
    Repeated = 1,

    /// <summary>The account has no such hold.</summary>
    Unknown = 2,

    /// <summary>It was committed with other numbers or for another event.</summary>
    Different = 3,

    /// <summary>Less than was committed before.</summary>
    Less = 4,

    /// <summary>Not in the state that it is in.</summary>
    NotNow = 5,
}

/// <summary>A hold.</summary>
/// <param name="Outcome">What became of the wish.</param>
/// <param name="State">One of <see cref="HoldStates"/>; empty for an unknown one.</param>
/// <param name="ExpiresAt">When it ends or ended, UTC.</param>
/// <param name="IsInLedger">Whether the usage ledger has reported it.</param>
/// <param name="Units">What was granted and consumed.</param>
public sealed record HoldStatus(HoldOutcome Outcome, string State, DateTimeOffset ExpiresAt, bool IsInLedger, IReadOnlyList<HoldUnit> Units)
{
    internal HoldMeta? Meta { get; init; }
}

/// <summary>What a hold was granted of a unit and has consumed.</summary>
/// <param name="Unit">The meter's code or the currency.</param>
/// <param name="Granted">Units, or 10⁻⁹ of the currency.</param>
/// <param name="Consumed">Units committed so far.</param>
public readonly record struct HoldUnit(string Unit, long Granted, long Consumed);

/// <summary>Ends holds. Every step is safe to repeat.</summary>
/// <param name="redis">Runs the scripts.</param>
/// <param name="clock">The server's clock.</param>
/// <param name="options">How long finished holds are remembered.</param>
/// <param name="logger">Says what ends by itself.</param>
public sealed partial class HoldSettlement(PolicyRedis redis, DecisionClock clock, IOptions<DecisionOptions> options, ILogger<HoldSettlement> logger)
{
    private static readonly string PlatformSlot = AccountLayout.PlatformSlot;

    /// <summary>Says what was consumed. A hold whose time is over counts all the same.</summary>
    /// <param name="account">The account whose hold it is.</param>
    /// <param name="holdId">The hold.</param>
    /// <param name="actual">
    /// What was consumed from the beginning of the call, by unit. What is not named is as estimated when <paramref name="isFinal"/>, else as committed before.
    /// </param>
    /// <param name="eventId">The id of the usage event, by which a repetition is told from a second commit.</param>
    /// <param name="isFinal">Whether the call is over; otherwise the rest stays held.</param>
    /// <param name="lifetime">How long the rest stays held from now on; zero: as before.</param>
    /// <param name="isOperator">Whether a service asks, or who runs the system: nobody else settles what they hold.</param>
    /// <exception cref="CountersUnavailableException">Redis does not answer.</exception>
    public Task<HoldStatus> CommitAsync(
        Guid account, Guid holdId, IReadOnlyList<UnitAmount> actual, string eventId, bool isFinal, TimeSpan lifetime, bool isOperator = true) =>
        BothAsync(account, new Wish("commit", holdId, actual, eventId, isFinal, lifetime, isOperator));

    /// <summary>Gives a hold back: the call was not made.</summary>
    /// <param name="account">The account whose hold it is.</param>
    /// <param name="holdId">The hold.</param>
    /// <param name="isOperator">Whether a service asks, or who runs the system.</param>
    /// <exception cref="CountersUnavailableException">Redis does not answer.</exception>
    public Task<HoldStatus> ReleaseAsync(Guid account, Guid holdId, bool isOperator = true) =>
        BothAsync(account, new Wish("release", holdId, [], string.Empty, true, TimeSpan.Zero, isOperator));

    /// <summary>Lets a hold last longer.</summary>
    /// <param name="account">The account whose hold it is.</param>
    /// <param name="holdId">The hold.</param>
    /// <param name="lifetime">How long it lasts from now on.</param>
    /// <param name="isOperator">Whether a service asks, or who runs the system.</param>
    /// <exception cref="CountersUnavailableException">Redis does not answer.</exception>
    public Task<HoldStatus> ProlongAsync(Guid account, Guid holdId, TimeSpan lifetime, bool isOperator = true) =>
        BothAsync(account, new Wish("prolong", holdId, [], string.Empty, false, lifetime, isOperator));

    /// <summary>Looks at a hold.</summary>
    /// <param name="account">The account whose hold it is.</param>
    /// <param name="holdId">The hold.</param>
    /// <param name="isOperator">Whether a service asks, or who runs the system.</param>
    /// <exception cref="CountersUnavailableException">Redis does not answer.</exception>
    public Task<HoldStatus> LookAsync(Guid account, Guid holdId, bool isOperator = true) =>
        RunAsync(AccountLayout.SlotOf(account), new Wish("look", holdId, [], string.Empty, false, TimeSpan.Zero, isOperator));

    /// <summary>Gives back what was held of the platform's limits. What cannot be given back ends by itself.</summary>
    internal async Task ReleasePlatformAsync(Guid holdId)
    {
        try
        {
            await RunAsync(PlatformSlot, new Wish("release", holdId, [], string.Empty, true, TimeSpan.Zero, true));
        }
        catch (CountersUnavailableException exception)
        {
            LogKept(logger, holdId, exception.Message);
        }
    }

    /// <summary>Takes back from the platform's limits what an enlargement has added. What cannot be taken back ends with the hold.</summary>
    internal async Task ShrinkPlatformAsync(Guid holdId, IReadOnlyList<UnitAmount> amounts)
    {
        try
        {
            await RunAsync(PlatformSlot, new Wish("shrink", holdId, amounts, string.Empty, false, TimeSpan.Zero, true));
        }
        catch (CountersUnavailableException exception)
        {
            LogKept(logger, holdId, exception.Message);
        }
    }

    // The platform's part is settled after the account's, by whoever repeats it too.
    private async Task<HoldStatus> BothAsync(Guid account, Wish wish)
    {
        var status = await RunAsync(AccountLayout.SlotOf(account), wish);
        if (status is { Outcome: HoldOutcome.Done or HoldOutcome.Repeated, Meta.HasPlatform: true })
        {
            await RunAsync(PlatformSlot, wish with { IsOperator = true });
        }

        return status;
    }

    private async Task<HoldStatus> RunAsync(string slot, Wish wish)
    {
        var buffer = ScriptBuffer.Rent();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(8);
        writer.Write(wish.What);
        AuthorizeScript.WriteId(ref writer, wish.HoldId);
        writer.Write((long)wish.Lifetime.TotalMilliseconds);
        writer.Write((long)options.Value.RememberHolds.TotalMilliseconds);
        writer.WriteArrayHeader(wish.Amounts.Count * 2);
        foreach (var amount in wish.Amounts)
        {
            writer.Write(amount.Unit);
            writer.Write(amount.Need);
        }

        writer.Write(wish.EventId);
        writer.Write(wish.IsFinal);
        writer.Write(wish.IsOperator);
        writer.Flush();
        return Read(await redis.RunAsync(PolicyScripts.Settle, AccountLayout.HoldKeys(slot), [clock.FirstArgument(options.Value, slot == PlatformSlot), buffer.WrittenMemory], buffer));
    }

    private HoldStatus Read(byte[] answer)
    {
        var reader = new MessagePackReader(answer);
        reader.ReadArrayHeader();
        var outcome = (HoldOutcome)reader.ReadInt32();
        var state = reader.ReadString() ?? string.Empty;
        clock.Set(reader.ReadInt64());
        var expires = DateTimeOffset.FromUnixTimeMilliseconds(reader.ReadInt64());
        var isInLedger = reader.ReadBoolean();
        var units = new HoldUnit[reader.ReadArrayHeader() / 3];
        for (var index = 0; index < units.Length; index++)
        {
            units[index] = new HoldUnit(reader.ReadString() ?? string.Empty, reader.ReadInt64(), reader.ReadInt64());
        }

        return new HoldStatus(outcome, state, expires, isInLedger, units) { Meta = HoldMeta.Read(reader.ReadString()) };
    }

    private sealed record Wish(
        string What, Guid HoldId, IReadOnlyList<UnitAmount> Amounts, string EventId, bool IsFinal, TimeSpan Lifetime, bool IsOperator);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The platform's part of hold {HoldId} could not be given back and ends by itself ({Reason})")]
    private static partial void LogKept(ILogger logger, Guid holdId, string reason);
}

using BotGeneric.Contracts.Policy.V1;
using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Decisions;
using BotGeneric.Policy.Decisions.Scripts;
using MessagePack;
using Microsoft.Extensions.Options;

namespace BotGeneric.Policy.Counting;

/// <summary>The counters in Redis: brought up to what the ledger has, read, and compared with the holds.</summary>
/// <param name="redis">Runs the scripts.</param>
/// <param name="clock">The server's clock.</param>
/// <param name="ledger">What the ledger has.</param>
/// <param name="options">How long finished holds are remembered.</param>
internal sealed class LiveCounters(PolicyRedis redis, DecisionClock clock, LedgerSumsReader ledger, IOptions<DecisionOptions> options)
{
    private const int MaximumRounds = 8;

    /// <summary>Adds what the ledger has accepted. Whatever order such changes arrive in, the counters end at the ledger's sums.</summary>
    /// <exception cref="CountersUnavailableException">Redis does not answer.</exception>
    internal Task AdvanceAsync(CountedAccount account)
    {
        var buffer = ScriptBuffer.Rent();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(3);
        writer.Write((long)options.Value.RememberHolds.TotalMilliseconds);
        writer.WriteArrayHeader(account.HoldIds.Count);
        foreach (var hold in account.HoldIds)
        {
            AuthorizeScript.WriteId(ref writer, hold);
        }

        writer.WriteArrayHeader(account.Targets.Count);
        foreach (var target in account.Targets)
        {
            writer.WriteArrayHeader(5);
            writer.Write(target.Target);
            writer.Write(target.Epoch);
            writer.Write(target.Version - 1);
            writer.Write(target.Version);
            writer.WriteArrayHeader(target.Amounts.Count * 2);
            foreach (var (field, amount) in target.Amounts)
            {
                writer.Write(field);
                writer.Write(amount);
            }
        }

        writer.Flush();
        return redis.RunAsync(
            PolicyScripts.Sync, AccountLayout.HoldKeys(SlotOf(account.AccountId)), [clock.FirstArgument(options.Value, account.AccountId == Guid.Empty), buffer.WrittenMemory], buffer);
    }

    /// <summary>Where every limit of an account stands: what is counted, and what is held.</summary>
    /// <param name="account">The account.</param>
    /// <param name="ofPlatform">Whether the platform's limits are meant.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="CountersUnavailableException">Redis does not answer.</exception>
    internal async Task<IReadOnlyList<LimitOutcome>> ReadAsync(CompiledAccount account, bool ofPlatform, CancellationToken cancellationToken)
    {
        var layout = ofPlatform ? AccountLayout.OfPlatform(account) : AccountLayout.Of(account);
        IReadOnlyList<LedgerSums> loads = [];
        for (var round = 0; round < MaximumRounds; round++)
        {
            var question = Question.OfEverything(layout, clock.Now);
            if (question.Account.Length == 0)
            {
                return [];
            }

            var call = question.Call(isPlatform: false, null, TimeSpan.Zero, enlarges: false) with { IsPlatform = ofPlatform };
            var answer = await AuthorizeScript.RunAsync(redis, clock, options.Value, call, loads, loadsRegardless: round == MaximumRounds - 1);
            clock.Set(answer.Now, exactly: answer.Status == AuthorizeStatus.Clock);
            switch (answer.Status)
            {
                case AuthorizeStatus.Load:
                    loads = await ledger.ReadAsync(
                        ofPlatform ? Guid.Empty : account.Subject.AccountId, question.Account, question.Grants, clock.Now, cancellationToken);
                    break;
                case AuthorizeStatus.Clock:
                    loads = [];
                    break;
                default:
                    return Question.Lines(answer, question.Account);
            }
        }

        throw new CountersUnavailableException("its clock or its contents change faster than they can be followed");
    }

    /// <summary>Compares the counters of an account with its holds.</summary>
    /// <param name="account">The account; the nil UUID for the platform.</param>
    /// <param name="repair">Whether differences are put right.</param>
    /// <param name="targets">Targets of which also counters without a hold are looked at; null: the account as a whole.</param>
    /// <exception cref="TooManyHoldsException">There are more holds than can be compared in a moment.</exception>
    /// <exception cref="CountersUnavailableException">Redis does not answer.</exception>
    internal async Task<HoldInspection> InspectAsync(Guid account, bool repair, IReadOnlyCollection<string>? targets = null)
    {
        targets ??= [account == Guid.Empty ? UsageCounting.PlatformTarget : AccountLayout.AccountTarget];
        var buffer = ScriptBuffer.Rent();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(3);
        writer.Write((long)options.Value.RememberHolds.TotalMilliseconds);
        writer.Write(repair);
        writer.WriteArrayHeader(targets.Count);
        foreach (var target in targets)
        {
            writer.Write(target);
        }

        writer.Flush();
        var answer = await redis.RunAsync(
            PolicyScripts.Inspect, AccountLayout.HoldKeys(SlotOf(account)), [clock.FirstArgument(options.Value, account == Guid.Empty), buffer.WrittenMemory], buffer);
        var reader = new MessagePackReader(answer);
        if (reader.ReadArrayHeader() == 0)
        {
            throw new TooManyHoldsException();
        }

        var (live, known, differences, negative, unsettled) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        var pending = new Dictionary<string, long>(StringComparer.Ordinal);
        for (var left = reader.ReadArrayHeader(); left > 0; left -= 2)
        {
            pending[reader.ReadString() ?? string.Empty] = reader.ReadInt64();
        }

        return new HoldInspection(live, known, differences, negative, unsettled, pending);
    }

    /// <summary>The version of the ledger's sums that a target's counters include; -1 where there are none.</summary>
    /// <exception cref="CountersUnavailableException">Redis does not answer.</exception>
    internal Task<long> VersionAsync(Guid account, string target) => redis.ReadVersionAsync(AccountLayout.TargetKey(SlotOf(account), target));

    /// <summary>Forgets an account's counters and holds.</summary>
    /// <exception cref="CountersUnavailableException">Redis does not answer.</exception>
    internal Task ForgetAsync(Guid account) =>
        redis.DeleteAsync([.. AccountLayout.HoldKeys(SlotOf(account)), AccountLayout.TargetKey(SlotOf(account), AccountLayout.AccountTarget), AccountLayout.TargetKey(SlotOf(account), $"u{account:N}")]);

    /// <summary>Forgets what a person has used in an account.</summary>
    /// <exception cref="CountersUnavailableException">Redis does not answer.</exception>
    internal Task ForgetPersonAsync(Guid account, Guid person) => redis.DeleteAsync([AccountLayout.TargetKey(SlotOf(account), $"u{person:N}")]);

    private static string SlotOf(Guid account) => account == Guid.Empty ? AccountLayout.PlatformSlot : AccountLayout.SlotOf(account);
}

/// <summary>An account has more holds than can be compared with its counters in a moment, for which everybody's decisions would wait. It is looked at when it has less.</summary>
public sealed class TooManyHoldsException() : Exception("More holds run, or wait for the ledger, than can be looked at in one step.");

/// <summary>Counters of an account beside its holds.</summary>
/// <param name="Live">Holds that hold.</param>
/// <param name="Known">Holds that are remembered.</param>
/// <param name="Differences">Counters that are not the sum of their holds; must be 0.</param>
/// <param name="Negative">Counters below zero; must be 0.</param>
/// <param name="Unsettled">Commits that the ledger has not heard of yet.</param>
/// <param name="Pending">What these add, by target and field.</param>
public sealed record HoldInspection(int Live, int Known, int Differences, int Negative, int Unsettled, IReadOnlyDictionary<string, long> Pending);

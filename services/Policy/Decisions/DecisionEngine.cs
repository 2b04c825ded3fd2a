using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Decisions.Texts;
using Microsoft.Extensions.Options;
using Npgsql;

namespace BotGeneric.Policy.Decisions;

/// <summary>
/// Decides. All limits of an account are evaluated and held in one atomic step, so that no two calls share the last unit and a refusal takes nothing anywhere.
/// Limits of the platform have a slot of their own: they are held first and given back when the account refuses.
/// </summary>
internal sealed class DecisionEngine
{
    // Each round the server says what it misses. Only a server that changes its mind each time, such as one whose clock jumps, gets so far. The last round takes
    // the ledger's sums although the server has heard of later ones: then it is the database that was put back to an earlier state.
    private const int MaximumRounds = 8;

    private readonly ICompiledAccounts _accounts;
    private readonly PolicyRedis _redis;
    private readonly DecisionClock _clock;
    private readonly LedgerSumsReader _ledger;
    private readonly HoldSettlement _holds;
    private readonly OutageAllowance _outage;
    private readonly DecisionOptions _options;

    public DecisionEngine(
        ICompiledAccounts accounts, PolicyRedis redis, DecisionClock clock, LedgerSumsReader ledger, HoldSettlement holds, OutageAllowance outage,
        IOptions<DecisionOptions> options)
    {
        _accounts = accounts;
        _redis = redis;
        _clock = clock;
        _ledger = ledger;
        _holds = holds;
        _outage = outage;
        _options = options.Value;
    }

    /// <summary>Decides about a call and holds what it needs.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">Cancels; a hold that was taken meanwhile ends by itself.</param>
    public async ValueTask<Decision> AuthorizeAsync(DecisionRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var now = _clock.Now;
        CompiledAccount account;
        try
        {
            account = await _accounts.GetAsync(request.Subject, cancellationToken);
        }
        catch (Exception exception) when (exception is NpgsqlException { IsTransient: true } or TimeoutException)
        {
            // Nothing is known of the caller, so no limit's failure mode is either.
            return new Decision { IsAllowed = false, IsDegraded = true, At = now, Reason = DecisionReasons.LimitsUnavailable };
        }

        if (RefuseOutright(account, request, now) is { } refusal)
        {
            return refusal;
        }

        var question = Question.Of(account, request, now);
        Guid? holdId = request.IsPeek ? null : Guid.CreateVersion7(now);
        try
        {
            return await DecideAsync(account, request, question, holdId, cancellationToken);
        }
        catch (Exception exception) when (exception is CountersUnavailableException or NpgsqlException { IsTransient: true } or TimeoutException)
        {
            return _outage.Decide(account, question, request, now);
        }
    }

    /// <summary>
    /// Enlarges a hold that runs, and prolongs it: for a stream that goes on longer than was thought. The same all-or-nothing as for a new hold.
    /// </summary>
    /// <param name="account">The account whose hold it is.</param>
    /// <param name="holdId">The hold.</param>
    /// <param name="more">What is needed in addition.</param>
    /// <param name="lifetime">How long it lasts from now on.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The decision; null when there is no such hold of the account or it does not run any more.</returns>
    /// <exception cref="CountersUnavailableException">Redis does not answer.</exception>
    public async Task<EnlargedHold?> EnlargeAsync(
        Guid account, Guid holdId, IReadOnlyList<UnitAmount> more, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var hold = await _holds.LookAsync(account, holdId);
        if (hold is not { State: HoldStates.Held, Meta: { } meta })
        {
            return null;
        }

        var compiled = await _accounts.GetAsync(meta.Subject(account), cancellationToken);
        var request = new DecisionRequest(compiled.Subject, meta.Feature, meta.Model, meta.Channel, more, lifetime);
        var now = _clock.Now;
        if (RefuseOutright(compiled, request, now) is { } refusal)
        {
            return new EnlargedHold(refusal, request);
        }

        // The amounts of a record are by position: what the hold began with, in its order.
        var question = Question.Of(compiled, request, now, [.. hold.Units.Select(unit => unit.Unit)]);
        var answer = meta.HasPlatform && question.Platform.Length > 0
            ? await EnlargeBothAsync(compiled, question, request, holdId, cancellationToken)
            : new Enlargement(question, await EnlargeAsync(compiled, question, request, holdId, cancellationToken), [], IsPlatforms: false);
        return answer.ToHold(request, holdId);
    }

    private Task<AuthorizeScript.Answer> EnlargeAsync(
        CompiledAccount account, Question question, DecisionRequest request, Guid holdId, CancellationToken cancellationToken) =>
        RunAsync(account, isPlatform: false, question, request, holdId, enlarges: true, cancellationToken);

    private async Task<Enlargement> EnlargeBothAsync(
        CompiledAccount account, Question question, DecisionRequest request, Guid holdId, CancellationToken cancellationToken)
    {
        var platform = await RunAsync(account, isPlatform: true, question, request, holdId, enlarges: true, cancellationToken);
        if (platform.Status != AuthorizeStatus.Allow)
        {
            return new Enlargement(question, platform, [], IsPlatforms: true);
        }

        var rest = question.Within(platform.Granted);
        var isTaken = false;
        try
        {
            var answer = await EnlargeAsync(account, rest, request, holdId, cancellationToken);
            isTaken = answer.Status == AuthorizeStatus.Allow;
            return new Enlargement(rest, answer, Question.Lines(platform, question.Platform), IsPlatforms: false);
        }
        finally
        {
            if (!isTaken)
            {
                await _holds.ShrinkPlatformAsync(holdId, rest.Units);
            }
        }
    }

    private async Task<Decision> DecideAsync(
        CompiledAccount account, DecisionRequest request, Question question, Guid? holdId, CancellationToken cancellationToken)
    {
        AuthorizeScript.Answer? platform = null;
        if (question.Platform.Length > 0)
        {
            platform = await RunAsync(account, isPlatform: true, question, request, holdId, enlarges: false, cancellationToken);
            if (platform is { Status: AuthorizeStatus.Deny } denied)
            {
                return question.ToDecision(denied, [], null, question.Platform) with { Reason = DecisionReasons.PlatformBusy };
            }
        }

        try
        {
            // What the platform has less of than was asked for, the account is not asked for either.
            var rest = platform is { } held ? question.Within(held.Granted) : question;
            var answer = await RunAsync(account, isPlatform: false, rest, request, holdId, enlarges: false, cancellationToken);
            _outage.Recovered(AccountLayout.SlotOf(account.Subject.AccountId));
            var decision = rest.ToDecision(answer, Question.Lines(platform, question.Platform), holdId, question.Account);
            if (!decision.IsAllowed && platform is not null && holdId is { } id)
            {
                await _holds.ReleasePlatformAsync(id);
            }

            return decision;
        }
        catch (Exception) when (platform is not null && holdId is not null)
        {
            await _holds.ReleasePlatformAsync(holdId.Value);
            throw;
        }
    }

    private async Task<AuthorizeScript.Answer> RunAsync(
        CompiledAccount account, bool isPlatform, Question question, DecisionRequest request, Guid? holdId, bool enlarges, CancellationToken cancellationToken)
    {
        var call = question.Call(isPlatform, holdId, request.Lifetime, enlarges);
        IReadOnlyList<LedgerSums> loads = [];
        for (var round = 0; round < MaximumRounds; round++)
        {
            var answer = await AuthorizeScript.RunAsync(_redis, _clock, _options, call, loads, loadsRegardless: round == MaximumRounds - 1);
            _clock.Set(answer.Now);
            switch (answer.Status)
            {
                case AuthorizeStatus.Load:
                    loads = await _ledger.ReadAsync(isPlatform ? Guid.Empty : account.Subject.AccountId, call.Side.Limits, call.Side.Grants, _clock.Now, cancellationToken);
                    break;
                case AuthorizeStatus.Clock:
                    loads = [];
                    break;
                default:
                    return answer;
            }
        }

        throw new CountersUnavailableException("its clock or its contents change faster than they can be followed");
    }

    private static Decision? RefuseOutright(CompiledAccount account, DecisionRequest request, DateTimeOffset now)
    {
        if (account.Standing != AccountStanding.Active && (account.StandingUntil is null || now < account.StandingUntil))
        {
            return new Decision
            {
                IsAllowed = false,
                At = now,
                Reason = account.Standing switch
                {
                    AccountStanding.Banned => DecisionReasons.AccountBanned,
                    AccountStanding.PastDue => DecisionReasons.AccountPastDue,
                    _ => DecisionReasons.AccountDeleted,
                },
            };
        }

        foreach (var rule in account.Access)
        {
            if (!rule.IsShadow && rule.AppliesTo(request.Feature, request.Model, request.Channel, now))
            {
                return rule.IsAllowed ? null : new Decision { IsAllowed = false, At = now, Reason = DecisionReasons.AccessDenied, RefusedByPolicy = rule.Policy };
            }
        }

        return null;
    }
}

/// <summary>What an enlargement was answered.</summary>
internal sealed record Enlargement(Question Question, AuthorizeScript.Answer Answer, LimitOutcome[] Before, bool IsPlatforms)
{
    internal EnlargedHold? ToHold(DecisionRequest request, Guid holdId)
    {
        if (Answer.Status == AuthorizeStatus.Gone)
        {
            return null;
        }

        var decision = Question.ToDecision(Answer, Before, holdId, IsPlatforms ? Question.Platform : Question.Account);
        return new EnlargedHold(IsPlatforms ? decision with { Reason = DecisionReasons.PlatformBusy } : decision, request);
    }
}

/// <summary>The decision about the enlargement of a hold.</summary>
/// <param name="Decision">The decision.</param>
/// <param name="Request">What was asked, with what the hold is about.</param>
public sealed record EnlargedHold(Decision Decision, DecisionRequest Request);

using BotGeneric.Policy.Compilation;
using BotGeneric.Policy.Counting;
using BotGeneric.Policy.Data;
using Microsoft.Extensions.Options;

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
            account = await _accounts.GetSoonAsync(request.Subject, cancellationToken);
        }
        catch (Exception exception) when (DatabaseOutage.Is(exception))
        {
            return _outage.DecideUnknown(request, now);
        }

        if (OutrightRefusal.Of(account, request, now) is { } refusal)
        {
            return refusal;
        }

        var question = Question.Of(account, request, now, _options.Assumed);
        return await DecideAsync(account, request, question, request.IsPeek ? null : Guid.CreateVersion7(now), cancellationToken);
    }

    /// <summary>
    /// Enlarges a hold that runs, and prolongs it: for a stream that goes on longer than was thought. The same all-or-nothing as for a new hold.
    /// </summary>
    /// <param name="account">The account whose hold it is.</param>
    /// <param name="holdId">The hold.</param>
    /// <param name="more">What is needed in addition.</param>
    /// <param name="lifetime">How long it lasts from now on.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="isOperator">Whether a service asks, or who runs the system: nobody else enlarges what they hold.</param>
    /// <returns>The decision; null when there is no such hold of the account or it does not run any more.</returns>
    /// <exception cref="CountersUnavailableException">Redis does not answer.</exception>
    public async Task<EnlargedHold?> EnlargeAsync(
        Guid account, Guid holdId, IReadOnlyList<UnitAmount> more, TimeSpan lifetime, CancellationToken cancellationToken, bool isOperator = true)
    {
        var hold = await _holds.LookAsync(account, holdId, isOperator);
        if (hold is not { State: HoldStates.Held, Meta: { } meta })
        {
            return null;
        }

        var request = new DecisionRequest(meta.Subject(account), meta.Feature, meta.Model, meta.Channel, more, lifetime) { IsOfOperator = meta.IsOfOperator };
        var now = _clock.Now;
        CompiledAccount compiled;
        try
        {
            compiled = await _accounts.GetSoonAsync(request.Subject, cancellationToken);
        }
        catch (Exception exception) when (DatabaseOutage.Is(exception))
        {
            return new EnlargedHold(Unenlarged(_outage.DecideUnknown(request, now), holdId, hold), request);
        }

        if (OutrightRefusal.Of(compiled, request, now) is { } refusal)
        {
            return new EnlargedHold(refusal, request);
        }

        // The amounts of a record are by position: what the hold began with, in its order.
        var question = Question.Of(compiled, request, now, assumed: null, [.. hold.Units.Select(unit => unit.Unit)]);
        try
        {
            var answer = meta.HasPlatform && question.Platform.Length > 0
                ? await EnlargeBothAsync(compiled, question, request, holdId, cancellationToken)
                : new Enlargement(question, await EnlargeAsync(compiled, question, request, holdId, cancellationToken), [], IsPlatforms: false);
            return answer.ToHold(request, holdId, hold);
        }
        catch (Exception exception) when (DatabaseOutage.Is(exception))
        {
            return new EnlargedHold(Unenlarged(_outage.Decide(compiled, question, request, now), holdId, hold), request);
        }
    }

    // What passes without counters changes nothing of a hold.
    private static Decision Unenlarged(Decision decision, Guid holdId, HoldStatus hold) =>
        decision.IsAllowed ? decision with { HoldId = holdId, ExpiresAt = hold.ExpiresAt } : decision;

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
            if (isTaken)
            {
                await GiveBackAsync(holdId, rest, answer);
            }

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

    private async ValueTask<Decision> DecideAsync(
        CompiledAccount account, DecisionRequest request, Question question, Guid? holdId, CancellationToken cancellationToken)
    {
        AuthorizeScript.Answer? platform = null;
        Decision? withoutPlatform = null;
        OutageAllowance.Passed? passed = null;
        if (question.Platform.Length > 0)
        {
            try
            {
                // What others than the operator's own say of themselves takes nothing from everybody.
                var platformHold = request.IsOfOperator ? holdId : null;
                platform = await RunAsync(account, isPlatform: true, question, request, platformHold, enlarges: false, cancellationToken);
                _outage.Recovered(Guid.Empty);
            }
            catch (Exception exception) when (IsOutage(exception))
            {
                // The account's counters may answer all the same: they are in another part of the cluster.
                withoutPlatform = _outage.Decide(account, question.Platform, question, request, _clock.Now, out passed);
                if (!withoutPlatform.IsAllowed)
                {
                    return withoutPlatform;
                }
            }

            if (platform is { Status: AuthorizeStatus.Deny } denied)
            {
                return question.ToPlatformRefusal(denied);
            }
        }

        var before = withoutPlatform?.Limits ?? Question.Lines(platform, question.Platform);
        // What the platform has less of than was asked for, the account is not asked for either.
        var rest = platform is { } held ? question.Within(held.Granted) : question.WithoutPlatform();
        try
        {
            var answer = await RunAsync(account, isPlatform: false, rest, request, holdId, enlarges: false, cancellationToken);
            _outage.Recovered(account.Subject.AccountId);
            var decision = rest.ToDecision(answer, before, holdId, question.Account) with { IsDegraded = withoutPlatform is not null };
            if (platform is not null && holdId is { } id && request.IsOfOperator)
            {
                await GiveBackAsync(id, rest, answer);
            }

            if (!decision.IsAllowed)
            {
                passed?.GiveBack();
            }

            return decision;
        }
        catch (Exception exception)
        {
            if (platform is not null && holdId is not null && request.IsOfOperator)
            {
                await _holds.ReleasePlatformAsync(holdId.Value);
            }

            if (!IsOutage(exception))
            {
                passed?.GiveBack();
                throw;
            }

            var decision = _outage.Decide(account, question.Account, question, request, _clock.Now, out _);
            if (!decision.IsAllowed)
            {
                passed?.GiveBack();
            }

            return decision with { Limits = [.. before, .. decision.Limits] };
        }
    }

    // What the platform holds for a call and the account has not granted is not the call's.
    private async Task GiveBackAsync(Guid holdId, Question question, AuthorizeScript.Answer answer)
    {
        if (answer.Status != AuthorizeStatus.Allow)
        {
            await _holds.ReleasePlatformAsync(holdId);
            return;
        }

        List<UnitAmount>? more = null;
        for (var index = 0; index < question.Units.Length; index++)
        {
            var rest = question.Units[index].Need - answer.Granted[index];
            if (rest > 0)
            {
                (more ??= []).Add(new UnitAmount(question.Units[index].Unit, rest, rest));
            }
        }

        if (more is not null)
        {
            await _holds.ShrinkPlatformAsync(holdId, more);
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
            _clock.Set(answer.Now, exactly: answer.Status == AuthorizeStatus.Clock);
            switch (answer.Status)
            {
                case AuthorizeStatus.Load:
                    var owner = isPlatform ? Guid.Empty : account.Subject.AccountId;
                    // What others began to read may be too old by now; whoever was told so again and again reads alone.
                    loads = round < MaximumRounds / 2
                        ? await _ledger.ReadSharedAsync(owner, call.Side.Limits, call.Side.Grants, _clock.Now, cancellationToken)
                        : await _ledger.ReadAsync(owner, call.Side.Limits, call.Side.Grants, _clock.Now, cancellationToken);
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

    private static bool IsOutage(Exception exception) => exception is CountersUnavailableException || DatabaseOutage.Is(exception);
}

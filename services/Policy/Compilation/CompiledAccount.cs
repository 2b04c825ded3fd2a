namespace BotGeneric.Policy.Compilation;

/// <summary>Who asks: an account, and within it a person and a key.</summary>
/// <param name="AccountId">The organization in whose name the person acts, else the person.</param>
/// <param name="UserId">The person; null when only the account is known.</param>
/// <param name="KeyId">The API key; null without one.</param>
public readonly record struct PolicySubject(Guid AccountId, Guid? UserId, string? KeyId);

/// <summary>The standing of an account.</summary>
public enum AccountStanding
{
    /// <summary>As everybody.</summary>
    Active,

    /// <summary>Banned by those who run the system.</summary>
    Banned,

    /// <summary>A payment is missing for longer than the grace that is given.</summary>
    PastDue,

    /// <summary>Deleted, or about to be.</summary>
    Deleted,
}

/// <summary>Whether a feature, a model or a channel may be used. The first rule that matches decides; without one, everything may.</summary>
/// <param name="Policy">Code of the policy it stands in.</param>
/// <param name="Feature">The features meant.</param>
/// <param name="Model">The models meant.</param>
/// <param name="Channel">The channels meant.</param>
/// <param name="IsAllowed">What it says.</param>
/// <param name="IsShadow">Evaluated and reported, never enforced.</param>
/// <param name="EffectiveFrom">Not before this time, UTC.</param>
/// <param name="EffectiveTo">Not from this time on, UTC.</param>
public sealed record AccessRule(
    string Policy, Pattern Feature, Pattern Model, Pattern Channel, bool IsAllowed, bool IsShadow, DateTimeOffset? EffectiveFrom, DateTimeOffset? EffectiveTo)
{
    /// <summary>Whether it is about a call.</summary>
    /// <param name="feature">The feature asked for.</param>
    /// <param name="model">The model, when known.</param>
    /// <param name="channel">The channel, when known.</param>
    /// <param name="at">Now.</param>
    public bool AppliesTo(string feature, string? model, string? channel, DateTimeOffset at) =>
        Feature.Matches(feature) && Model.Matches(model) && Channel.Matches(channel)
        && (EffectiveFrom is null || at >= EffectiveFrom) && (EffectiveTo is null || at < EffectiveTo);
}

/// <summary>A one-off credit: extends the account's quotas or budgets of a unit once they are used up.</summary>
/// <param name="Id">The grant.</param>
/// <param name="Unit">The meter's code or the currency.</param>
/// <param name="Amount">Units, or 10⁻⁹ of the currency.</param>
/// <param name="EffectiveFrom">Not before this time, UTC.</param>
/// <param name="ExpiresAt">Not from this time on, UTC; null: for good.</param>
public sealed record CompiledGrant(Guid Id, string Unit, long Amount, DateTimeOffset EffectiveFrom, DateTimeOffset? ExpiresAt);

/// <summary>The period that an account has paid for.</summary>
/// <param name="Start">Its beginning, UTC.</param>
/// <param name="End">Its end, exclusive, UTC.</param>
public sealed record BillingPeriod(DateTimeOffset Start, DateTimeOffset End);

/// <summary>Everything that decides about a caller, compiled once and kept until something changes. Immutable.</summary>
public sealed class CompiledAccount
{
    /// <summary>Who asks.</summary>
    public required PolicySubject Subject { get; init; }

    /// <summary>The standing of the account, and of the person in it; the worse of the two.</summary>
    public AccountStanding Standing { get; init; }

    /// <summary>Until when that standing holds, UTC; null: until it is changed.</summary>
    public DateTimeOffset? StandingUntil { get; init; }

    /// <summary>Codes of the plans that entitle the account; empty on the free allowance.</summary>
    public IReadOnlyList<string> Plans { get; init; } = [];

    /// <summary>The period that the account has paid for; null without a subscription.</summary>
    public BillingPeriod? Period { get; init; }

    /// <summary>Limits counted in the account's slot, in the order in which they are shown: shadowed ones too.</summary>
    public required CompiledLimit[] Limits { get; init; }

    /// <summary>Limits counted for the platform as a whole.</summary>
    public CompiledLimit[] PlatformLimits { get; init; } = [];

    /// <summary>Access rules, the one that decides first comes first.</summary>
    public AccessRule[] Access { get; init; } = [];

    /// <summary>Credits in the order in which they are used: priority, expiry, age.</summary>
    public CompiledGrant[] Grants { get; init; } = [];
}

/// <summary>Finds what decides about a caller.</summary>
public interface ICompiledAccounts
{
    /// <summary>The caller's compiled limits; from memory when nothing has changed.</summary>
    /// <param name="subject">The caller.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    ValueTask<CompiledAccount> GetAsync(PolicySubject subject, CancellationToken cancellationToken);

    /// <summary>The same for a decision, which somebody waits for: a database that hangs is one that does not answer.</summary>
    /// <param name="subject">The caller.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="TimeoutException">Nothing is remembered of the caller, and the database does not answer in time or has just not answered others.</exception>
    ValueTask<CompiledAccount> GetSoonAsync(PolicySubject subject, CancellationToken cancellationToken) => GetAsync(subject, cancellationToken);
}

/// <summary>Says what decides about a caller, and why.</summary>
public interface ICompiledAccountsExplainer
{
    /// <summary>Compiles anew, past the memory.</summary>
    /// <param name="subject">The caller.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    Task<CompiledResult> ExplainAsync(PolicySubject subject, CancellationToken cancellationToken);
}

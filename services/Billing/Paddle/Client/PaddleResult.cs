using System.Diagnostics.CodeAnalysis;

namespace BotGeneric.Billing.Paddle.Client;

/// <summary>What became of a call.</summary>
public enum PaddleOutcome
{
    /// <summary>Paddle did it and said so.</summary>
    Done,

    /// <summary>Paddle refused; nothing has changed.</summary>
    Refused,

    /// <summary>
    /// It was sent, and whether Paddle did it is not known: no answer in time, a connection that was cut, an answer of a broken gateway. Paddle
    /// has no idempotency keys: read again before anything is repeated (<see cref="PaddleSettling"/>).
    /// </summary>
    Unknown,

    /// <summary>It was not sent, or it only reads: nothing has changed, and it may be repeated.</summary>
    Unavailable,

    /// <summary>There is no key: nothing was sent.</summary>
    NotConfigured,
}

/// <summary>What Paddle says is wrong. Branch on <see cref="Code"/>. Its text form has no free text, which may name people.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">Paddle's code, such as <c>transaction_immutable</c>; <c>http_…</c> where the answer had none.</param>
/// <param name="Detail">Paddle's words, for developers. Not for logs.</param>
/// <param name="Fields">What is wrong with single fields.</param>
/// <param name="RequestId">What Paddle's support asks for.</param>
public sealed record PaddleError(int Status, string Code, string? Detail, IReadOnlyList<PaddleFieldError> Fields, string? RequestId)
{
    /// <summary>The code of an answer that this version cannot read.</summary>
    internal const string Unreadable = "http_unreadable";

    /// <inheritdoc />
    public override string ToString() => $"{Status} {Code} ({RequestId})";
}

/// <summary>What is wrong with a field.</summary>
/// <param name="Field">The field, as Paddle names it.</param>
/// <param name="Message">What is wrong with it.</param>
public sealed record PaddleFieldError(string? Field, string? Message);

/// <summary>Why there is no result.</summary>
/// <param name="Outcome">Anything but done.</param>
/// <param name="Error">What Paddle said; null when it said nothing.</param>
/// <param name="RetryAfter">When it may work.</param>
public sealed record PaddleFailure(PaddleOutcome Outcome, PaddleError? Error = null, TimeSpan? RetryAfter = null)
{
    /// <summary>Whether Paddle has no such thing.</summary>
    public bool IsNotFound => Outcome == PaddleOutcome.Refused && Error is { Status: StatusCodes.Status404NotFound };

    /// <summary>
    /// Whether any other call would fail in the same way now: the key is missing, refused or not allowed to, or Paddle's limits are used up although the client has
    /// waited. Whoever has more to ask stops.
    /// </summary>
    public bool ConcernsEveryCall => Outcome == PaddleOutcome.NotConfigured
        || (Outcome == PaddleOutcome.Refused
            && Error is { Status: StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or StatusCodes.Status429TooManyRequests });

    /// <summary>Whether waiting may help: Paddle was away, or was asked too much. What it refuses otherwise it goes on to refuse.</summary>
    public bool MayPass => Outcome is PaddleOutcome.Unavailable or PaddleOutcome.Unknown || Error is { Status: StatusCodes.Status429TooManyRequests };

    /// <summary>Whether there was an answer that this version cannot read.</summary>
    public bool IsUnreadable => Error?.Code == PaddleError.Unreadable;

    /// <summary>Whether Paddle refused for this reason.</summary>
    /// <param name="code">Paddle's code.</param>
    public bool Is(string code) => Outcome == PaddleOutcome.Refused && Error?.Code == code;
}

/// <summary>What came of a call: what Paddle answered, or why there is nothing.</summary>
/// <typeparam name="T">What Paddle answers.</typeparam>
public sealed class PaddleResult<T>
    where T : class
{
    private PaddleResult(T? value, PaddleFailure? failure)
    {
        Value = value;
        Failure = failure;
    }

    /// <summary>What Paddle answered; null unless it was done.</summary>
    public T? Value { get; }

    /// <summary>Why there is nothing; null when it was done.</summary>
    public PaddleFailure? Failure { get; }

    /// <summary>What became of the call.</summary>
    public PaddleOutcome Outcome => Failure?.Outcome ?? PaddleOutcome.Done;

    /// <summary>Whether it was done.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool IsDone => Failure is null;

    /// <summary>It was done.</summary>
    /// <param name="value">What Paddle answered.</param>
    public static implicit operator PaddleResult<T>(T value) => new(value, null);

    /// <summary>It was not.</summary>
    /// <param name="failure">Why.</param>
    public static implicit operator PaddleResult<T>(PaddleFailure failure) => new(null, failure);

    /// <summary>The answer, where a failure ends what is being done.</summary>
    /// <returns>What Paddle answered.</returns>
    /// <exception cref="PaddleException">It was not done.</exception>
    public T OrThrow() => IsDone ? Value : throw new PaddleException(Failure);
}

/// <summary>A call failed inside of a list, which has no other way to say so.</summary>
/// <param name="failure">Why.</param>
/// <param name="unreadable">What could not be read, when that is all.</param>
public sealed class PaddleException(PaddleFailure failure, IReadOnlyList<PaddleUnreadable>? unreadable = null)
    : Exception($"A call of Paddle's API failed: {failure.Outcome}{(failure.Error is { } error ? $", {error}" : string.Empty)}.")
{
    /// <summary>Why.</summary>
    public PaddleFailure Failure { get; } = failure;

    /// <summary>What could not be read; everything else of the list came before. Empty when the list broke off.</summary>
    public IReadOnlyList<PaddleUnreadable> Unreadable { get; } = unreadable ?? [];

    /// <summary>Says that something of a list cannot be read.</summary>
    /// <param name="unreadable">What.</param>
    internal static PaddleException Of(IReadOnlyList<PaddleUnreadable> unreadable) => new(
        new PaddleFailure(PaddleOutcome.Unavailable, new PaddleError(StatusCodes.Status200OK, PaddleError.Unreadable, null, [], null)), unreadable);
}

namespace BotGeneric.Billing.Paddle;

/// <summary>A span of time, end exclusive. Times have up to nine fractional digits; they are kept to 100 nanoseconds.</summary>
/// <param name="StartsAt">Its start.</param>
/// <param name="EndsAt">Its end.</param>
public sealed record PaddlePeriod(DateTimeOffset StartsAt, DateTimeOffset EndsAt);

/// <summary>A length of calendar time, such as a billing cycle.</summary>
/// <param name="Interval"><c>day</c>, <c>week</c>, <c>month</c> or <c>year</c>.</param>
/// <param name="Frequency">How many of them, 1 or more.</param>
public sealed record PaddleDuration(string Interval, int Frequency);

/// <summary>Where something that was migrated to Paddle came from.</summary>
/// <param name="ExternalId">Its id there.</param>
/// <param name="ImportedFrom">Such as <c>paddle_classic</c>.</param>
public sealed record PaddleImportMeta(string? ExternalId, string? ImportedFrom);

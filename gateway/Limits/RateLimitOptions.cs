using System.ComponentModel.DataAnnotations;
using BotGeneric.Gateway.Routing;
using BotGeneric.ServiceDefaults.Validation;

namespace BotGeneric.Gateway.Limits;

/// <summary>So many requests in so much time. All of them may come at once; they come back evenly.</summary>
public sealed class RateLimit
{
    /// <summary>How many requests.</summary>
    [Range(1, 1_000_000_000)]
    public int Requests { get; set; } = 600;

    /// <summary>In how much time.</summary>
    [DurationRange("00:00:01", "1.00:00:00")]
    public TimeSpan Period { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Microseconds after which one request comes back, at least one.</summary>
    internal long Interval => Math.Max(1, Period.Ticks / TimeSpan.TicksPerMicrosecond / Requests);

    /// <summary>Microseconds that the requests taken may lie ahead.</summary>
    internal long Tolerance => Interval * Requests;

    internal static RateLimit PerMinute(int requests) => new() { Requests = requests };
}

/// <summary>Keys under <c>RateLimits</c>.</summary>
public sealed class RateLimitOptions : IValidatableObject
{
    /// <summary>The configuration section.</summary>
    public const string SectionName = "RateLimits";

    /// <summary>Calls of programs from one address.</summary>
    public RateLimit Api { get; set; } = RateLimit.PerMinute(1200);

    /// <summary>Pages and their files for one address.</summary>
    public RateLimit Pages { get; set; } = RateLimit.PerMinute(1200);

    /// <summary>Signing in, registering, resetting and the token server's endpoints for one address.</summary>
    public RateLimit SignIn { get; set; } = RateLimit.PerMinute(120);

    /// <summary>
    /// Notifications of vendors from one address. A vendor sends those of all customers from a few, many at once after a month's renewals or an outage, and what is refused comes
    /// back minutes or hours later: so much more than for a program.
    /// </summary>
    public RateLimit Webhooks { get; set; } = RateLimit.PerMinute(30_000);

    /// <summary>Everything of one account, whatever the address.</summary>
    public RateLimit Account { get; set; } = RateLimit.PerMinute(2400);

    /// <summary>Everything with one key that has no limit of its own.</summary>
    public RateLimit Key { get; set; } = RateLimit.PerMinute(600);

    /// <summary>
    /// How many requests of a busy caller a gateway takes from Redis at once, at most, to answer them by itself for up to a second. Never more than
    /// a tenth of what is left, so near the limit it is one by one. What a gateway has taken and not used by then is lost to the caller: a
    /// limit is never exceeded, and may be reached early by that. 1 asks Redis about every request.
    /// </summary>
    [Range(1, 1000)]
    public int LeaseSize { get; set; } = 50;

    /// <summary>How long Redis may take to answer before the gateway counts by itself.</summary>
    [DurationRange("00:00:00.010", "00:00:05")]
    public TimeSpan RedisTimeout { get; set; } = TimeSpan.FromMilliseconds(250);

    internal RateLimit Of(LimitClass limit) => limit switch
    {
        LimitClass.SignIn => SignIn,
        LimitClass.Pages => Pages,
        LimitClass.Webhooks => Webhooks,
        _ => Api,
    };

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (name, limit) in new[]
        {
            (nameof(Api), Api), (nameof(Pages), Pages), (nameof(SignIn), SignIn), (nameof(Webhooks), Webhooks), (nameof(Account), Account), (nameof(Key), Key),
        })
        {
            var results = new List<ValidationResult>();
            if (!Validator.TryValidateObject(limit, new ValidationContext(limit), results, validateAllProperties: true))
            {
                yield return new ValidationResult($"{SectionName}:{name}: {string.Join(" ", results.Select(result => result.ErrorMessage))}", [name]);
            }
        }
    }
}

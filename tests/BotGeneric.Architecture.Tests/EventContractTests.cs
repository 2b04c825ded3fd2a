using System.Reflection;
using System.Text.Json;
using BotGeneric.Contracts;
using BotGeneric.Contracts.Agents.V1;
using BotGeneric.Contracts.Billing.V1;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Contracts.Policy.V1;
using BotGeneric.Contracts.Usage.V1;
using BotGeneric.Messaging;

namespace BotGeneric.Architecture.Tests;

/// <summary>
/// The wire identity and the JSON of every event are frozen in <c>Golden/</c>. A test that fails here says that messages on their way would
/// no longer be understood: add an optional member, or a V2 beside the V1. A new event needs a new file.
/// </summary>
public sealed class EventContractTests
{
    private static readonly JsonSerializerOptions Json = new(EventJson.Options) { WriteIndented = true };
    private static readonly DateTimeOffset Time = new(2026, 1, 31, 12, 0, 0, 123, TimeSpan.Zero);
    private static readonly Guid Id = Guid.Parse("0192f0c1-2345-7abc-8def-0123456789ab");

    private static readonly LimitState Limit = new("plan-requests-day", "plan", "quota", Meters.Requests, 1000, 800.5m, Time, Time.AddDays(1));

    private static readonly IIntegrationEvent[] Samples =
    [
        new SubscriptionChanged
        {
            EventId = Id,
            OccurredAt = Time,
            SubscriptionId = Id,
            Revision = 3,
            AccountId = Id,
            PlanCode = "pro",
            PlanVersion = 2,
            Status = SubscriptionStatuses.Active,
            GrantsAccess = true,
            CurrentPeriodStart = Time,
            CurrentPeriodEnd = Time.AddMonths(1),
            PaidPeriodStart = Time,
            PaidPeriodEnd = Time.AddMonths(1),
            TrialEndsAt = Time.AddDays(14),
            PastDueSince = Time,
            GraceEndsAt = Time.AddDays(7),
            ScheduledAction = "cancel",
            ScheduledAt = Time.AddMonths(1),
            Entitlements = [new Entitlement(Meters.Requests, LimitWindows.Day, 1000)],
        },
        .. BillingEventSamples.Of(Id, Time),
        new NotificationRequested
        {
            EventId = Id,
            OccurredAt = Time,
            Template = NotificationTemplates.VerifyEmail,
            Address = "anna@example.com",
            UserId = Id,
            Language = "uk",
            Values = new Dictionary<string, string> { ["link"] = "https://bot.example.com/account/verify?code=1", ["hours"] = "24" },
            ExpiresAt = Time.AddDays(1),
        },
        new UsageRecorded
        {
            EventId = Id,
            OccurredAt = Time,
            Entries =
            [
                new UsageEntry
                {
                    EntryId = Id,
                    AccountId = Id,
                    Time = Time,
                    UserId = Id,
                    ApiKeyId = "0a1b2c3d",
                    Feature = "chat",
                    Channel = "telegram",
                    Provider = "p1",
                    Model = "m1",
                    HoldId = Id,
                    CorrectsEntryId = Id,
                    Requests = -1,
                    InputTokens = 1,
                    CachedInputTokens = 2,
                    CacheWriteTokens = 3,
                    OutputTokens = 4,
                    ReasoningTokens = 5,
                    Cost = 0.000000000001m,
                    Currency = "USD",
                    CustomMeters = new Dictionary<string, decimal> { ["images"] = 2.5m },
                },
            ],
        },
        new UsageTotalled
        {
            EventId = Id,
            OccurredAt = Time,
            From = Time,
            To = Time.AddHours(1),
            Accounts = [new AccountTotal(Id, new Dictionary<string, decimal> { ["llm.requests"] = 3 }, new Dictionary<string, decimal> { ["USD"] = 0.000000000001m })],
        },
        new LlmCallCompleted
        {
            EventId = Id,
            OccurredAt = Time,
            AccountId = Id,
            UserId = Id,
            ApiKeyId = "0a1b2c3d",
            HoldId = Id,
            Feature = "chat",
            Channel = "web",
            Provider = "p1",
            Model = "m1",
            InputTokens = 1,
            CachedInputTokens = 2,
            CacheWriteTokens = 3,
            OutputTokens = 4,
            ReasoningTokens = 5,
            IsEstimated = true,
        },
        new LimitThresholdReached { EventId = Id, OccurredAt = Time, AccountId = Id, UserId = Id, Limit = Limit, Percent = 80 },
        new LimitExceeded { EventId = Id, OccurredAt = Time, AccountId = Id, UserId = Id, Limit = Limit, Feature = "chat" },
        new PolicyChanged { EventId = Id, OccurredAt = Time, AccountIds = [Id] },
        new UsageCounted
        {
            EventId = Id,
            OccurredAt = Time,
            Accounts =
            [
                new CountedAccount(
                    Id, [Id], [new CountedTarget("a", "0123456789abcdef", 7, new Dictionary<string, long> { ["0123456789abcdef:1767225600"] = 3 })],
                    [new CountedSubject(Id, "0a1b2c3d")]),
            ],
        },
        .. IdentityEventSamples.Of(Id, Time),
    ];

    public static TheoryData<string> EventNames => [.. EventTypes.Select(type => type.FullName!)];

    private static IEnumerable<Type> EventTypes => typeof(IIntegrationEvent).Assembly.GetExportedTypes()
        .Where(type => type.IsAssignableTo(typeof(IIntegrationEvent)) && !type.IsInterface);

    [Fact]
    public void An_event_is_a_sealed_record_in_a_versioned_namespace_of_its_publisher() => Assert.All(EventTypes, type =>
    {
        Assert.True(type.IsSealed);
        Assert.NotNull(type.GetMethod("<Clone>$"));
        Assert.Matches(@"^BotGeneric\.Contracts\.[A-Z][A-Za-z]+\.V[0-9]+$", type.Namespace);
    });

    [Theory]
    [MemberData(nameof(EventNames))]
    public void The_json_of_an_event_is_frozen(string name)
    {
        var sample = Assert.Single(Samples, sample => sample.GetType().FullName == name);
        var golden = Path.Combine(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!, "Golden", $"{name}.json");
        var actual = JsonSerializer.Serialize<object>(sample, Json);

        Assert.True(File.Exists(golden), $"Golden/{name}.json is missing. It should hold:\n{actual}");
        Assert.Equal(File.ReadAllText(golden).ReplaceLineEndings("\n").TrimEnd(), actual.ReplaceLineEndings("\n"));
    }

    [Theory]
    [MemberData(nameof(EventNames))]
    public void An_event_survives_the_wire(string name)
    {
        var sample = Assert.Single(Samples, sample => sample.GetType().FullName == name);
        var read = JsonSerializer.Deserialize(JsonSerializer.Serialize<object>(sample, Json), sample.GetType(), Json);

        Assert.Equal(JsonSerializer.Serialize<object>(sample, Json), JsonSerializer.Serialize(read, Json));
    }

    [Theory]
    [MemberData(nameof(EventNames))]
    public void A_member_that_a_later_version_adds_is_ignored(string name)
    {
        var sample = Assert.Single(Samples, sample => sample.GetType().FullName == name);
        var newer = JsonSerializer.Serialize<object>(sample, Json).Insert(1, "\"added\": { \"later\": true },");

        Assert.NotNull(JsonSerializer.Deserialize(newer, sample.GetType(), Json));
    }
}

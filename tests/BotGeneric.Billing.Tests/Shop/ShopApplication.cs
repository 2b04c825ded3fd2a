using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Billing.Data;
using BotGeneric.Billing.Mirror;
using BotGeneric.Billing.Paddle;
using BotGeneric.Billing.Paddle.Client;
using BotGeneric.Contracts.Identity;
using BotGeneric.Testing.Services;
using Microsoft.Extensions.DependencyInjection;

namespace BotGeneric.Billing.Tests.Shop;

/// <summary>Billing with plans to buy, a clock that a test moves, and <see cref="FakePaddle"/>.</summary>
public sealed class ShopApplication() : ServiceApplication<Program>("billing")
{
    /// <summary>Light, monthly.</summary>
    public const string LightMonthly = "pri_lightmonth";

    /// <summary>Pro, monthly.</summary>
    public const string ProMonthly = "pri_promonth";

    /// <summary>Pro, yearly.</summary>
    public const string ProYearly = "pri_proyear";

    /// <summary>Try, monthly, with a trial.</summary>
    public const string TryMonthly = "pri_trymonth";

    /// <summary>Try, monthly, for who has used up the trial.</summary>
    public const string TryMonthlyWithoutTrial = "pri_trymonthpaid";

    /// <summary>The clock.</summary>
    public TestClock Clock { get; } = new();

    /// <summary>Paddle.</summary>
    public FakePaddle Paddle => field ??= Stocked(new FakePaddle(Clock));

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(
    [
        new("Paddle:WebhookSecrets:0", BillingApplication.Secret),
        new("Billing:SettlingTime", "00:00:01"),
        new("Billing:ReferenceKeys:0", "a key of tests that is long enough to sign references"),
        .. Plan("light", "Light", 10, LightMonthly, "Month", "10.00"),
        .. Plan("pro", "Pro", 20, ProMonthly, "Month", "30.00"),
        new("Billing:InitialPlans:pro:Name:Ru", "Про"),
        new("Billing:InitialPlans:pro:Prices:0:Overrides:0:Countries:0", "DE"),
        new("Billing:InitialPlans:pro:Prices:0:Overrides:0:Amount", "28.00"),
        new("Billing:InitialPlans:pro:Prices:0:Overrides:0:Currency", "EUR"),
        new("Billing:InitialPlans:pro:Prices:1:PaddlePriceId", ProYearly),
        new("Billing:InitialPlans:pro:Prices:1:Interval", "Year"),
        new("Billing:InitialPlans:pro:Prices:1:Amount", "300.00"),
        new("Billing:InitialPlans:pro:Prices:1:Currency", "USD"),
        .. Plan("try", "Try", 30, TryMonthly, "Month", "5.00"),
        new("Billing:InitialPlans:try:TrialDays", "14"),
        .. Plan("new", "New", 40, null, "Month", "7.00"),
        .. Plan("secret", "Secret", 50, "pri_secret", "Month", "1.00"),
        new("Billing:InitialPlans:secret:Visibility", "Hidden"),
        .. Plan("gone", "Gone", 60, "pri_gone", "Month", "1.00"),
        new("Billing:InitialPlans:gone:Visibility", "Archived"),
        .. Plan("side", "Side", 70, "pri_side", "Month", "3.00"),
        new("Billing:InitialPlans:side:Product", "side"),
    ]);

    /// <summary>A client that is a person with the scopes to see and to change.</summary>
    /// <param name="person">The person.</param>
    /// <param name="organization">In whose name.</param>
    /// <param name="role">The role there.</param>
    public HttpClient Buyer(Guid person, Guid? organization = null, string? role = null) =>
        CreateClientFor(person, organization, role, ApiScopes.BillingRead, ApiScopes.BillingWrite);

    /// <summary>Something in a scope of the service.</summary>
    /// <typeparam name="T">What comes of it.</typeparam>
    /// <param name="use">What is done.</param>
    public async Task<T> WithDbAsync<T>(Func<BillingDbContext, Task<T>> use)
    {
        ArgumentNullException.ThrowIfNull(use);
        await using var scope = Services.CreateAsyncScope();
        return await use(scope.ServiceProvider.GetRequiredService<BillingDbContext>());
    }

    /// <summary>Begins a checkout.</summary>
    /// <param name="buyer">Who.</param>
    /// <param name="plan">What.</param>
    /// <param name="interval">At which billing cycle.</param>
    /// <returns>The checkout.</returns>
    public static async Task<JsonElement> BeginAsync(HttpClient buyer, string plan = "pro", string? interval = null)
    {
        using var answer = await buyer.PostAsJsonAsync("/api/subscriptions/checkout", new { planCode = plan, interval });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Buys and pays, and has Billing hear of it.</summary>
    /// <param name="buyer">Who.</param>
    /// <param name="plan">What.</param>
    /// <param name="interval">At which billing cycle.</param>
    /// <param name="customer">Paddle's payer; a new one by default.</param>
    /// <returns>Paddle's subscription.</returns>
    public async Task<PaddleSubscription> BuyAsync(HttpClient buyer, string plan = "pro", string? interval = null, string? customer = null)
    {
        var checkout = await BeginAsync(buyer, plan, interval);
        var (transaction, subscription) = Paddle.Pay(TransactionOf(checkout), customer);
        await HearAsync(subscription);
        await HearAsync(transaction);
        return subscription;
    }

    /// <summary>Paddle's transaction of a checkout, as its link names it.</summary>
    /// <param name="checkout">The checkout.</param>
    public static string TransactionOf(JsonElement checkout) => checkout.GetProperty("url").GetString()!.Split("_ptxn=")[1];

    /// <summary>Has Billing hear of a subscription.</summary>
    /// <param name="subscription">As it is at Paddle.</param>
    public Task HearAsync(PaddleSubscription subscription) => Services.GetRequiredService<AnswerMirror>().TakeOverAsync(subscription);

    /// <summary>Has Billing hear of a transaction.</summary>
    /// <param name="transaction">As it is at Paddle.</param>
    public Task HearAsync(PaddleTransaction transaction) => Services.GetRequiredService<AnswerMirror>().TakeOverAsync(transaction);

    /// <summary>What somebody has.</summary>
    /// <param name="reader">Who.</param>
    public static async Task<JsonElement> CurrentAsync(HttpClient reader)
    {
        var current = await reader.GetFromJsonAsync<JsonElement>("/api/subscriptions/current");
        return current.GetProperty("subscription");
    }

    /// <summary>Sends something and expects a status.</summary>
    /// <param name="client">Who.</param>
    /// <param name="path">Where.</param>
    /// <param name="body">What.</param>
    /// <param name="expected">What must be answered.</param>
    /// <returns>The answer's body.</returns>
    public static async Task<JsonElement> PostAsync(HttpClient client, string path, object? body, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var answer = body is null ? await client.PostAsync(path, null) : await client.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(expected == answer.StatusCode, $"{(int)answer.StatusCode}: {text}");
        return JsonElement.Parse(text);
    }

    /// <inheritdoc />
    protected override void ConfigureServices(IServiceCollection services)
    {
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton<IPaddleClient>(Paddle);
    }

    private static FakePaddle Stocked(FakePaddle paddle)
    {
        paddle.Sell(LightMonthly, "1000");
        paddle.Sell(ProMonthly, "3000");
        paddle.Sell(ProYearly, "30000", interval: "year");
        paddle.Sell(TryMonthly, "500", trialDays: 14);
        paddle.Sell(TryMonthlyWithoutTrial, "500");
        paddle.Sell("pri_secret", "100");
        paddle.Sell("pri_side", "300");
        paddle.Sell("pri_addon", "200");
        return paddle;
    }

    private static IEnumerable<KeyValuePair<string, string>> Plan(string code, string name, int order, string? price, string interval, string amount)
    {
        var prefix = $"Billing:InitialPlans:{code}";
        yield return new($"{prefix}:Name:En", name);
        yield return new($"{prefix}:SortOrder", $"{order}");
        yield return new($"{prefix}:Entitlements:0:Meter", "llm.requests");
        yield return new($"{prefix}:Entitlements:0:Window", "day");
        yield return new($"{prefix}:Entitlements:0:Limit", $"{order * 100}");
        yield return new($"{prefix}:Prices:0:Interval", interval);
        yield return new($"{prefix}:Prices:0:Amount", amount);
        yield return new($"{prefix}:Prices:0:Currency", "USD");
        if (price is not null)
        {
            yield return new($"{prefix}:Prices:0:PaddlePriceId", price);
        }
    }
}

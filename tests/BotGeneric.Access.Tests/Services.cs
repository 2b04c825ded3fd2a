extern alias agents;
extern alias analytics;
extern alias billing;
extern alias landing;
extern alias notifications;
extern alias policy;
extern alias telegram;
extern alias usage;

using System.Net.Http.Json;
using System.Text.Json;
using BotGeneric.Access.Tests.Walk;
using BotGeneric.Testing.Services;
using Npgsql;

namespace BotGeneric.Access.Tests;

public sealed class AgentsAccessTests(AgentsAccessTests.Application application)
    : ServiceAccessTests<agents::Program>(application, "agents"), IClassFixture<AgentsAccessTests.Application>
{
    public sealed class Application() : ServiceApplication<agents::Program>("agents");
}

public sealed class BillingAccessTests(BillingAccessTests.Application application)
    : ServiceAccessTests<billing::Program>(application, "billing"), IClassFixture<BillingAccessTests.Application>
{
    private protected override async Task<Probe?> SeedAsync(Guid account, bool isOrganization)
    {
        var marker = $"{Guid.CreateVersion7():N}"[..26];
        var checkout = Guid.CreateVersion7();
        await application.Database.InsertAsync(
            $$"""
            insert into customers (paddle_id, account_id, is_linked, created_at, is_erased, last_event_at, last_updated_at, last_event_id)
            values ('ctm_{{marker}}', '{{account}}', true, now(), false, now(), now(), '');
            insert into payment_methods (paddle_id, customer_id, type, last_event_at) values ('paymtd_{{marker}}', 'ctm_{{marker}}', 'card', now());
            insert into checkouts (id, account_id, plan_code, product, price_id, transaction_id, url, status, created_by, created_at)
            values ('{{checkout}}', '{{account}}', 'pro', 'main', '{{checkout}}', 'txn_{{marker}}', 'https://pay.example/{{marker}}', 'Open', 'walk', now());
            insert into transactions (paddle_id, account_id, is_payment_announced, last_event_at, last_updated_at, last_event_id, status, raw_status, customer_id, origin,
                collection_mode, currency, items, created_at, subtotal, discount, tax, total, credit, credit_to_balance, balance, grand_total)
            values ('txn_{{marker}}', '{{account}}', true, now(), now(), '', 'Completed', 'completed', 'ctm_{{marker}}', 'web',
                'automatic', 'USD', '[]', now(), 1, 0, 0, 1, 0, 0, 0, 1)
            """,
            application);
        return new Probe(account, marker)
        {
            Ids = new Dictionary<string, string>
            {
                ["/api/subscriptions/checkout/{id}"] = checkout.ToString(),
                ["/api/billing/transactions/{id}"] = $"txn_{marker}",
            },
        };
    }

    public sealed class Application() : ServiceApplication<billing::Program>("billing")
    {
        protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
        {
            ["Paddle:WebhookSecrets:0"] = "pdl_ntfset_for_tests_only",
            ["Billing:ReferenceKeys:0"] = "only-for-tests-0123456789-0123456789",
        };
    }
}

public sealed class LandingAccessTests(LandingAccessTests.Application application)
    : ServiceAccessTests<landing::Program>(application, "landing"), IClassFixture<LandingAccessTests.Application>
{
    public sealed class Application() : ServiceApplication<landing::Program>("landing");
}

public sealed class NotificationsAccessTests(NotificationsAccessTests.Application application)
    : ServiceAccessTests<notifications::Program>(application, "notifications"), IClassFixture<NotificationsAccessTests.Application>
{
    private protected override async Task<Probe?> SeedAsync(Guid account, bool isOrganization)
    {
        var probe = new Probe(account, $"n•••@{Guid.CreateVersion7():N}.example") { IsForOperators = true };
        var id = Guid.CreateVersion7();
        await application.Database.InsertAsync(
            $"""
            insert into deliveries (id, event_id, user_id, template, language, masked_address, address_fingerprint, state, attempts, next_attempt_at,
                give_up_at, created_at, finished_at)
            values ('{id}', '{Guid.CreateVersion7()}', '{account}', 'verify-email', 'en', '{probe.Marker}', '\x{account:N}', 'Bounced', 1, now(), now(), now(), now());
            insert into suppressions (id, address_fingerprint, masked_address, reason, created_at, last_bounced_at)
            values ('{id}', '\x{account:N}', '{probe.Marker}', 'walk', now(), now())
            """,
            application);
        return probe with
        {
            Ids = new Dictionary<string, string>
            {
                ["/api/notifications/deliveries/{id}"] = id.ToString(),
                ["/api/notifications/suppressions/{id}"] = id.ToString(),
            },
        };
    }

    public sealed class Application() : ServiceApplication<notifications::Program>("notifications");
}

public sealed class TelegramAccessTests(TelegramAccessTests.Application application)
    : ServiceAccessTests<telegram::Program>(application, "telegram"), IClassFixture<TelegramAccessTests.Application>
{
    public sealed class Application() : ServiceApplication<telegram::Program>("telegram");
}

public sealed class AnalyticsAccessTests(AnalyticsAccessTests.Application application)
    : ServiceAccessTests<analytics::Program>(application, "analytics"), IClassFixture<AnalyticsAccessTests.Application>
{
    private const string Requests = "7654321";

    private protected override async Task<Probe?> SeedAsync(Guid account, bool isOrganization)
    {
        await application.Database.InsertAsync(
            $"""
            insert into usage_hourly (account_id, hour, feature, model, requests, input_tokens, output_tokens)
            values ('{account}', date_trunc('hour', now()) - interval '1 hour', 'chat', 'm1', {Requests}, 1, 1)
            """,
            application);
        return new Probe(account, Requests);
    }

    public sealed class Application() : ServiceApplication<analytics::Program>("analytics");
}

public sealed class PolicyAccessTests(PolicyAccessTests.Application application)
    : ServiceAccessTests<policy::Program>(application, "policy"), IClassFixture<PolicyAccessTests.Application>
{
    private const string Requests = "7654321";

    private protected override async Task<Probe?> SeedAsync(Guid account, bool isOrganization)
    {
        await application.Database.InsertAsync(
            "insert into usage_counters (account_id, meter, bucket, user_id, api_key_id, feature, model, channel, used) "
            + $"values ('{account}', 'llm.requests', date_trunc('hour', now()), '{Guid.Empty}', '', 'chat', '', '', {Requests})",
            application);
        return new Probe(account, Requests);
    }

    public sealed class Application() : ServiceApplication<policy::Program>("policy");
}

public sealed class UsageAccessTests(UsageAccessTests.Application application)
    : ServiceAccessTests<usage::Program>(application, "usage"), IClassFixture<UsageAccessTests.Application>
{
    private protected override async Task<Probe?> SeedAsync(Guid account, bool isOrganization)
    {
        var probe = new Probe(account, $"seed-{Guid.CreateVersion7():N}");
        using var client = application.CreateOperatorClient();
        using var response = await client.PostAsync("/api/usage/events", JsonContent.Create(Event(account, probe.Marker)));
        response.EnsureSuccessStatusCode();
        return probe with
        {
            Body = (operation, stranger) => operation.Name == "POST /api/usage/events" ? JsonSerializer.Serialize(Event(stranger, probe.Trace)) : null,
        };
    }

    private static object Event(Guid account, string id) => new
    {
        specversion = "1.0",
        type = "llm.call.v1",
        source = "tests",
        id,
        subject = account,
        // The walk names the account wherever a person can be named, too.
        data = new { userId = account, inputTokens = 1 },
    };

    public sealed class Application() : ServiceApplication<usage::Program>("usage");
}

internal static class Seeding
{
    // The service must have migrated its database first.
    internal static async Task InsertAsync<TProgram>(this BotGeneric.Testing.TestDatabase database, string statement, ServiceApplication<TProgram> application)
        where TProgram : class
    {
        _ = application.Server;
        await using var connection = new NpgsqlConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync();
    }
}

using System.Net;
using BotGeneric.Gateway.Tests.Support;
using BotGeneric.Testing;
using Npgsql;

namespace BotGeneric.Gateway.Tests;

public sealed class KeyRingTests
{
    [Fact]
    public async Task Losing_the_key_ring_signs_people_out_and_nothing_else()
    {
        await using var database = await TestDatabase.CreateAsync("gateway");
        await using var world = await EdgeWorld.StartAsync(gateway => gateway.Set("ConnectionStrings:gateway-db", database.ConnectionString));
        using var browser = world.Browser();
        (await browser.SignInAsync()).Dispose();
        await ExecuteAsync(database, "DELETE FROM data_protection_keys");

        using var other = world.Browser(world.AddGateway(gateway => gateway.Set("ConnectionStrings:gateway-db", database.ConnectionString)));
        other.Cookies["session"] = browser.SessionCookie!;
        using var refused = await other.GetAsync("/api/subscriptions");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        other.Cookies.Clear();
        using var page = await other.SignInAsync();

        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task With_a_certificate_the_database_alone_opens_nothing_and_an_earlier_certificate_still_does()
    {
        await using var database = await TestDatabase.CreateAsync("gateway");
        var first = KeyRingCertificates.New();
        await using var world = await EdgeWorld.StartAsync(gateway => Keys(gateway).Set("DataProtection:Certificate", first));
        using var browser = world.Browser();
        (await browser.SignInAsync()).Dispose();

        var stored = await ReadAsync(database);
        Assert.All(stored, xml => Assert.Contains("EncryptedData", xml, StringComparison.Ordinal));
        Assert.NotEmpty(stored);

        using var renewed = world.Browser(world.AddGateway(gateway => Keys(gateway)
            .Set("DataProtection:Certificate", KeyRingCertificates.New()).Set("DataProtection:PreviousCertificates:0", first)));
        renewed.Cookies["session"] = browser.SessionCookie!;
        using var accepted = await renewed.GetAsync("/api/subscriptions");
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);

        GatewayApplication Keys(GatewayApplication gateway) => gateway.Set("ConnectionStrings:gateway-db", database.ConnectionString);
    }

    private static async Task<List<string>> ReadAsync(TestDatabase database)
    {
        await using var connection = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = connection.CreateCommand("SELECT xml FROM data_protection_keys");
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    private static async Task ExecuteAsync(TestDatabase database, string statement)
    {
        await using var connection = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = connection.CreateCommand(statement);
        await command.ExecuteNonQueryAsync();
    }
}

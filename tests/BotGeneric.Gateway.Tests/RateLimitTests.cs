using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using BotGeneric.Contracts.Identity;
using BotGeneric.Gateway.Tests.Support;
using Microsoft.AspNetCore.Mvc;
using static BotGeneric.Gateway.Tests.Support.LimitedRequests;

namespace BotGeneric.Gateway.Tests;

public sealed class RateLimitTests
{
    [Fact]
    public async Task What_is_too_much_from_one_address_is_429_and_says_when_to_come_back()
    {
        await using var world = await WorldAsync(("Api", 3));
        using var client = world.Gateway.CreateVisitor();
        var address = Address();

        for (var left = 2; left >= 0; left--)
        {
            using var allowed = await GetAsync(client, "/api/plans", address);
            Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
            Assert.Equal("\"api\";q=3;w=3600", Header(allowed, "RateLimit-Policy"));
            Assert.StartsWith($"\"api\";r={left};t=", Header(allowed, "RateLimit"), StringComparison.Ordinal);
            Assert.Equal("3", Header(allowed, "RateLimit-Limit"));
            Assert.Equal($"{left}", Header(allowed, "RateLimit-Remaining"));
            Assert.InRange(Number(allowed, "RateLimit-Reset"), 1, 3600);
        }

        using var refused = await GetAsync(client, "/api/plans", address);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 1200);
        Assert.Equal("0", Header(refused, "RateLimit-Remaining"));

        using var other = await GetAsync(client, "/api/plans", Address());
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Theory]
    [InlineData("en", "Too many requests.")]
    [InlineData("ru", "Слишком много запросов.")]
    [InlineData("uk", "Забагато запитів.")]
    public async Task What_is_too_much_is_said_in_the_callers_language(string language, string words)
    {
        await using var world = await WorldAsync(("Api", 1));
        using var client = world.Gateway.CreateVisitor();
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        var address = Address();
        (await GetAsync(client, "/api/plans", address)).Dispose();

        using var refused = await GetAsync(client, "/api/plans", address);

        var problem = (await refused.Content.ReadFromJsonAsync<ProblemDetails>())!;
        Assert.StartsWith(words, problem.Detail, StringComparison.Ordinal);
        Assert.Contains($" {refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds} ", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_counted_by_its_limit()
    {
        var refusals = new ConcurrentQueue<string?>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "gateway.limits.refused")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => refusals.Enqueue(tags.ToArray().Single(tag => tag.Key == "limit").Value?.ToString()));
        listener.Start();
        await using var world = await WorldAsync(("Api", 1));
        using var client = world.Gateway.CreateVisitor();
        var address = Address();

        using var allowed = await GetAsync(client, "/api/plans", address);
        using var refused = await GetAsync(client, "/api/plans", address);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        // Other tests of this process are refused too.
        Assert.Contains("api", refusals);
    }

    [Fact]
    public async Task Gateways_count_together()
    {
        await using var world = await WorldAsync(("Api", 10));
        using var first = world.Gateway.CreateVisitor();
        using var second = world.AddGateway(gateway => Limited(gateway, ("Api", 10))).CreateVisitor();
        var address = Address();

        var statuses = new List<HttpStatusCode>();
        for (var call = 0; call < 14; call++)
        {
            using var response = await GetAsync(call % 2 == 0 ? first : second, "/api/plans", address);
            statuses.Add(response.StatusCode);
        }

        Assert.Equal(10, statuses.Count(status => status == HttpStatusCode.OK));
    }

    [Theory]
    [InlineData(200, 50)]
    [InlineData(200, 1)]
    public async Task A_limit_is_never_exceeded_however_many_come_at_once(int limit, int lease)
    {
        await using var world = await WorldAsync(("Api", limit));
        world.Gateway.Set("RateLimits:Api:Period", "1.00:00:00").Set("RateLimits:LeaseSize", $"{lease}");
        using var first = world.Gateway.CreateVisitor();
        using var second = world.AddGateway(gateway => Limited(gateway, ("Api", limit))
            .Set("RateLimits:Api:Period", "1.00:00:00").Set("RateLimits:LeaseSize", $"{lease}")).CreateVisitor();
        var address = Address();

        var statuses = await Task.WhenAll(Enumerable.Range(0, 2 * limit).Select(async call =>
        {
            using var response = await GetAsync(call % 2 == 0 ? first : second, "/api/plans", address);
            return response.StatusCode;
        }));

        var allowed = statuses.Count(status => status == HttpStatusCode.OK);
        // What was leased and not used is lost: at most a tenth of what was left, once for each gateway and each second that the requests take.
        Assert.InRange(allowed, lease == 1 ? limit : limit / 2, limit);
    }

    [Fact]
    public async Task One_caller_alone_gets_the_whole_of_a_limit_although_more_is_taken_before_it_is_needed()
    {
        await using var world = await WorldAsync(("Api", 500));
        world.Gateway.Set("RateLimits:Api:Period", "1.00:00:00");
        using var client = world.Gateway.CreateVisitor();
        var address = Address();

        var remaining = new List<long>();
        var allowed = 0;
        for (var call = 0; call < 520; call++)
        {
            using var response = await GetAsync(client, "/api/plans", address);
            remaining.Add(Number(response, "RateLimit-Remaining"));
            allowed += response.StatusCode == HttpStatusCode.OK ? 1 : 0;
        }

        // What lies unused for longer than a second is lost; a machine that is that slow is no reason to fail.
        Assert.InRange(allowed, 400, 500);
        Assert.Equal(remaining.OrderDescending(), remaining);
        Assert.Equal(0, remaining[^1]);
    }

    [Fact]
    public async Task A_subscribers_whole_network_is_one_address()
    {
        await using var world = await WorldAsync(("Api", 1));
        using var client = world.Gateway.CreateVisitor();
        var network = $"2001:db8:{Random.Shared.Next(0, 0xffff):x}:{Random.Shared.Next(0, 0xffff):x}";

        using var first = await GetAsync(client, "/api/plans", $"{network}::1");
        using var second = await GetAsync(client, "/api/plans", $"{network}:ffff::2");

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
    }

    [Fact]
    public async Task An_account_has_one_limit_for_all_its_keys_and_addresses()
    {
        await using var world = await WorldAsync(("Account", 2));
        using var client = world.Gateway.CreateVisitor();
        var account = Guid.CreateVersion7();
        var keys = Enumerable.Range(0, 3).Select(_ => ApiKeyFormat.Generate()).ToList();
        keys.ForEach(key => world.Identity.Keys[key] = new FakeKey(account));

        var statuses = new List<HttpStatusCode>();
        foreach (var key in keys)
        {
            using var response = await GetAsync(client, "/api/subscriptions", Address(), key);
            statuses.Add(response.StatusCode);
        }

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests], statuses);
    }

    [Fact]
    public async Task Guessing_keys_of_the_right_form_is_limited_before_identity_is_asked()
    {
        await using var world = await WorldAsync(("Api", 5));
        using var client = world.Gateway.CreateVisitor();
        var address = Address();

        for (var guess = 0; guess < 20; guess++)
        {
            using var response = await GetAsync(client, "/api/subscriptions", address, ApiKeyFormat.Generate());
            Assert.Equal(guess < 5 ? HttpStatusCode.Unauthorized : HttpStatusCode.TooManyRequests, response.StatusCode);
        }

        Assert.Equal(5, world.Identity.Exchanges);
    }

    [Theory]
    [InlineData("/login")]
    [InlineData("/connect/token")]
    [InlineData("/session/login")]
    public async Task Where_passwords_can_be_tried_the_limit_is_its_own(string path)
    {
        await using var world = await WorldAsync(("SignIn", 1));
        using var client = world.Gateway.CreateVisitor();
        var address = Address();

        using var first = await GetAsync(client, path, address);
        using var second = await GetAsync(client, path, address);
        using var elsewhere = await GetAsync(client, "/api/plans", address);

        Assert.NotEqual(HttpStatusCode.TooManyRequests, first.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.Equal(HttpStatusCode.OK, elsewhere.StatusCode);
    }

    [Theory]
    [InlineData("/webhooks/paddle")]
    [InlineData("/account/external/apple/notifications")]
    public async Task Notifications_of_a_vendor_are_not_limited_as_programs_are(string path)
    {
        await using var world = await WorldAsync(("Api", 1), ("Webhooks", 3));
        using var client = world.Gateway.CreateVisitor();
        var address = Address();

        for (var delivery = 0; delivery < 3; delivery++)
        {
            using var accepted = await PostAsync(client, path, address);
            Assert.NotEqual(HttpStatusCode.TooManyRequests, accepted.StatusCode);
            Assert.StartsWith("\"webhooks\";q=3", Header(accepted, "RateLimit-Policy"), StringComparison.Ordinal);
        }

        using var refused = await PostAsync(client, path, address);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task Probes_are_never_limited(string path)
    {
        await using var world = await WorldAsync(("Api", 1), ("Pages", 1));
        using var client = world.Gateway.CreateVisitor();
        var address = Address();

        for (var probe = 0; probe < 5; probe++)
        {
            using var response = await GetAsync(client, path, address);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Null(Header(response, "RateLimit"));
        }
    }
}

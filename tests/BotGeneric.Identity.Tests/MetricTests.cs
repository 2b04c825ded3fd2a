using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using BotGeneric.Identity.Tests.Accounts.Support;

namespace BotGeneric.Identity.Tests;

/// <summary>The instruments that docs/operations.md names.</summary>
public sealed class MetricTests(AccountsApplication identity) : IClassFixture<AccountsApplication>
{
    [Fact]
    public async Task Sign_ins_refused_ones_and_the_work_on_passwords_are_counted()
    {
        var person = await Person.RegisterAsync(identity);
        using var meters = new Meters();
        using var browser = identity.OpenBrowser();

        (await person.SignInAsync(browser, "not the password")).Dispose();
        (await person.SignInAsync(browser)).Dispose();

        // Other tests of this process sign people in too.
        Assert.True(meters.Of("identity.audited", "session.started", "wrong-password") >= 1);
        Assert.True(meters.Of("identity.audited", "session.started", "success") >= 1);
        Assert.True(meters.Sum("identity.passwords.worked_on") >= 2);
    }

    [Fact]
    public async Task Attempts_that_have_to_wait_are_counted()
    {
        var person = await Person.RegisterAsync(identity);
        using var meters = new Meters();
        using var browser = identity.OpenBrowser();
        var status = HttpStatusCode.OK;
        for (var attempt = 0; attempt < 50 && status != HttpStatusCode.TooManyRequests; attempt++)
        {
            using var answer = await person.SignInAsync(browser, "not the password");
            status = answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.True(meters.Sum("identity.attempts.delayed") >= 1);
    }

    /// <summary>Adds up the counters of Identity from now on.</summary>
    private sealed class Meters : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentDictionary<string, long> _sums = new();

        public Meters()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name.StartsWith("BotGeneric.Identity", StringComparison.Ordinal))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
                _sums.AddOrUpdate(Key(instrument.Name, [.. tags.ToArray().Select(tag => tag.Value?.ToString())]), value, (_, sum) => sum + value));
            _listener.Start();
        }

        public long Of(string name, params string?[] tags) => _sums.GetValueOrDefault(Key(name, tags));

        /// <summary>Whatever the tags.</summary>
        public long Sum(string name) => _sums.Where(pair => pair.Key.Split('|')[0] == name).Sum(pair => pair.Value);

        public void Dispose() => _listener.Dispose();

        private static string Key(string name, string?[] tags) => string.Join('|', [name, .. tags]);
    }
}

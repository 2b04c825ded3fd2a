extern alias simulators;

using System.Diagnostics;
using BotGeneric.Notifications.Deliveries;
using BotGeneric.Notifications.Domain;
using Npgsql;
using simulators::BotGeneric.Simulators.Smtp;

namespace BotGeneric.Notifications.Tests;

/// <summary>Several workers, and workers that die.</summary>
public sealed class ResilienceTests(MailApplication application) : IClassFixture<MailApplication>
{
    [Fact]
    public async Task Two_workers_never_send_one_delivery_twice()
    {
        await using var second = application.WithWebHostBuilder(_ => { });
        second.CreateClient().Dispose();
        var requests = Enumerable.Range(0, 80).Select(_ => Some.Request("twice")).ToList();

        await Parallel.ForEachAsync(requests, async (request, _) => await application.RequestAsync(request));

        foreach (var request in requests)
        {
            Assert.Equal(1, (await application.BecomesAsync(request, DeliveryState.Sent)).Attempts);
            Assert.Single(application.Inbox.List(request.Address));
        }
    }

    [Fact]
    public async Task What_a_stopping_worker_had_claimed_is_sent_by_the_next()
    {
        var request = Some.Request();
        application.Scenarios.Set(request.Address, new SmtpScenario(SmtpTrouble.Slow, Times: 1, DelayMilliseconds: 60_000));
        using var claimed = new StepWatch(DeliveryDiagnostics.ClaimedStep);
        // A host of its own dies here, with the row in its hands; the fixture's is the next.
        var dying = application.WithWebHostBuilder(_ => { });
        dying.CreateClient().Dispose();
        await application.RequestAsync(request);
        await claimed.SeenAsync(1);
        await dying.DisposeAsync();

        // Whichever of the two had claimed it: the other server's answer never comes, so its connection is cut.
        await CutAsync();

        await application.BecomesAsync(request, DeliveryState.Sent);
        Assert.NotEmpty(application.Inbox.List(request.Address));
    }

    [Fact]
    public async Task A_worker_that_dies_between_acceptance_and_commit_sends_the_same_message_again()
    {
        var request = Some.Request();
        using var accepted = new StepWatch(DeliveryDiagnostics.AcceptedStep, CutOnce());
        await application.RequestAsync(request);

        await application.BecomesAsync(request, DeliveryState.Sent);

        var copies = application.Inbox.List(request.Address).Select(MailDetail.Summarize).ToList();
        Assert.Equal(2, copies.Count);
        Assert.Equal([$"{request.EventId:N}@bot.example.com"], copies.Select(copy => copy.MessageId).Distinct());
    }

    private Action CutOnce()
    {
        var cut = 0;
        return () =>
        {
            if (Interlocked.Exchange(ref cut, 1) == 0)
            {
                CutAsync().GetAwaiter().GetResult();
            }
        };
    }

    /// <summary>Ends every connection that is in a transaction, as a crash of its process would.</summary>
    private async Task CutAsync()
    {
        await using var connection = new NpgsqlConnection(application.Database.SuperUserConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'", connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Waits for a step of a worker.</summary>
    private sealed class StepWatch : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private readonly SemaphoreSlim _seen = new(0);
        private readonly string _step;
        private readonly Action? _then;
        private readonly IDisposable _listeners;
        private IDisposable? _steps;

        public StepWatch(string step, Action? then = null)
        {
            (_step, _then) = (step, then);
            _listeners = DiagnosticListener.AllListeners.Subscribe(this);
        }

        public async Task SeenAsync(int times)
        {
            for (var i = 0; i < times; i++)
            {
                Assert.True(await _seen.WaitAsync(TimeSpan.FromMinutes(2)), $"{_step} was not reached");
            }
        }

        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == DeliveryDiagnostics.Name)
            {
                _steps = value.Subscribe(this, name => name == _step);
            }
        }

        public void OnNext(KeyValuePair<string, object?> value)
        {
            _then?.Invoke();
            _seen.Release();
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void Dispose()
        {
            _steps?.Dispose();
            _listeners.Dispose();
            _seen.Dispose();
        }
    }
}

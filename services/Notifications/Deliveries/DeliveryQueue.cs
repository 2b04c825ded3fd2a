using System.Diagnostics;
using System.Security.Cryptography;
using BotGeneric.Notifications.Data;
using BotGeneric.Notifications.Domain;
using BotGeneric.Notifications.Email;
using BotGeneric.Notifications.Security;
using BotGeneric.Notifications.Templates;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Notifications.Deliveries;

/// <summary>What a look for a due delivery found.</summary>
internal enum SendStep
{
    /// <summary>Nothing is due.</summary>
    Idle,

    /// <summary>One was tried.</summary>
    Tried,

    /// <summary>One was tried, and the mail server is away: the others would fare no better.</summary>
    ServerUnavailable,
}

/// <summary>
/// The table <c>deliveries</c> as a queue. A delivery is tried inside the transaction that locks its row: whoever dies gives it back by
/// dying, at once, and no other worker can take it meanwhile.
/// </summary>
internal sealed partial class DeliveryQueue(
    NotificationsDbContext db,
    MailComposer composer,
    ContentProtection protection,
    DeliveryWake wake,
    DeliveryDiagnostics diagnostics,
    IOptions<EmailOptions> options,
    TimeProvider timeProvider,
    ILogger<DeliveryQueue> logger)
{
    /// <summary>Tries the delivery that has waited longest, if one is due, and commits what came of it.</summary>
    /// <param name="connection">The connection to send by.</param>
    /// <param name="cancellationToken">Cancels; the delivery is then tried again.</param>
    public async Task<SendStep> SendNextAsync(MailConnection connection, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var delivery = await db.Deliveries
            .FromSql(
                $"""
                SELECT * FROM deliveries
                WHERE state = 'Pending' AND next_attempt_at <= {now} AND (expires_at IS NULL OR expires_at > {now})
                ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED
                """)
            .SingleOrDefaultAsync(cancellationToken);
        if (delivery is null)
        {
            return SendStep.Idle;
        }

        // There may be more: another lane looks while this one talks to the server.
        wake.Pulse();
        DeliveryDiagnostics.Step(DeliveryDiagnostics.ClaimedStep, delivery.Id);
        ActivityContext.TryParse(delivery.TraceParent, traceState: null, isRemote: true, out var request);
        using var activity = DeliveryDiagnostics.Activities.StartActivity($"send {delivery.Template}", ActivityKind.Client, request);
        activity?.SetTag("notification.delivery.id", delivery.Id.ToString())
            .SetTag("notification.template", delivery.Template)
            .SetTag("notification.attempt", delivery.Attempts + 1);

        var step = await TryAsync(delivery, connection, cancellationToken);
        activity?.SetTag("smtp.response.status_code", delivery.LastStatusCode).SetTag("notification.state", delivery.State.ToString().ToLowerInvariant());
        if (delivery.State != DeliveryState.Sent)
        {
            activity?.SetStatus(ActivityStatusCode.Error, delivery.LastReason);
        }

        // The server may have taken the message: from here on a stopping process waits for the commit.
        await db.SaveChangesAsync(CancellationToken.None);
        await transaction.CommitAsync(CancellationToken.None);
        Report(delivery);
        return step;
    }

    private async Task<SendStep> TryAsync(Delivery delivery, MailConnection connection, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        var suppression = await db.Suppressions.SingleOrDefaultAsync(
            entry => entry.AddressFingerprint == delivery.AddressFingerprint, cancellationToken);
        if (suppression is not null && !suppression.Allows(TemplateCatalogue.IsCritical(delivery.Template), now))
        {
            delivery.Suppress(now);
            return SendStep.Tried;
        }

        delivery.Attempt(composer.MessageIdOf(delivery));
        SendResult result;
        try
        {
            using var message = composer.Compose(delivery, protection.Unprotect(delivery.Content!));
            result = await connection.SendAsync(message, cancellationToken);
        }
        catch (Exception exception) when (exception is CryptographicException or TemplateException)
        {
            result = new SendResult(SendVerdict.Refused, null, exception is CryptographicException
                ? "the content cannot be decrypted: the data protection keys are missing"
                : "the template cannot be filled with the configuration as it is now");
        }

        await SettleAsync(delivery, suppression, result, cancellationToken);
        return result.Verdict == SendVerdict.Unavailable ? SendStep.ServerUnavailable : SendStep.Tried;
    }

    private async Task SettleAsync(Delivery delivery, Suppression? suppression, SendResult result, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        var outcome = new DeliveryOutcome(result.StatusCode, result.Reason);
        switch (result.Verdict)
        {
            case SendVerdict.Accepted:
                DeliveryDiagnostics.Step(DeliveryDiagnostics.AcceptedStep, delivery.Id);
                delivery.Sent(now);
                // The address works again.
                if (suppression is not null)
                {
                    db.Suppressions.Remove(suppression);
                }

                break;
            case SendVerdict.AddressRefused:
                delivery.Bounce(outcome, now);
                await SuppressAsync(delivery, suppression, outcome, now, cancellationToken);
                break;
            case SendVerdict.Refused:
                delivery.Fail(outcome, now, options.Value.KeepFailedFor);
                break;
            default:
                delivery.Postpone(outcome, now, RetryDelays.After(delivery.Attempts, options.Value), options.Value.KeepFailedFor);
                break;
        }
    }

    private async Task SuppressAsync(
        Delivery delivery, Suppression? suppression, DeliveryOutcome outcome, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (suppression is not null)
        {
            suppression.Bounced(outcome, now);
            return;
        }

        var listed = Suppression.List(delivery.AddressFingerprint, delivery.MaskedAddress, outcome, now);
        // Two messages to one address can bounce at the same time.
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO suppressions (id, address_fingerprint, masked_address, status_code, reason, created_at, last_bounced_at)
            VALUES ({listed.Id}, {listed.AddressFingerprint}, {listed.MaskedAddress}, {listed.StatusCode}, {listed.Reason}, {listed.CreatedAt}, {listed.LastBouncedAt})
            ON CONFLICT (address_fingerprint) DO UPDATE SET
                status_code = excluded.status_code, reason = excluded.reason, last_bounced_at = excluded.last_bounced_at
            """,
            cancellationToken);
    }

    private void Report(Delivery delivery)
    {
        if (delivery.State == DeliveryState.Pending)
        {
            diagnostics.Retried(delivery.Template);
            LogPostponed(logger, delivery.Id, delivery.Template, delivery.LastReason, delivery.LastStatusCode, delivery.Attempts, delivery.NextAttemptAt);
            return;
        }

        diagnostics.Finished(delivery);
        if (delivery.State == DeliveryState.Sent)
        {
            LogSent(logger, delivery.Id, delivery.Template, delivery.Attempts);
        }
        else
        {
            LogNotSent(logger, delivery.Id, delivery.Template, delivery.State, delivery.LastReason, delivery.LastStatusCode, delivery.Attempts);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Delivery {DeliveryId} ({Template}) was taken by the mail server, attempt {Attempt}")]
    private static partial void LogSent(ILogger logger, Guid deliveryId, string template, int attempt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Delivery {DeliveryId} ({Template}) was not sent: {Reason} ({StatusCode}), attempt {Attempt}; next attempt at {NextAttemptAt}")]
    private static partial void LogPostponed(
        ILogger logger, Guid deliveryId, string template, string? reason, int? statusCode, int attempt, DateTimeOffset nextAttemptAt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Delivery {DeliveryId} ({Template}) is {State}: {Reason} ({StatusCode}), after {Attempts} attempts")]
    private static partial void LogNotSent(
        ILogger logger, Guid deliveryId, string template, DeliveryState state, string? reason, int? statusCode, int attempts);
}

/// <summary>Pauses between attempts.</summary>
internal static class RetryDelays
{
    /// <summary>Doubles with every attempt up to the longest, then between half and all of it, so that what failed together does not come back together.</summary>
    public static TimeSpan After(int attempts, EmailOptions options)
    {
        var full = Math.Min(
            options.RetryDelay.TotalMilliseconds * Math.Pow(2, Math.Clamp(attempts - 1, 0, 40)), options.MaxRetryDelay.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(full * (0.5 + Random.Shared.NextDouble() / 2));
    }
}

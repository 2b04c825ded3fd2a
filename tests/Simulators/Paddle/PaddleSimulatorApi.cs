using BotGeneric.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace BotGeneric.Simulators.Paddle;

/// <summary>Makes the simulated Paddle send single notifications, of nothing that it knows of.</summary>
public static class PaddleSimulatorApi
{
    private const int MaximumBodyBytes = 1024 * 1024;

    /// <summary>Maps <c>/paddle/notifications</c>.</summary>
    /// <param name="app">The simulators.</param>
    internal static void MapPaddleNotifications(this IEndpointRouteBuilder app)
    {
        // Simulators listen on this machine only and run in development only.
        var group = app.MapGroup("/paddle/notifications").WithTags("Paddle").AllowAnonymous();
        group.MapPost("/", SendAsync).WithSummary("Send a notification about a subscription");
        group.MapPost("/raw", SendRawAsync)
            .WithMetadata(new RequestSizeLimitAttribute(MaximumBodyBytes))
            .WithSummary("Sign and send any body");
    }

    /// <summary>Builds a notification of the documented shape, signs it and delivers it once. The answer says how it was received.</summary>
    private static async Task<Results<Ok<DeliveredNotification>, ProblemHttpResult>> SendAsync(
        SubscriptionNotification notification, PaddleNotifications notifications, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        if (!SubscriptionNotification.EventTypes.Contains(notification.EventType, StringComparer.Ordinal))
        {
            return ApiProblems.Invalid("eventType", $"One of {string.Join(", ", SubscriptionNotification.EventTypes)}.");
        }

        if (!SubscriptionNotification.Statuses.Contains(notification.Status, StringComparer.Ordinal))
        {
            return ApiProblems.Invalid("status", $"One of {string.Join(", ", SubscriptionNotification.Statuses)}.");
        }

        var sent = notification.Build(timeProvider.GetUtcNow(), Random.Shared);
        var status = await notifications.DeliverAsync(sent.Body, cancellationToken);
        return TypedResults.Ok(new DeliveredNotification(sent.EventId, sent.SubscriptionId, sent.CustomerId, status, status == StatusCodes.Status200OK));
    }

    /// <summary>Signs the body as it is and delivers it once. The answer says how it was received.</summary>
    private static async Task<Ok<DeliveredNotification>> SendRawAsync(
        HttpRequest request, PaddleNotifications notifications, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        var status = await notifications.DeliverAsync(body.ToArray(), cancellationToken);
        return TypedResults.Ok(new DeliveredNotification(null, null, null, status, status == StatusCodes.Status200OK));
    }
}

/// <summary>How a notification was received.</summary>
/// <param name="EventId">Its event, when it was built here.</param>
/// <param name="SubscriptionId">Its subscription, when it was built here.</param>
/// <param name="CustomerId">Its payer, when it was built here.</param>
/// <param name="ResponseStatus">The HTTP status of the answer; null when none came within 5 seconds.</param>
/// <param name="Delivered">Whether Paddle would count it as delivered.</param>
public sealed record DeliveredNotification(string? EventId, string? SubscriptionId, string? CustomerId, int? ResponseStatus, bool Delivered);

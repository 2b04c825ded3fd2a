using System.Diagnostics;
using BotGeneric.Contracts.Notifications.V1;
using BotGeneric.Messaging;
using BotGeneric.Notifications.Data;
using BotGeneric.Notifications.Deliveries;
using BotGeneric.Notifications.Domain;
using BotGeneric.Notifications.Email;
using BotGeneric.Notifications.Security;
using BotGeneric.Notifications.Templates;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace BotGeneric.Notifications.Messaging;

/// <summary>
/// Takes a request as a delivery, in the transaction of the inbox. A request that could never be sent becomes a dead letter here, where its
/// publisher's mistake is seen, and not a failure at the mail server.
/// </summary>
internal sealed class NotificationRequestedHandler(
    MailRenderer renderer, ContentProtection protection, AddressFingerprints fingerprints, IOptions<EmailOptions> options, TimeProvider timeProvider)
    : IEventHandler<NotificationRequested, NotificationsDbContext>
{
    public async Task HandleAsync(NotificationRequested @event, NotificationsDbContext db, CancellationToken cancellationToken)
    {
        if (MailAddress.Read(@event.Address) is not { } address)
        {
            throw new UnprocessableEventException("'address' is not an e-mail address.");
        }

        try
        {
            renderer.Render(@event.Template, @event.Language, @event.Values);
        }
        catch (TemplateException exception)
        {
            // The message names a member, never its value. The cause is left out: nothing else may come along.
            throw new UnprocessableEventException($"The template '{TemplateValues.Printable(@event.Template)}' cannot be filled: {exception.Message}");
        }

        // Whom it concerns may have made one account of two since it was asked for.
        Guid? userId = @event.UserId is { } named ? (await AccountAliases.ResolveAsync(db, [named], cancellationToken)).Of(named) : null;
        var request = new DeliveryRequest(
            @event.EventId,
            userId,
            @event.Template,
            @event.Language,
            MailAddress.Mask(address.Address),
            await fingerprints.OfAsync(address.Address, cancellationToken),
            protection.Protect(new DeliveryContent(address.Address, @event.Values)),
            @event.ExpiresAt?.ToUniversalTime(),
            Activity.Current?.Id);
        db.Deliveries.Add(Delivery.Request(request, timeProvider.GetUtcNow(), options.Value.GiveUpAfter));
        await db.SaveChangesAsync(cancellationToken);
        // Delivered by PostgreSQL when the transaction commits, to every replica.
        await db.Database.ExecuteSqlAsync($"SELECT pg_notify({DeliveryWake.Channel}, '')", cancellationToken);
    }
}

using BotGeneric.Notifications.Domain;
using BotGeneric.Notifications.Security;
using BotGeneric.Notifications.Templates;
using Microsoft.Extensions.Options;
using MimeKit;

namespace BotGeneric.Notifications.Email;

/// <summary>Makes a message of a delivery.</summary>
internal sealed class MailComposer(
    MailRenderer renderer, IOptions<EmailOptions> email, IOptions<OperatorOptions> operatorOptions, TimeProvider timeProvider)
{
    /// <summary>
    /// The <c>Message-ID</c> of a delivery, without angle brackets. It is made of the event, so it is the same at every attempt and in every
    /// process: should a message be sent twice, because a process died between the server's acceptance and our commit, mailboxes and people's
    /// programs recognise the second copy.
    /// </summary>
    public string MessageIdOf(Delivery delivery)
    {
        var from = new MailboxAddress(null, email.Value.From!).GetAddress(idnEncode: true);
        return delivery.MessageId ?? $"{delivery.EventId:N}@{from[(from.LastIndexOf('@') + 1)..]}";
    }

    /// <exception cref="TemplateException">The configuration has changed, and the values do not fit any more.</exception>
    public MimeMessage Compose(Delivery delivery, DeliveryContent content)
    {
        var mail = renderer.Render(delivery.Template, delivery.Language, content.Values);
        var message = new MimeMessage
        {
            MessageId = MessageIdOf(delivery),
            Date = timeProvider.GetUtcNow(),
            Subject = mail.Subject,
            Body = new BodyBuilder { TextBody = mail.Text, HtmlBody = mail.Html }.ToMessageBody(),
        };
        message.From.Add(new MailboxAddress(
            TemplateValues.Printable(string.IsNullOrWhiteSpace(email.Value.FromName) ? operatorOptions.Value.Name : email.Value.FromName), email.Value.From!));
        message.To.Add(MailAddress.Read(content.Address) ?? throw new TemplateException("address", "is not an e-mail address."));
        if (!string.IsNullOrEmpty(operatorOptions.Value.SupportEmail))
        {
            message.ReplyTo.Add(new MailboxAddress(null, operatorOptions.Value.SupportEmail));
        }

        // RFC 3834: no holiday note comes back; the second is what Exchange looks at.
        message.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        message.Headers.Add("X-Auto-Response-Suppress", "All");
        message.Body.Headers.Add(HeaderId.ContentLanguage, delivery.Language);
        return message;
    }
}

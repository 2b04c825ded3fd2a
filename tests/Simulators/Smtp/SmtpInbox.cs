using Microsoft.Extensions.Options;

namespace BotGeneric.Simulators.Smtp;

/// <summary>A message as it was received.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="ReceivedAt">When, UTC.</param>
/// <param name="MailFrom">The envelope's sender; empty for a bounce message.</param>
/// <param name="Recipients">The envelope's recipients.</param>
/// <param name="Raw">The message, without the dots that the transport adds.</param>
public sealed record ReceivedMail(Guid Id, DateTimeOffset ReceivedAt, string MailFrom, IReadOnlyList<string> Recipients, byte[] Raw);

/// <summary>What the simulated mail server has accepted, in memory.</summary>
/// <param name="options">How much is kept.</param>
public sealed class SmtpInbox(IOptions<SmtpSimulatorOptions> options)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<ReceivedMail> _mails = [];

    /// <summary>Adds a message.</summary>
    /// <param name="mail">The message.</param>
    public void Add(ReceivedMail mail)
    {
        lock (_gate)
        {
            _mails.AddFirst(mail);
            if (_mails.Count > options.Value.Kept)
            {
                _mails.RemoveLast();
            }
        }
    }

    /// <summary>The messages, the newest first.</summary>
    /// <param name="to">Only those to this address; null for all.</param>
    public IReadOnlyList<ReceivedMail> List(string? to = null)
    {
        lock (_gate)
        {
            return [.. _mails.Where(mail => to is null || mail.Recipients.Contains(to, StringComparer.OrdinalIgnoreCase))];
        }
    }

    /// <summary>One message; null when there is none of that id.</summary>
    /// <param name="id">Its id.</param>
    public ReceivedMail? Find(Guid id)
    {
        lock (_gate)
        {
            return _mails.FirstOrDefault(mail => mail.Id == id);
        }
    }

    /// <summary>Forgets all messages.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _mails.Clear();
        }
    }
}

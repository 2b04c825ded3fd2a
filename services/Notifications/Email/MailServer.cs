using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;

namespace BotGeneric.Notifications.Email;

/// <summary>How the server took a message.</summary>
internal enum SendVerdict
{
    /// <summary>It has it.</summary>
    Accepted,

    /// <summary>Not now.</summary>
    Later,

    /// <summary>Not this message, or not from us.</summary>
    Refused,

    /// <summary>There is no such address.</summary>
    AddressRefused,

    /// <summary>The server could not be reached or does not let us in, which says nothing about the message.</summary>
    Unavailable,
}

/// <summary>The answer to an attempt.</summary>
/// <param name="Verdict">What it means.</param>
/// <param name="StatusCode">The SMTP reply code, if there was a reply.</param>
/// <param name="Reason">Why, in words of ours: a server's own may quote the address.</param>
internal sealed record SendResult(SendVerdict Verdict, int? StatusCode, string? Reason);

/// <summary>Opens connections to the mail server and knows whether the last one could be used.</summary>
internal sealed class MailServer(IOptions<EmailOptions> options)
{
    private readonly MailTrust _trust = new(options.Value.TrustedCertificates);
    private volatile string? _trouble;

    /// <summary>Why the server could not be used the last time; null when it could or was not tried yet.</summary>
    public string? Trouble => _trouble;

    /// <summary>A connection for some messages; it connects with the first.</summary>
    public MailConnection Open() => new(options.Value, _trust, trouble => _trouble = trouble);
}

/// <summary>One connection, used for one message after another. MailKit's protocol log, which would hold all content, is never attached.</summary>
internal sealed class MailConnection(EmailOptions options, MailTrust trust, Action<string?> report) : IAsyncDisposable
{
    private const int MailboxFull = 552;
    private SmtpClient? _client;
    private string? _certificateFault;

    public async Task<SendResult> SendAsync(MimeMessage message, CancellationToken cancellationToken)
    {
        SmtpClient client;
        try
        {
            client = await ConnectAsync(cancellationToken);
            report(null);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && Unavailable(exception) is { } unavailable)
        {
            report(unavailable.Reason);
            Abandon();
            return unavailable;
        }

        try
        {
            var mailbox = message.To.Mailboxes.First();
            var format = FormatOptions.Default.Clone();
            format.International = mailbox.IsInternational && client.Capabilities.HasFlag(SmtpCapabilities.UTF8);
            await client.SendAsync(format, message, cancellationToken);
            return new SendResult(SendVerdict.Accepted, 250, null);
        }
        catch (SmtpCommandException exception)
        {
            // 421: the server closes; anything else leaves the connection usable, but MailKit has not always reset it.
            Abandon();
            return Judge(exception.ErrorCode, (int)exception.StatusCode, Enhanced(exception.Message));
        }
        catch (NotSupportedException)
        {
            Abandon();
            return new SendResult(SendVerdict.Refused, null, "the server does not support addresses beyond ASCII");
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && Unavailable(exception) is { } broken)
        {
            Abandon();
            return broken with { Verdict = SendVerdict.Later };
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is { IsConnected: true } client)
        {
            try
            {
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
                await client.DisconnectAsync(quit: true, patience.Token);
            }
            catch (Exception exception) when (exception is IOException or SocketException or ProtocolException or OperationCanceledException)
            {
                // The farewell is a courtesy.
            }
        }

        Abandon();
    }

    /// <summary>
    /// What a refusal means. Only a refusal of the recipient is a bounce, and not when it is a matter of policy (5.7.x: relaying, reputation) or of a
    /// full mailbox: those addresses exist.
    /// </summary>
    internal static SendResult Judge(SmtpErrorCode step, int status, string? enhanced)
    {
        var (subject, isRecipient) = step switch
        {
            SmtpErrorCode.RecipientNotAccepted => ("the recipient", true),
            SmtpErrorCode.SenderNotAccepted => ("the sender", false),
            _ => ("the message", false),
        };
        var code = enhanced is null ? string.Empty : $" ({enhanced})";
        if (status < 500 || (isRecipient && status == MailboxFull))
        {
            return new SendResult(SendVerdict.Later, status, $"{subject} was put off{code}");
        }

        var isAddress = isRecipient && enhanced?.StartsWith("5.7.", StringComparison.Ordinal) is not true && status is not (530 or 535);
        return new SendResult(isAddress ? SendVerdict.AddressRefused : SendVerdict.Refused, status, $"{subject} was refused{code}");
    }

    /// <summary>The enhanced status code that a reply begins with (RFC 3463), such as <c>5.1.1</c>.</summary>
    private static string? Enhanced(string reply)
    {
        var first = reply.AsSpan().TrimStart();
        var end = first.IndexOfAny(' ', '\r', '\n');
        var code = (end < 0 ? first : first[..end]).ToString();
        return code.Length is >= 5 and <= 11 && code[0] is '2' or '4' or '5' && code.Count(letter => letter == '.') == 2
            && code.All(letter => char.IsAsciiDigit(letter) || letter == '.')
            ? code
            : null;
    }

    private async Task<SmtpClient> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_client is { IsConnected: true })
        {
            return _client;
        }

        Abandon();
        _certificateFault = null;
        var client = _client = new SmtpClient
        {
            Timeout = (int)options.Timeout.TotalMilliseconds,
            ServerCertificateValidationCallback = (_, certificate, chain, errors) => (_certificateFault = trust.Fault(certificate, chain, errors)) is null,
        };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.Timeout);
        await client.ConnectAsync(options.Host!, options.Port, Encryption(options.Security), patience.Token);
        if (!string.IsNullOrEmpty(options.User))
        {
            if (!client.IsSecure && options.Security != EmailSecurity.None)
            {
                throw new AuthenticationException("Not encrypted.");
            }

            await client.AuthenticateAsync(options.User, options.Password!, patience.Token);
        }

        return client;
    }

    private static SecureSocketOptions Encryption(EmailSecurity security) => security switch
    {
        EmailSecurity.None => SecureSocketOptions.None,
        EmailSecurity.StartTls => SecureSocketOptions.StartTls,
        EmailSecurity.Tls => SecureSocketOptions.SslOnConnect,
        _ => SecureSocketOptions.Auto,
    };

    private SendResult? Unavailable(Exception exception) => exception switch
    {
        SmtpCommandException command => new(SendVerdict.Unavailable, (int)command.StatusCode, "the server does not take messages"),
        AuthenticationException => new(SendVerdict.Unavailable, null, "the server refused the sign-in, or encryption that it needs is missing"),
        SslHandshakeException => new(SendVerdict.Unavailable, null, _certificateFault ?? "the connection could not be encrypted"),
        // StartTls was demanded and is not offered, or the server knows no way to sign in that we know.
        NotSupportedException => new(SendVerdict.Unavailable, null, "the server does not offer the encryption or sign-in that is configured"),
        OperationCanceledException or TimeoutException => new(SendVerdict.Unavailable, null, "the server did not answer in time"),
        ProtocolException or ServiceNotConnectedException => new(SendVerdict.Unavailable, null, "the connection was lost"),
        IOException or SocketException => new(SendVerdict.Unavailable, null, "the server could not be reached"),
        _ => null,
    };

    private void Abandon()
    {
        _client?.Dispose();
        _client = null;
    }
}

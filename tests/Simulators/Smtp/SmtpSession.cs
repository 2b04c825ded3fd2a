using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace BotGeneric.Simulators.Smtp;

/// <summary>
/// One client, from greeting to farewell (RFC 5321), with PIPELINING, SIZE, 8BITMIME, SMTPUTF8, ENHANCEDSTATUSCODES and, when configured, AUTH
/// and STARTTLS (RFC 3207). As strict as a real server that minds its reputation.
/// </summary>
internal sealed partial class SmtpSession(
    Stream stream, SmtpSimulatorOptions options, X509Certificate2? certificate, SmtpInbox inbox, SmtpScenarios scenarios, TimeProvider timeProvider)
    : IAsyncDisposable
{
    // RFC 5321, 4.5.3.1: 512 for a command, more with extensions; 1000 for a line of text.
    private const int LongestCommand = 1024;
    private const int LongestTextLine = 1000;
    private const int MostRecipients = 100;
    private const int MostErrors = 20;

    private readonly List<string> _recipients = [];
    private Stream _stream = stream;
    private SmtpLines _lines = new(stream, options.IdleTimeout);
    private SslStream? _encrypted;
    private string? _from;
    private bool _greeted;
    private bool _signedIn;
    private int _errors;

    public async ValueTask DisposeAsync()
    {
        await _lines.DisposeAsync();
        if (_encrypted is not null)
        {
            await _encrypted.DisposeAsync();
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await ReplyAsync("220 localhost ESMTP Bot-Generic simulator", cancellationToken);
        while (await _lines.ReadAsync(LongestCommand, cancellationToken) is { } line)
        {
            if (!await HandleAsync(line, cancellationToken))
            {
                return;
            }

            if (_errors > MostErrors)
            {
                await ReplyAsync("421 4.7.0 Too many errors", cancellationToken);
                return;
            }
        }
    }

    private async Task<bool> HandleAsync(SmtpLine line, CancellationToken cancellationToken)
    {
        if (line.Fault != LineFault.None)
        {
            return await ReplyAsync(line.Fault == LineFault.TooLong ? "500 5.5.6 The line is too long" : "500 5.5.2 A line ends with CRLF", cancellationToken);
        }

        var (verb, argument) = line.Text.Split(' ', 2) is [var first, var rest] ? (first.ToUpperInvariant(), rest.Trim()) : (line.Text.ToUpperInvariant(), "");
        return verb switch
        {
            "EHLO" or "HELO" => await HelloAsync(verb, argument, cancellationToken),
            "AUTH" => await AuthenticateAsync(argument, cancellationToken),
            "MAIL" => await ReplyAsync(Mail(argument), cancellationToken),
            "RCPT" => await ReplyAsync(Recipient(argument), cancellationToken),
            "DATA" => await DataAsync(argument, cancellationToken),
            "RSET" => await ReplyAsync(argument.Length == 0 ? Reset() : "501 5.5.4 RSET has no argument", cancellationToken),
            "NOOP" => await ReplyAsync("250 2.0.0 OK", cancellationToken),
            "VRFY" => await ReplyAsync("252 2.5.2 Send it and see", cancellationToken),
            "STARTTLS" => await EncryptAsync(argument, cancellationToken),
            "QUIT" => await QuitAsync(cancellationToken),
            _ => await ReplyAsync("500 5.5.2 The command is not known", cancellationToken),
        };
    }

    private async Task<bool> HelloAsync(string verb, string name, CancellationToken cancellationToken)
    {
        if (name.Length == 0)
        {
            return await ReplyAsync($"501 5.5.4 Syntax: {verb} name", cancellationToken);
        }

        Reset();
        _greeted = true;
        if (verb == "HELO")
        {
            return await ReplyAsync("250 localhost", cancellationToken);
        }

        string[] extensions =
        [
            "localhost", "PIPELINING", $"SIZE {options.MaximumBytes}", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES",
            .. OffersEncryption ? ["STARTTLS"] : Array.Empty<string>(), .. OffersSignIn ? ["AUTH PLAIN LOGIN"] : Array.Empty<string>(),
        ];
        return await ReplyAsync(
            string.Join("\r\n", extensions.Select((extension, index) => $"250{(index == extensions.Length - 1 ? ' ' : '-')}{extension}")), cancellationToken);
    }

    private string Mail(string argument)
    {
        if (!_greeted)
        {
            return "503 5.5.1 Say EHLO first";
        }

        if (MustEncryptFirst)
        {
            return "530 5.7.0 Encrypt first: STARTTLS";
        }

        if (WantsSignIn && !_signedIn)
        {
            return "530 5.7.0 Sign in first";
        }

        if (_from is not null)
        {
            return "503 5.5.1 There is a sender already";
        }

        var path = SmtpPath.Read(argument, "FROM", mayBeEmpty: true);
        if (path.Error is not null)
        {
            return path.Error;
        }

        if (path.Size > options.MaximumBytes)
        {
            return "552 5.3.4 The message is too large";
        }

        _from = path.Address;
        return "250 2.1.0 OK";
    }

    private string Recipient(string argument)
    {
        if (_from is null)
        {
            return "503 5.5.1 Say MAIL first";
        }

        var path = SmtpPath.Read(argument, "TO", mayBeEmpty: false);
        if (path.Error is not null)
        {
            return path.Error;
        }

        if (_recipients.Count == MostRecipients)
        {
            return "452 4.5.3 Too many recipients";
        }

        switch (scenarios.Take(path.Address, SmtpTrouble.Bounce, SmtpTrouble.Policy, SmtpTrouble.Busy)?.Trouble)
        {
            case SmtpTrouble.Bounce:
                return $"550 5.1.1 <{path.Address}>: there is no such mailbox";
            case SmtpTrouble.Policy:
                return $"550 5.7.1 <{path.Address}>: not accepted from you";
            case SmtpTrouble.Busy:
                return $"451 4.3.0 <{path.Address}>: try again later";
            default:
                _recipients.Add(path.Address);
                return "250 2.1.5 OK";
        }
    }

    private async Task<bool> DataAsync(string argument, CancellationToken cancellationToken)
    {
        if (argument.Length > 0)
        {
            return await ReplyAsync("501 5.5.4 DATA has no argument", cancellationToken);
        }

        if (_from is null || _recipients.Count == 0)
        {
            return await ReplyAsync(_from is null ? "503 5.5.1 Say MAIL first" : "554 5.5.1 There are no recipients", cancellationToken);
        }

        await ReplyAsync("354 End with <CRLF>.<CRLF>", cancellationToken);
        using var message = new MemoryStream();
        string? fault = null;
        while (true)
        {
            if (await _lines.ReadAsync(LongestTextLine + 1, cancellationToken) is not { } line || _recipients.Any(to => scenarios.Take(to, SmtpTrouble.Drop) is not null))
            {
                return false;
            }

            if (line is { Fault: LineFault.None, Bytes: [(byte)'.'] })
            {
                break;
            }

            var stuffed = line.Bytes is [(byte)'.', ..];
            fault ??= line.Fault switch
            {
                LineFault.TooLong => "500 5.6.0 A line of the message is longer than 998 characters",
                LineFault.BareBreak => "550 5.6.0 A line of the message does not end with CRLF",
                _ when line.Bytes.Length + 2 - (stuffed ? 1 : 0) > LongestTextLine => "500 5.6.0 A line of the message is longer than 998 characters",
                _ when message.Length > options.MaximumBytes => "552 5.3.4 The message is too large",
                _ => null,
            };
            if (fault is null)
            {
                // The sender doubles a dot at the start of a line (RFC 5321, 4.5.2).
                message.Write(stuffed ? line.Bytes.AsSpan(1) : line.Bytes);
                message.Write("\r\n"u8);
            }
        }

        return await AcceptAsync(fault, message, cancellationToken);
    }

    private async Task<bool> AcceptAsync(string? fault, MemoryStream message, CancellationToken cancellationToken)
    {
        foreach (var slow in _recipients.Select(to => scenarios.Take(to, SmtpTrouble.Slow)).OfType<SmtpScenario>())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(slow.DelayMilliseconds), timeProvider, cancellationToken);
        }

        if (fault is null && _recipients.Any(to => scenarios.Take(to, SmtpTrouble.Refuse) is not null))
        {
            fault = "554 5.6.0 The message is refused";
        }

        if (fault is not null)
        {
            Reset();
            return await ReplyAsync(fault, cancellationToken);
        }

        var now = timeProvider.GetUtcNow();
        var mail = new ReceivedMail(Guid.CreateVersion7(now), now, _from!, [.. _recipients], message.ToArray());
        inbox.Add(mail);
        if (_recipients.Any(to => scenarios.Take(to, SmtpTrouble.Lost) is not null))
        {
            return false;
        }

        Reset();
        return await ReplyAsync($"250 2.0.0 OK {mail.Id:N}", cancellationToken);
    }

    private async Task<bool> QuitAsync(CancellationToken cancellationToken)
    {
        await ReplyAsync("221 2.0.0 Bye", cancellationToken);
        return false;
    }

    private string Reset()
    {
        _from = null;
        _recipients.Clear();
        return "250 2.0.0 OK";
    }

    private async Task<bool> ReplyAsync(string reply, CancellationToken cancellationToken)
    {
        if (reply[0] == '5')
        {
            _errors++;
        }

        await _stream.WriteAsync(Encoding.UTF8.GetBytes(reply + "\r\n"), cancellationToken);
        return true;
    }
}

using System.Net.Security;
using System.Security.Authentication;
using System.Text;

namespace BotGeneric.Simulators.Smtp;

// Encryption and signing in.
internal sealed partial class SmtpSession
{
    private bool WantsSignIn => !string.IsNullOrEmpty(options.User);

    // A password never travels in the clear where it need not.
    private bool OffersSignIn => WantsSignIn && (_encrypted is not null || certificate is null);

    private bool OffersEncryption => certificate is not null && _encrypted is null;

    private bool MustEncryptFirst => OffersEncryption && options.Encryption == SmtpEncryption.Required;

    private async Task<bool> EncryptAsync(string argument, CancellationToken cancellationToken)
    {
        if (certificate is null)
        {
            return await ReplyAsync("502 5.5.1 STARTTLS is not offered", cancellationToken);
        }

        if (argument.Length > 0)
        {
            return await ReplyAsync("501 5.5.4 STARTTLS has no argument", cancellationToken);
        }

        if (!_greeted || _encrypted is not null || _from is not null)
        {
            return await ReplyAsync("503 5.5.1 Not now", cancellationToken);
        }

        // Commands that came in the clear must not be taken for commands that came encrypted (CVE-2011-0411).
        if (_lines.HasMore())
        {
            await ReplyAsync("503 5.5.1 Nothing may follow STARTTLS before its answer", cancellationToken);
            return false;
        }

        await ReplyAsync("220 2.0.0 Ready", cancellationToken);
        var encrypted = new SslStream(_stream, leaveInnerStreamOpen: true);
        _encrypted = encrypted;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.IdleTimeout);
        await encrypted.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificate = certificate,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            },
            patience.Token);
        await _lines.DisposeAsync();
        (_stream, _lines) = (encrypted, new SmtpLines(encrypted, options.IdleTimeout));
        // What was said before does not count any more (RFC 3207, 4.2).
        Reset();
        (_greeted, _signedIn) = (false, false);
        return true;
    }

    private async Task<bool> AuthenticateAsync(string argument, CancellationToken cancellationToken)
    {
        if (!WantsSignIn)
        {
            return await ReplyAsync("502 5.5.1 AUTH is not offered", cancellationToken);
        }

        if (!OffersSignIn)
        {
            return await ReplyAsync("538 5.7.11 Encrypt first: STARTTLS", cancellationToken);
        }

        if (!_greeted || _signedIn || _from is not null)
        {
            return await ReplyAsync("503 5.5.1 Not now", cancellationToken);
        }

        var parts = argument.Split(' ', 2);
        var initial = parts.Length == 2 ? parts[1] : null;
        var (user, password) = parts[0].ToUpperInvariant() switch
        {
            "PLAIN" => (initial ?? await AskAsync("334 ", cancellationToken)) is { } plain && Decode(plain)?.Split('\0') is [_, var name, var secret] ? (name, secret) : (null, null),
            "LOGIN" => (Decode(initial ?? await AskAsync("334 VXNlcm5hbWU6", cancellationToken)), Decode(await AskAsync("334 UGFzc3dvcmQ6", cancellationToken))),
            _ => ("", null),
        };
        if (user is "" && password is null)
        {
            return await ReplyAsync("504 5.5.4 AUTH PLAIN or AUTH LOGIN", cancellationToken);
        }

        if (user is null || password is null)
        {
            return await ReplyAsync("501 5.5.2 That is not what the mechanism wants", cancellationToken);
        }

        _signedIn = user == options.User && password == options.Password;
        return await ReplyAsync(_signedIn ? "235 2.7.0 Welcome" : "535 5.7.8 Wrong name or password", cancellationToken);
    }

    private async Task<string?> AskAsync(string challenge, CancellationToken cancellationToken)
    {
        await ReplyAsync(challenge, cancellationToken);
        return await _lines.ReadAsync(LongestCommand, cancellationToken) is { Fault: LineFault.None } line && line.Text != "*" ? line.Text : null;
    }

    private static string? Decode(string? base64)
    {
        var buffer = new byte[LongestCommand];
        return base64 is not null && Convert.TryFromBase64String(base64, buffer, out var length) ? Encoding.UTF8.GetString(buffer, 0, length) : null;
    }
}

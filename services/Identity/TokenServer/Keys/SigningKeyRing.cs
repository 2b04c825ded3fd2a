using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;

namespace BotGeneric.Identity.TokenServer.Keys;

/// <summary>
/// The keys that this process works with: those in use first, then those announced and retained. When they change, the token server's options are built
/// anew, so a key that another replica made takes effect here without a restart.
/// </summary>
internal sealed class SigningKeyRing : IOptionsChangeTokenSource<OpenIddictServerOptions>, IConfigureOptions<OpenIddictServerOptions>
{
    private CancellationTokenSource _changed = new();
    private volatile KeySet _keys = KeySet.Empty;

    public string Name => Options.DefaultName;

    public KeySet Keys => _keys;

    public IChangeToken GetChangeToken() => new CancellationChangeToken(_changed.Token);

    /// <summary>Works with other keys from now on; the same ones change nothing.</summary>
    public void Use(KeySet keys)
    {
        if (keys.Fingerprint == _keys.Fingerprint)
        {
            return;
        }

        _keys = keys;
        var before = Interlocked.Exchange(ref _changed, new CancellationTokenSource());
        before.Cancel();
        before.Dispose();
    }

    public void Configure(OpenIddictServerOptions options)
    {
        var keys = _keys;
        options.SigningCredentials.AddRange(keys.Signing);
        options.EncryptionCredentials.AddRange(keys.Encryption);
    }
}

/// <summary>Keys in the order of preference: the one to use for an algorithm is the first of it.</summary>
/// <param name="Signing">Keys that sign, and public halves that anybody may fetch.</param>
/// <param name="Encryption">Keys for what only the token server reads.</param>
/// <param name="Fingerprint">Equal for equal keys in equal order.</param>
internal sealed record KeySet(IReadOnlyList<SigningCredentials> Signing, IReadOnlyList<EncryptingCredentials> Encryption, string Fingerprint)
{
    public static KeySet Empty { get; } = new([], [], string.Empty);
}

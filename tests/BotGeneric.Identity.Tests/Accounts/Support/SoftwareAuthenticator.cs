using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace BotGeneric.Identity.Tests.Accounts.Support;

/// <summary>An authenticator in software: one ES256 key, attestation "none", a counter (WebAuthn level 3, section 6).</summary>
internal sealed class SoftwareAuthenticator(string origin, string relyingParty) : IDisposable
{
    private const byte UserPresent = 0x01;
    private const byte UserVerified = 0x04;
    private const byte HasCredential = 0x40;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _id = RandomNumberGenerator.GetBytes(32);
    private string? _userHandle;
    private uint _counter;

    public bool VerifiesUser { get; set; } = true;

    public string Origin { get; set; } = origin;

    public string Id => Base64Url.EncodeToString(_id);

    public object Create(JsonElement options)
    {
        _userHandle = options.GetProperty("user").GetProperty("id").GetString();
        var parameters = _key.ExportParameters(false);
        // COSE_Key: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}
        byte[] coseKey = [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20, .. parameters.Q.X!, 0x22, 0x58, 0x20, .. parameters.Q.Y!];
        byte[] credential = [.. new byte[16], 0, (byte)_id.Length, .. _id, .. coseKey];
        byte[] data = [.. AuthenticatorData(HasCredential), .. credential];
        byte[] attestation = [0xA3, .. Text("fmt"), .. Text("none"), .. Text("attStmt"), 0xA0, .. Text("authData"), 0x58, (byte)data.Length, .. data];
        return Credential(new { clientDataJSON = Encode(ClientData("webauthn.create", options)), attestationObject = Encode(attestation), transports = new[] { "internal" } });
    }

    public object Get(JsonElement options)
    {
        _counter++;
        var data = AuthenticatorData(0);
        var client = ClientData("webauthn.get", options);
        var signature = _key.SignData([.. data, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return Credential(new { clientDataJSON = Encode(client), authenticatorData = Encode(data), signature = Encode(signature), userHandle = _userHandle });
    }

    public void Dispose() => _key.Dispose();

    private static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);

    private static byte[] Text(string text) => [(byte)(0x60 | text.Length), .. Encoding.ASCII.GetBytes(text)];

    private object Credential(object response) => new { id = Id, rawId = Id, type = "public-key", authenticatorAttachment = "platform", clientExtensionResults = new { }, response };

    private byte[] ClientData(string type, JsonElement options) => JsonSerializer.SerializeToUtf8Bytes(
        new { type, challenge = options.GetProperty("challenge").GetString(), origin = Origin, crossOrigin = false });

    private byte[] AuthenticatorData(byte flags)
    {
        var counter = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(counter, _counter);
        flags |= UserPresent;
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(relyingParty)), (byte)(VerifiesUser ? flags | UserVerified : flags), .. counter];
    }
}

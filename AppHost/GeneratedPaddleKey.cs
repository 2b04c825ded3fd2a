using System.Security.Cryptography;

namespace BotGeneric.AppHost;

/// <summary>A random key in the format of Paddle's sandbox keys, for the simulated Paddle.</summary>
internal sealed class GeneratedPaddleKey : ParameterDefault
{
    private const string Lower = "0123456789abcdefghjkmnpqrstvwxyz";
    private const string Mixed = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int Length = 70;

    /// <inheritdoc />
    public override string GetDefaultValue() =>
        $"pdl_sdbx_apikey_{RandomNumberGenerator.GetString(Lower, 26)}_{RandomNumberGenerator.GetString(Mixed, 22)}_{RandomNumberGenerator.GetString(Mixed, 3)}";

    /// <inheritdoc />
    public override void WriteToManifest(ManifestPublishingContext context)
    {
        // A manifest can only ask for random characters, which make no key; who deploys has a real one anyway.
        context.Writer.WriteStartObject("generate");
        context.Writer.WriteNumber("minLength", Length);
        context.Writer.WriteBoolean("special", false);
        context.Writer.WriteEndObject();
    }
}

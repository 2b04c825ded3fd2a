using BotGeneric.Contracts.Identity;

namespace BotGeneric.AppHost;

/// <summary>A random API key in the format of the system, checksum included.</summary>
internal sealed class GeneratedApiKey : ParameterDefault
{
    /// <inheritdoc />
    public override string GetDefaultValue() => ApiKeyFormat.Generate();

    /// <inheritdoc />
    public override void WriteToManifest(ManifestPublishingContext context)
    {
        // A manifest can only ask for random characters, which make no key; the identity service then says so at its start.
        context.Writer.WriteStartObject("generate");
        context.Writer.WriteNumber("minLength", ApiKeyFormat.Length);
        context.Writer.WriteBoolean("special", false);
        context.Writer.WriteEndObject();
    }
}

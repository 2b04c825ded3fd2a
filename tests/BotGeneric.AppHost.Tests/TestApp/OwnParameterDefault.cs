using BotGeneric.AppHost.Native;

namespace BotGeneric.AppHost.TestApp;

/// <summary>A default of an app model's own.</summary>
internal sealed class OwnParameterDefault : ParameterDefault
{
    public override string GetDefaultValue() => $"own-{Guid.CreateVersion7():N}";

    public override void WriteToManifest(ManifestPublishingContext context) => context.Writer.WriteNull("generate");
}

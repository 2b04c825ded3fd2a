namespace BotGeneric.Gateway.Keys;

/// <summary>API keys.</summary>
internal static class KeyExtensions
{
    internal static void AddKeys(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<KeyCacheOptions>()
            .BindConfiguration(KeyCacheOptions.SectionName)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<KeyResolver>();
    }
}

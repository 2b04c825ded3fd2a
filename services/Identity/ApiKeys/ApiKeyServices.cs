namespace BotGeneric.Identity.ApiKeys;

/// <summary>API keys: what the service needs for them, and where they are reached.</summary>
public static class ApiKeyServices
{
    /// <summary>Registers API keys.</summary>
    /// <param name="builder">The service being built.</param>
    public static void AddApiKeys(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<ApiKeyOptions>().BindConfiguration(ApiKeyOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddScoped<KeyRules>();
        builder.Services.AddScoped<ApiKeyService>();
        builder.Services.AddScoped<ApiKeyLookup>();
    }

    /// <summary>Maps the API and the pages of keys.</summary>
    /// <param name="app">The service.</param>
    public static void MapApiKeys(this IEndpointRouteBuilder app)
    {
        app.MapKeysApi();
        app.MapKeyPages();
    }
}

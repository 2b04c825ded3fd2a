using BotGeneric.WebUi.Http;

namespace BotGeneric.Identity.Merging;

/// <summary>One account of two: what the service needs for it, and where it is reached.</summary>
public static class MergingServices
{
    /// <summary>Registers it.</summary>
    /// <param name="builder">The service being built.</param>
    public static void AddMerging(this WebApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddScoped<MergeIntents>();
        builder.Services.AddScoped<MergePlans>();
        builder.Services.AddScoped<AccountMove>();
        builder.Services.AddSingleton<AccountMerger>();
    }

    /// <summary>Maps its pages.</summary>
    /// <param name="app">The service.</param>
    public static void MapMerging(this IEndpointRouteBuilder app) => app.MapPageGroup().MapMergePages();
}

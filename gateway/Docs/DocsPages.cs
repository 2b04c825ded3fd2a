using BotGeneric.Gateway.Routing;
using BotGeneric.Gateway.Security;
using BotGeneric.ServiceDefaults.OpenApi;
using NetEscapades.AspNetCore.SecurityHeaders;
using Scalar.AspNetCore;

namespace BotGeneric.Gateway.Docs;

/// <summary><c>/docs</c>: one page for the HTTP API of every service. Its script comes from here, not from somebody else's server.</summary>
internal static class DocsPages
{
    private const string GatewayDocument = "gateway";
    private const string DocumentPattern = "/docs/openapi/{documentName}.json";

    internal static void AddDocs(this WebApplicationBuilder builder) =>
        builder.Services.AddOpenApi(ServiceOpenApi.DocumentName, options =>
        {
            ServiceOpenApi.Describe(options);
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.Info.Title = "Gateway";
                document.Info.Description = "What the gateway answers itself. Everything else is answered by the services behind it.";
                return Task.CompletedTask;
            });
        });

    internal static void MapDocs(this WebApplication app)
    {
        app.MapOpenApi(DocumentPattern.Replace("{documentName}", GatewayDocument, StringComparison.Ordinal))
            .AllowAnonymous()
            .ExcludeFromDescription();
        app.MapScalarApiReference("/docs", Configure)
            .WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]))
            .AllowAnonymous()
            .WithMetadata(new OwnPage())
            .WithSecurityHeadersPolicy(EdgeHeaders.DocsPolicy);
    }

    private static void Configure(ScalarOptions options, HttpContext context)
    {
        options
            .WithTitle("Bot-Generic API")
            .WithOpenApiRoutePattern(DocumentPattern)
            .WithNonce(context.GetNonce())
            .WithDynamicBaseServerUrl()
            .DisableDefaultFonts()
            .DisableTelemetry()
            .DisableAgent()
            .HideClientButton();
        // Its toolbar offers to share, to generate and to deploy with a server of its maker.
        options.ShowDeveloperTools = DeveloperToolsVisibility.Never;
        foreach (var service in ServiceNames.WithApi)
        {
            options.AddDocument(service, Title(service));
        }

        options.AddDocument(GatewayDocument, Title(GatewayDocument));
    }

    private static string Title(string name) => $"{char.ToUpperInvariant(name[0])}{name[1..]}";
}
